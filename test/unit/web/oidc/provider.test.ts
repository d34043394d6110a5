/** The flow and the logout against a provider that sends what no real one sends. */
import { createHmac } from 'node:crypto'
import test from 'ava'
import type { Accepted, Refused, Unavailable } from '../../../../operator/web/oidc/oidc-outcome.ts'
import type { Flow } from '../../../../operator/web/oidc/flow.ts'
import { fakeProvider, issuer, json, raw, redirectUri, signed, signingKey } from './fake-provider.ts'
import type { FakeProvider } from './fake-provider.ts'

const refused = (reason: string, detail?: string) => ({ kind: 'Refused', reason, detail })
const unavailable = (reason: string, detail?: string) => ({ kind: 'Unavailable', reason, detail })

async function begun({ provider }: FakeProvider): Promise<Flow> {
  const outcome = await provider.begin({ redirectUri, returnTo: '/admin' })
  if (outcome.kind !== 'Redirect') throw new Error(outcome.reason)
  return outcome.flow
}

async function signIn(fake: FakeProvider): Promise<Accepted | Refused | Unavailable> {
  const flow = await begun(fake)
  fake.claims = { nonce: flow.nonce, ...fake.claims }
  return fake.provider.complete(`${redirectUri}?code=c&state=${flow.state}`, flow)
}

test('a person signs in', async (t) => {
  const fake = await fakeProvider()
  t.like(await signIn(fake), {
    kind: 'Accepted',
    sid: 'session',
    identity: {
      provider: 'corp',
      subject: 'jane',
      username: 'jane',
      email: 'jane@example.com',
      name: 'Jane Doe',
      groups: ['ops'],
    },
  })
  t.deepEqual(fake.asked, ['/.well-known/openid-configuration', '/token', '/keys'])
})

test('the redirect has state, nonce and the challenge of PKCE', async (t) => {
  const { provider } = await fakeProvider()
  const outcome = await provider.begin({ redirectUri, returnTo: '//evil.example' })
  if (outcome.kind !== 'Redirect') return t.fail(outcome.reason)
  const { state, nonce, verifier, returnTo } = outcome.flow
  const query = Object.fromEntries(new URL(outcome.url).searchParams)
  t.like(query, { state, nonce, redirect_uri: redirectUri, response_type: 'code', client_id: 'tenantry' })
  t.like(query, { code_challenge_method: 'S256', scope: 'openid profile email groups' })
  t.false(outcome.url.includes(verifier))
  t.is(new Set([state, nonce, verifier]).size, 3)
  t.is(returnTo, '/')
})

test('the callback counts by its query: what host it came to does not matter', async (t) => {
  const fake = await fakeProvider()
  const flow = await begun(fake)
  fake.claims = { nonce: flow.nonce }
  let form = new URLSearchParams()
  const answer = fake.handlers.get('/token')
  fake.handlers.set('/token', (request) => {
    form = new URLSearchParams(String(request.body))
    return answer?.(request) ?? json({})
  })
  await fake.provider.complete(`http://evil.example/x?code=c&state=${flow.state}`, flow)
  t.like(Object.fromEntries(form), { redirect_uri: redirectUri, code: 'c', code_verifier: flow.verifier })
})

test('a flow of another provider is refused, without a request', async (t) => {
  const fake = await fakeProvider()
  const flow = { ...(await begun(fake)), provider: 'other' }
  t.deepEqual(await fake.provider.complete(`${redirectUri}?code=c&state=${flow.state}`, flow), refused('OtherProvider'))
  t.deepEqual(await fake.provider.complete('no URL', flow), refused('MalformedCallback'))
  t.deepEqual(fake.asked, ['/.well-known/openid-configuration'])
})

const now = Math.floor(Date.now() / 1000)
const wrongClaims: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ['of another issuer', { iss: 'https://evil.example' }, 'WrongIssuer'],
  ['for another client', { aud: 'other' }, 'WrongAudience'],
  ['authorized for another client', { aud: ['tenantry', 'other'], azp: 'other' }, 'WrongAuthorizedParty'],
  ['for two clients without an authorized one', { aud: ['tenantry', 'other'] }, 'WrongAuthorizedParty'],
  ['that has expired', { exp: now - 3600 }, 'TokenExpired'],
  ['without an end', { exp: undefined }, 'TokenExpired'],
  ['with another nonce', { nonce: 'other' }, 'WrongNonce'],
  ['without a nonce', { nonce: undefined }, 'WrongNonce'],
  ['without a subject', { sub: undefined }, 'WrongSubject'],
  ['for another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'WrongAccessToken'],
  ['with an address that is not verified', { email_verified: false }, 'EmailNotVerified'],
  ['with an address that is none', { email: 'jane' }, 'EmailMalformed'],
]
for (const [what, claims, reason] of wrongClaims)
  test(`refused: an ID token ${what}`, async (t) => {
    const fake = await fakeProvider()
    fake.claims = claims
    t.deepEqual(await signIn(fake), refused(reason))
  })

const forged: readonly (readonly [string, (fake: FakeProvider) => FakeProvider['sign'], string])[] = [
  [
    'another key with the same id',
    ({ key }) =>
      async (claims) =>
        signed({ ...(await signingKey()), kid: key.kid }, claims),
    'WrongSignature',
  ],
  ['a key that is not published', () => async (claims) => signed(await signingKey(), claims), 'WrongSignature'],
  ['nothing', () => (claims) => raw({ alg: 'none' }, claims, () => ''), 'WrongAlgorithm'],
  [
    'HS256 and the public key',
    ({ key }) =>
      (claims) =>
        raw({ alg: 'HS256', kid: key.kid }, claims, (input) =>
          createHmac('sha256', JSON.stringify(key.publicJwk)).update(input).digest('base64url'),
        ),
    'WrongAlgorithm',
  ],
]
for (const [what, sign, reason] of forged)
  test(`refused: an ID token signed with ${what}`, async (t) => {
    const fake = await fakeProvider()
    fake.sign = sign(fake)
    t.deepEqual(await signIn(fake), refused(reason))
  })

test('a key that is newer than the last read of the keys is found at once', async (t) => {
  const fake = await fakeProvider()
  t.like(await signIn(fake), { kind: 'Accepted' })
  const newer = await signingKey()
  fake.published.splice(0, 1, newer.publicJwk)
  fake.sign = (claims) => signed(newer, claims)
  fake.claims = {}
  t.like(await signIn(fake), { kind: 'Accepted' })
})

test('an ID token with the subject alone: the rest is in the userinfo', async (t) => {
  const fake = await fakeProvider()
  fake.claims = {
    preferred_username: undefined,
    email: undefined,
    email_verified: undefined,
    name: undefined,
    groups: undefined,
  }
  t.like(await signIn(fake), { kind: 'Accepted', identity: { email: 'jane@example.com', groups: ['ops'] } })
})

test('refused: the userinfo is of another person', async (t) => {
  const fake = await fakeProvider()
  fake.claims = { groups: undefined }
  fake.handlers.set('/userinfo', () => json({ sub: 'eve', groups: ['admins'] }))
  t.deepEqual(await signIn(fake), refused('OtherUserinfo'))
})

const answers: readonly (readonly [string, string, () => Response, object])[] = [
  ['a spent code', '/token', () => json({ error: 'invalid_grant' }, 400), refused('CodeRefused', 'invalid_grant')],
  ['a wrong secret', '/token', () => json({ error: 'invalid_client' }, 401), unavailable('Client', 'invalid_client')],
  [
    'an error of the server',
    '/token',
    () => json({ error: 'server_error' }, 500),
    unavailable('Server', 'OAUTH_RESPONSE_IS_NOT_CONFORM'),
  ],
  [
    'a page instead of tokens',
    '/token',
    () => new Response('<p>', { headers: { 'content-type': 'text/html' } }),
    unavailable('Protocol', 'OAUTH_RESPONSE_IS_NOT_JSON'),
  ],
  [
    'no ID token',
    '/token',
    () => json({ access_token: 'a', token_type: 'Bearer' }),
    unavailable('Protocol', 'OAUTH_INVALID_RESPONSE'),
  ],
  ['no keys', '/keys', () => json({ error: 'x' }, 500), unavailable('Keys', 'ERR_JOSE_GENERIC')],
  ['keys that are none', '/keys', () => json({ keys: 'x' }), unavailable('Keys', 'ERR_JWKS_INVALID')],
]
for (const [what, path, answer, outcome] of answers)
  test(`an answer with ${what}`, async (t) => {
    const fake = await fakeProvider()
    fake.handlers.set(path, answer)
    t.deepEqual(await signIn(fake), outcome)
  })

test('a challenge of HTTP instead of tokens is about the client', async (t) => {
  const fake = await fakeProvider()
  const headers = { 'www-authenticate': 'Basic realm="x"' }
  fake.handlers.set('/token', () => Response.json({ error: 'invalid_client' }, { status: 401, headers }))
  t.deepEqual(await signIn(fake), unavailable('Client', '401'))
})

const documents: readonly (readonly [string, Readonly<Record<string, unknown>>, object])[] = [
  ['another issuer', { issuer: 'https://evil.example' }, unavailable('OtherIssuer')],
  ['an issuer that is no URL', { issuer: 'x' }, unavailable('Protocol', 'ERR_INVALID_URL')],
  [
    'symmetric algorithms only',
    { id_token_signing_alg_values_supported: ['HS256', 'none'] },
    unavailable('NoAlgorithm'),
  ],
  ['no keys', { jwks_uri: undefined }, unavailable('Keys', 'no_jwks_uri')],
  [
    'no authorization endpoint',
    { authorization_endpoint: undefined },
    unavailable('Protocol', 'OAUTH_MISSING_SERVER_METADATA'),
  ],
  [
    'an authorization endpoint without TLS',
    { authorization_endpoint: 'http://id.example.com/auth' },
    unavailable('Protocol', 'OAUTH_HTTP_REQUEST_FORBIDDEN'),
  ],
]
for (const [what, over, outcome] of documents)
  test(`a discovery document with ${what}`, async (t) => {
    const fake = await fakeProvider()
    Object.assign(fake.metadata, over)
    t.deepEqual(await fake.provider.begin({ redirectUri, returnTo: '/' }), outcome)
  })

test('the document is read when it is needed, once for all who wait, and again after ten minutes or a failure', async (t) => {
  const fake = await fakeProvider()
  t.deepEqual(fake.asked, [])
  await Promise.all([begun(fake), begun(fake), begun(fake)])
  await begun(fake)
  t.is(fake.asked.length, 1)
  await fake.clock.advance(10 * 60_000)
  await begun(fake)
  t.is(fake.asked.length, 2)
  fake.handlers.set('/token', () => json({}, 503))
  t.like(await signIn(fake), { kind: 'Unavailable' })
  fake.asked.splice(0)
  await begun(fake)
  t.is(fake.asked.length, 1)
})

test('a provider that never answers is unavailable after ten seconds', async (t) => {
  const fake = await fakeProvider()
  fake.handlers.set('/.well-known/openid-configuration', () => new Promise<Response>(() => undefined))
  const outcome = fake.provider.begin({ redirectUri, returnTo: '/' })
  await fake.clock.advance(10_000)
  t.deepEqual(await outcome, unavailable('Timeout'))
})

test('the secret is read from its file for each sign-in, and sent as the provider takes it', async (t) => {
  const files = { '/secret': 'hunter 2\n' }
  const fake = await fakeProvider({ clientSecretFile: '/secret' }, files)
  const answer = fake.handlers.get('/token')
  const sent: (readonly [string | null, string | null])[] = []
  fake.handlers.set('/token', (request) => {
    const form = new URLSearchParams(String(request.body))
    sent.push([new Headers(request.headers).get('authorization'), form.get('client_secret')])
    return answer?.(request) ?? json({})
  })
  t.like(await signIn(fake), { kind: 'Accepted' })
  files['/secret'] = 'hunter3'
  fake.metadata['token_endpoint_auth_methods_supported'] = ['client_secret_basic', 'client_secret_post']
  await fake.clock.advance(10 * 60_000)
  fake.claims = { exp: now + 3600 }
  await signIn(fake)
  t.deepEqual(sent, [
    [`Basic ${Buffer.from('tenantry:hunter+2').toString('base64')}`, null],
    [null, 'hunter3'],
  ])
})

test('a secret or an authority that cannot be read is told', async (t) => {
  const secretless = await fakeProvider({ clientSecretFile: '/secret' })
  t.deepEqual(await signIn(secretless), unavailable('ClientSecretFile'))
  const empty = await fakeProvider({ clientSecretFile: '/secret' }, { '/secret': '\n' })
  t.deepEqual(await signIn(empty), unavailable('ClientSecretFile'))
  const { provider } = await fakeProvider({ rootCA: '/ca.crt' })
  t.deepEqual(await provider.begin({ redirectUri, returnTo: '/' }), unavailable('RootCAFile'))
})

test('the sign-out at the provider has the ID token as a hint', async (t) => {
  const { provider } = await fakeProvider()
  const url = await provider.logoutUrl('token', 'https://console.example.com/sign-in')
  t.is(
    url,
    `${issuer}/logout?id_token_hint=token&post_logout_redirect_uri=https%3A%2F%2Fconsole.example.com%2Fsign-in&client_id=tenantry`,
  )
})

test('there is none where the settings or the provider have none, or the provider is down', async (t) => {
  const off = await fakeProvider({ endSession: false })
  t.is(await off.provider.logoutUrl('token', 'https://x.example'), undefined)
  t.deepEqual(off.asked, [])
  const without = await fakeProvider()
  without.metadata['end_session_endpoint'] = undefined
  t.is(await without.provider.logoutUrl('token', 'https://x.example'), undefined)
  const down = await fakeProvider()
  down.handlers.clear()
  t.is(await down.provider.logoutUrl('token', 'https://x.example'), undefined)
})

const event = { 'http://schemas.openid.net/event/backchannel-logout': {} }
const logout = {
  iss: issuer,
  aud: 'tenantry',
  iat: now,
  exp: now + 120,
  jti: 'j',
  sub: 'jane',
  sid: 's',
  events: event,
}

test('a logout token is accepted once', async (t) => {
  const { provider, key } = await fakeProvider()
  const token = await signed(key, logout, 'logout+jwt')
  t.deepEqual(await provider.verifyLogoutToken(token), { kind: 'LogoutRequested', sub: 'jane', sid: 's', jti: 'j' })
  t.deepEqual(await provider.verifyLogoutToken(token), refused('Replayed'))
})

const wrongLogouts: readonly (readonly [string, (fake: FakeProvider) => string | Promise<string>, string])[] = [
  ['no token', () => 'x', 'MalformedToken'],
  ['very much', () => 'x'.repeat(20_000), 'MalformedToken'],
  [
    'a token of another key',
    async ({ key }) => signed({ ...(await signingKey()), kid: key.kid }, logout),
    'WrongSignature',
  ],
  ['a token of an unknown key', async () => signed(await signingKey(), logout), 'WrongSignature'],
  ['a token that is not signed', () => raw({ alg: 'none' }, logout, () => ''), 'WrongAlgorithm'],
  ['a token without a signature', ({ key }) => raw({ alg: 'ES256', kid: key.kid }, logout, () => ''), 'WrongSignature'],
  [
    'a token with HS256 and the public key',
    ({ key }) =>
      raw({ alg: 'HS256', kid: key.kid }, logout, (input) =>
        createHmac('sha256', JSON.stringify(key.publicJwk)).update(input).digest('base64url'),
      ),
    'WrongAlgorithm',
  ],
  ['an access token', ({ key }) => signed(key, logout, 'at+jwt'), 'WrongType'],
  ['an ID token', ({ key }) => signed(key, { ...logout, nonce: 'n' }), 'WrongNonce'],
  ['a token of another issuer', ({ key }) => signed(key, { ...logout, iss: 'https://evil.example' }), 'WrongIssuer'],
  ['a token for another client', ({ key }) => signed(key, { ...logout, aud: 'other' }), 'WrongAudience'],
  ['an old token', ({ key }) => signed(key, { ...logout, iat: now - 3600, exp: undefined }), 'WrongIssueTime'],
  ['an expired token', ({ key }) => signed(key, { ...logout, exp: now - 3600 }), 'TokenExpired'],
  ['a token without an event', ({ key }) => signed(key, { ...logout, events: {} }), 'NoLogoutEvent'],
]
for (const [what, token, reason] of wrongLogouts)
  test(`refused at the back channel: ${what}`, async (t) => {
    const fake = await fakeProvider()
    t.deepEqual(await fake.provider.verifyLogoutToken(await token(fake)), refused(reason))
  })

test('refused at the back channel: an algorithm that the provider does not sign with', async (t) => {
  const { provider, key, metadata } = await fakeProvider()
  metadata['id_token_signing_alg_values_supported'] = ['RS256']
  t.deepEqual(await provider.verifyLogoutToken(await signed(key, logout)), refused('WrongAlgorithm'))
})

test('tokens of unknown keys let the keys be read again once in five seconds at most', async (t) => {
  const { provider, asked } = await fakeProvider()
  for (let count = 0; count < 5; count += 1) await provider.verifyLogoutToken(await signed(await signingKey(), logout))
  t.is(asked.filter((path) => path === '/keys').length, 1)
})
