import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startOidcServer } from './oidc-server.ts'
import type { OidcClient, OidcPlace, OidcServer, OidcServerOptions } from './oidc-server.ts'

/** What oidc-provider-process.ts reads. */
export interface OidcProviderSettings extends OidcPlace, OidcServerOptions {
  /** As the package takes them. */
  readonly registrations: readonly object[]
  readonly jwks: { readonly keys: readonly object[] }
}

/**
 * Starts the npm package oidc-provider in a process of its own: PKCE, userinfo, RP-initiated and back-channel logout. Its ID tokens
 * have no more than the subject; the rest is in the userinfo. It sends `iss` (RFC 9207).
 */
export function startOidcProvider(options: OidcServerOptions): Promise<OidcServer> {
  return startOidcServer({
    name: 'oidc-provider',
    path: '',
    async prepare(place) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const keys = [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }]
      const registrations = options.clients.map(registration)
      const settings: OidcProviderSettings = { ...place, ...options, registrations, jwks: { keys } }
      const path = join(place.folder, 'settings.json')
      await writeFile(path, JSON.stringify(settings), { mode: 0o600 })
      return { command: process.execPath, args: [join(import.meta.dirname, 'oidc-provider-process.ts'), path] }
    },
  })
}

function registration(client: OidcClient): object {
  const { id, secret, redirectUris, postLogoutRedirectUris, backchannelLogoutUri } = client
  return {
    client_id: id,
    ...(secret === undefined ? { token_endpoint_auth_method: 'none' } : { client_secret: secret }),
    redirect_uris: redirectUris,
    ...(postLogoutRedirectUris === undefined ? {} : { post_logout_redirect_uris: postLogoutRedirectUris }),
    ...(backchannelLogoutUri === undefined
      ? {}
      : { backchannel_logout_uri: backchannelLogoutUri, backchannel_logout_session_required: true }),
  }
}
