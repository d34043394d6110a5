// Dex's server over its in-memory storage. Dex's own command needs the module github.com/dexidp/dex/api/v2 of the same
// commit, which no release has; its server does not.
package main

import (
	"context"
	"encoding/json"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	gosundheit "github.com/AppsFlyer/go-sundheit"
	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/server/connectors"
	"github.com/dexidp/dex/server/session"
	"github.com/dexidp/dex/server/signer"
	"github.com/dexidp/dex/server/tokens"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
	"github.com/dexidp/dex/web"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/bcrypt"
)

type settings struct {
	Issuer   string             `json:"issuer"`
	Listen   string             `json:"listen"`
	TLSCert  string             `json:"tlsCert"`
	TLSKey   string             `json:"tlsKey"`
	Clients  []storage.Client   `json:"clients"`
	Password string             `json:"password"`
	Users    []storage.Password `json:"users"`
}

func main() {
	content, err := os.ReadFile(os.Args[1])
	check(err)
	var s settings
	check(json.Unmarshal(content, &s))
	logger := slog.New(slog.NewTextHandler(os.Stdout, nil))
	ctx := context.Background()
	hash, err := bcrypt.GenerateFromPassword([]byte(s.Password), bcrypt.DefaultCost)
	check(err)
	for i := range s.Users {
		s.Users[i].Hash = hash
	}
	store := storage.WithStaticPasswords(storage.WithStaticClients(memory.New(logger), s.Clients), s.Users, logger)
	local := storage.Connector{ID: connectors.LocalConnector, Name: "Email", Type: connectors.LocalConnector}
	store = storage.WithStaticConnectors(store, []storage.Connector{local})
	rotation := signer.LocalConfig{KeysRotationPeriod: "24h"}
	keys, err := rotation.Open(ctx, store, time.Hour, time.Now, logger)
	check(err)
	refresh, err := tokens.NewRefreshTokenPolicy(logger, false, "", "", "")
	check(err)
	handler, err := server.NewServer(ctx, server.Config{
		Issuer:             s.Issuer,
		Storage:            store,
		Signer:             keys,
		SkipApprovalScreen: true,
		IDTokensValidFor:   time.Hour,
		RefreshTokenPolicy: refresh,
		SessionConfig: &session.Config{
			CookieName:                 "dex_session",
			AbsoluteLifetime:           24 * time.Hour,
			ValidIfNotUsedFor:          time.Hour,
			RememberMeCheckedByDefault: true,
		},
		Web:                server.WebConfig{WebFS: web.FS()},
		Logger:             logger,
		PrometheusRegistry: prometheus.NewRegistry(),
		HealthChecker:      gosundheit.New(),
	})
	check(err)
	keys.Start(ctx)
	check(http.ListenAndServeTLS(s.Listen, s.TLSCert, s.TLSKey, handler))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
