import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dexBinary } from './binaries.ts'
import type { Progress } from './binaries.ts'
import { startOidcServer } from './oidc-server.ts'
import type { OidcClient, OidcServer, OidcServerOptions } from './oidc-server.ts'

/**
 * Starts Dex (built first where it is missing) with users of its own and its state in memory. Its ID tokens have all claims. It sends
 * no `iss` (RFC 9207).
 */
export function startDex(options: OidcServerOptions, onProgress: Progress = () => undefined): Promise<OidcServer> {
  return startOidcServer({
    name: 'dex',
    path: '/dex',
    async prepare({ folder, issuer, port, password, certificateFile, keyFile }) {
      const settings = {
        issuer,
        listen: `127.0.0.1:${port}`,
        tlsCert: certificateFile,
        tlsKey: keyFile,
        clients: options.clients.map(clientOf),
        password,
        users: options.users.map(({ username, name, email, emailVerified = true, groups = [] }) => {
          return { userID: username, username, name, preferredUsername: username, email, emailVerified, groups }
        }),
      }
      const path = join(folder, 'settings.json')
      await writeFile(path, JSON.stringify(settings), { mode: 0o600 })
      return { command: await dexBinary(onProgress), args: [path] }
    },
  })
}

function clientOf(client: OidcClient): object {
  const { id, secret, redirectUris, postLogoutRedirectUris = [], backchannelLogoutUri = '' } = client
  return {
    id,
    name: id,
    redirectURIs: redirectUris,
    postLogoutRedirectURIs: postLogoutRedirectUris,
    backchannelLogoutURI: backchannelLogoutUri,
    ...(secret === undefined ? { public: true } : { secret }),
  }
}
