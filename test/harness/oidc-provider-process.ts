/** The npm package oidc-provider as a process: `node oidc-provider-process.ts <settings.json>`. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { text } from 'node:stream/consumers'
import { Provider } from 'oidc-provider'
import type { KoaContext } from 'oidc-provider'
import type { OidcProviderSettings } from './oidc-provider.ts'
import type { OidcUser } from './oidc-server.ts'

const settings = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as OidcProviderSettings
const scopes = 'openid profile email groups'

const provider: Provider = new Provider(settings.issuer, {
  clients: settings.registrations,
  jwks: settings.jwks,
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  scopes: scopes.split(' '),
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  // Its own protection refuses the loopback, where the tests listen.
  fetch: (url: string, { method = 'GET', body = null, headers = {} }: RequestInit) =>
    fetch(url, { method, body, headers }),
  interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  findAccount: (_context: unknown, sub: string) => {
    const user = settings.users.find((each) => each.username === sub)
    return user === undefined ? undefined : { accountId: sub, claims: () => claimsOf(user) }
  },
  async loadExistingGrant({ oidc }: KoaContext) {
    const grant = new provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId })
    grant.addOIDCScope(scopes)
    await grant.save()
    return grant
  },
})

function claimsOf({ email, emailVerified = true, username, name, groups = [] }: OidcUser): object {
  return { sub: username, email, email_verified: emailVerified, preferred_username: username, name, groups }
}

async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') {
    const form = '<form method="post"><input name="login"><input name="password" type="password"></form>'
    response.setHeader('content-type', 'text/html').end(form)
    return
  }
  const form = new URLSearchParams(await text(request))
  const user = settings.users.find(({ email }) => email === form.get('login'))
  const isRight = user !== undefined && form.get('password') === settings.password
  const denied = { error: 'access_denied', error_description: 'wrong password' }
  await provider.interactionFinished(request, response, isRight ? { login: { accountId: user.username } } : denied)
}

const others = provider.callback()
const [cert, key] = [await readFile(settings.certificateFile), await readFile(settings.keyFile)]
createServer({ cert, key }, (request, response) => {
  if (request.url?.startsWith('/interaction/') !== true) return others(request, response)
  interact(request, response).catch((error: unknown) => {
    console.error(error)
    response.writeHead(500).end()
  })
}).listen(settings.port, '127.0.0.1')
