/** A provider in memory, whose every answer a test can change: what real providers do not send. */
import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey } from 'jose'
import type { Connect, HttpRequest } from '../../../../operator/web/oidc/bounded-http.ts'
import { createOidcProvider } from '../../../../operator/web/oidc/provider.ts'
import type { OidcProvider } from '../../../../operator/web/oidc/provider.ts'
import { readOidcSettings } from '../../../../operator/web/oidc/settings.ts'
import type { OidcSettings } from '../../../../operator/web/oidc/settings.ts'
import { FakeClock, seededRandom } from '../../runtime/fake-clock.ts'

export const issuer = 'https://id.example.com'
export const redirectUri = 'https://console.example.com/sign-in/corp/callback'
const accessToken = 'the-access-token'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: object
}

export async function signingKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, privateKey, publicJwk: { ...jwk, kid, alg: 'ES256', use: 'sig' } }
}

export type Handler = (request: HttpRequest) => Response | Promise<Response>

export interface FakeProvider {
  readonly clock: FakeClock
  readonly provider: OidcProvider
  readonly key: SigningKey
  /** By path; a test replaces them. */
  readonly handlers: Map<string, Handler>
  /** The paths that were asked for. */
  readonly asked: string[]
  readonly metadata: Record<string, unknown>
  readonly published: object[]
  /** The claims of the next ID token, over the usual ones. */
  claims: Readonly<Record<string, unknown>>
  /** Signs the next ID token; the usual way by default. */
  sign: (claims: Readonly<Record<string, unknown>>) => string | Promise<string>
}

export const json = (content: unknown, status = 200): Response => Response.json(content, { status })

export async function fakeProvider(
  over: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<FakeProvider> {
  const key = await signingKey()
  const clock = new FakeClock(Date.now())
  const fake: Omit<FakeProvider, 'provider'> = {
    clock,
    key,
    handlers: new Map(),
    asked: [],
    metadata: metadata(),
    published: [key.publicJwk],
    claims: {},
    sign: (claims) => signed(key, claims),
  }
  serve(fake)
  const connect: Connect = () => ({
    fetch: async (url, init) => {
      const path = new URL(url).pathname
      fake.asked.push(path)
      return (await fake.handlers.get(path)?.(init)) ?? new Response('', { status: 404 })
    },
    close: async () => undefined,
  })
  const ports = { clock, random: seededRandom(), readFile: async (path: string) => fileAt(files, path), connect }
  return Object.assign(fake, { provider: createOidcProvider(settings(over), ports) })
}

function fileAt(files: Readonly<Record<string, string>>, path: string): string {
  const content = files[path]
  if (content === undefined) throw new Error(`ENOENT: ${path}`)
  return content
}

function settings(over: Readonly<Record<string, unknown>> = {}): OidcSettings {
  const given = { type: 'oidc', id: 'corp', name: 'Corp', issuerURL: issuer, clientID: 'tenantry', ...over }
  const read = readOidcSettings(given, 'settings')
  if (!('issuerURL' in read)) throw new Error(read.join(' '))
  return read
}

function metadata(): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
  }
}

const person = {
  preferred_username: 'jane',
  email: 'Jane@Example.com',
  email_verified: true,
  name: 'Jane Doe',
  groups: ['ops'],
}

function serve(fake: Omit<FakeProvider, 'provider'>): void {
  const { handlers } = fake
  handlers.set('/.well-known/openid-configuration', () => json(fake.metadata))
  handlers.set('/keys', () => json({ keys: fake.published }))
  handlers.set('/userinfo', () => json({ sub: 'jane', ...person }))
  handlers.set('/token', async () => {
    const now = Math.floor(Date.now() / 1000)
    const usual = { iss: issuer, aud: 'tenantry', sub: 'jane', sid: 'session', iat: now, exp: now + 60, ...person }
    const idToken = await fake.sign({ ...usual, at_hash: atHash(accessToken), ...fake.claims })
    return json({ access_token: accessToken, token_type: 'Bearer', id_token: idToken })
  })
}

function atHash(token: string): string {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url')
}

export function signed(key: SigningKey, claims: Readonly<Record<string, unknown>>, typ = 'JWT'): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid, typ }).sign(key.privateKey)
}

/** A token as an attacker or a careless provider makes it. */
export function raw(header: object, claims: object, signature: (input: string) => string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${signature(input)}`
}
