/** A person, a browser and an installation that signs in with a real OIDC provider. */
import { readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { systemRandom } from '../../operator/runtime/base/system-clock.ts'
import { connectHttp } from '../../operator/web/oidc/bounded-http.ts'
import type { Flow } from '../../operator/web/oidc/flow.ts'
import type { Accepted } from '../../operator/web/oidc/oidc-outcome.ts'
import { createOidcProvider } from '../../operator/web/oidc/provider.ts'
import type { OidcProvider } from '../../operator/web/oidc/provider.ts'
import { readOidcSettings } from '../../operator/web/oidc/settings.ts'
import { temporaryFolder } from '../harness/folder.ts'
import { HttpBrowser } from '../harness/http-browser.ts'
import type { OidcClient, OidcServer, OidcServerOptions, OidcUser } from '../harness/oidc-server.ts'
import { eventually } from '../harness/wait.ts'
import { realClock } from '../unit/runtime/fake-clock.ts'

const publicUrl = 'https://console.example.com'
export const redirectUri = `${publicUrl}/sign-in/corp/callback`
export const signInPage = `${publicUrl}/sign-in`

const users: readonly OidcUser[] = [
  { email: 'Jane.Doe@Example.com', username: 'jane', name: 'Jane Doe', groups: ['ops', 'oncall'] },
  { email: 'new@example.com', emailVerified: false, username: 'new', name: 'Not Verified' },
]

/** Two clients of one provider, with a secret each, and one without. */
const clientIds = ['tenantry', 'other', 'public'] as const

type ClientId = (typeof clientIds)[number]

export interface Scene extends AsyncDisposable {
  readonly server: OidcServer
  /** Tenantry as this client; `over` changes its settings or its clock. */
  client(id?: ClientId, over?: ClientOptions): OidcProvider
  browser(): HttpBrowser
  /** From the redirect to the callback. */
  visit(provider: OidcProvider, visitor?: Visitor): Promise<Callback>
  /** The logout token that the provider sends to this client; waits for it. */
  logoutToken(id: ClientId): Promise<string>
}

export interface ClientOptions {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly now?: () => number
}

export interface Visitor {
  readonly browser?: HttpBrowser
  readonly email?: string
  readonly password?: string
}

export interface Callback {
  readonly flow: Flow
  readonly url: string
}

export async function startScene(start: (options: OidcServerOptions) => Promise<OidcServer>): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const folder = await temporaryFolder('oidc-clients')
  stack.defer(() => folder.remove())
  const listener = await listenForLogouts()
  stack.defer(listener.close)
  const secretOf = (id: ClientId): string => `the secret of ${id}, long enough for HMAC`
  await Promise.all(clientIds.map((id) => writeFile(join(folder.path, id), `${secretOf(id)}\n`)))
  const clients = clientIds.map((id): OidcClient => {
    const uris = { redirectUris: [redirectUri], postLogoutRedirectUris: [signInPage] }
    return {
      id,
      ...uris,
      backchannelLogoutUri: `${listener.url}/${id}`,
      ...(id === 'public' ? {} : { secret: secretOf(id) }),
    }
  })
  const server = await start({ clients, users })
  stack.defer(() => server.stop())
  const opened: OidcProvider[] = []
  stack.defer(async () => void (await Promise.all(opened.map((provider) => provider.close()))))
  const browser = (): HttpBrowser => new HttpBrowser({ ca: server.ca, stopAt: `${publicUrl}/` })
  const started = stack.move()
  return {
    server,
    browser,
    client(id = 'tenantry', over = {}) {
      const clientSecretFile = id === 'public' ? undefined : join(folder.path, id)
      const provider = clientOf(server, id, clientSecretFile, over)
      opened.push(provider)
      return provider
    },
    visit: (provider, visitor = {}) => visit(provider, server, { browser: browser(), ...visitor }),
    logoutToken: (id) => eventually(() => listener.tokens.get(id), { describe: `a logout token for ${id}` }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

function clientOf(
  server: OidcServer,
  clientID: ClientId,
  clientSecretFile: string | undefined,
  { settings = {}, now = realClock.now }: ClientOptions,
): OidcProvider {
  const common = { type: 'oidc', id: 'corp', name: 'Corp', issuerURL: server.issuer, rootCA: server.caFile }
  const read = readOidcSettings({ ...common, clientID, clientSecretFile, ...settings }, 'signIn.providers[0]')
  if (!('issuerURL' in read)) throw new Error(read.join('\n'))
  const clock = { ...realClock, now }
  const ports = {
    clock,
    random: systemRandom,
    readFile: (path: string) => readFile(path, 'utf8'),
    connect: connectHttp,
  }
  return createOidcProvider(read, ports)
}

async function visit(
  provider: OidcProvider,
  server: OidcServer,
  visitor: Visitor & { browser: HttpBrowser },
): Promise<Callback> {
  const { browser, email = 'Jane.Doe@Example.com', password = server.password } = visitor
  const begun = await provider.begin({ redirectUri, returnTo: '/admin?phase=Active' })
  if (begun.kind !== 'Redirect') throw new Error(`the sign-in does not begin: ${begun.reason} ${begun.detail}`)
  let page = await browser.visit(begun.url)
  if (page.status === 200) page = await browser.submit(page, { login: email, password })
  return { flow: begun.flow, url: page.url }
}

/** Completes the sign-in of a callback that is good. */
export async function accepted(provider: OidcProvider, { url, flow }: Callback): Promise<Accepted> {
  const outcome = await provider.complete(url, flow)
  if (outcome.kind !== 'Accepted') throw new Error(`${outcome.kind}: ${outcome.reason} ${outcome.detail}`)
  return outcome
}

/** The callback with other parameters. */
export function changed(url: string, over: Readonly<Record<string, string | undefined>>): string {
  const other = new URL(url)
  for (const [name, value] of Object.entries(over)) {
    other.searchParams.delete(name)
    if (value !== undefined) other.searchParams.set(name, value)
  }
  return other.href
}

async function listenForLogouts() {
  const tokens = new Map<string, string>()
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      tokens.set(request.url?.slice(1) ?? '', new URLSearchParams(body).get('logout_token') ?? '')
      response.writeHead(200, { 'cache-control': 'no-store' }).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}`, tokens, close }
}
