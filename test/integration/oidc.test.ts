/** Sign-in and sign-out with two OIDC providers that are no kin: oidc-provider (npm, certified) and Dex (Go). */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { startDex } from '../harness/dex.ts'
import { httpsGet } from '../harness/https.ts'
import { startOidcProvider } from '../harness/oidc-provider.ts'
import type { OidcServer, OidcServerOptions } from '../harness/oidc-server.ts'
import { accepted, changed, redirectUri, signInPage, startScene } from './oidc-scene.ts'
import type { Scene } from './oidc-scene.ts'

interface Kind {
  readonly name: string
  readonly start: (options: OidcServerOptions) => Promise<OidcServer>
  /** Whether it sends `iss` with the callback (RFC 9207). */
  readonly sendsIss: boolean
}

const kinds: readonly Kind[] = [
  { name: 'oidc-provider', start: startOidcProvider, sendsIss: true },
  { name: 'Dex', start: (options) => startDex(options), sendsIss: false },
]

const refused = (reason: string, detail?: string) => ({ kind: 'Refused', reason, detail })

for (const { name, start, sendsIss } of kinds) {
  let scene: Scene
  test.before(`${name} starts`, async (t) => {
    t.timeout(600_000)
    scene = await startScene(start)
  })
  test.after.always(`${name} stops`, () => scene?.[Symbol.asyncDispose]())

  test.serial(`${name}: a person signs in, with groups, and the address in lower case`, async (t) => {
    const tenantry = scene.client()
    const callback = await scene.visit(tenantry)
    t.is(callback.flow.returnTo, '/admin?phase=Active')
    const { identity, sid, idToken } = await accepted(tenantry, callback)
    t.deepEqual(identity, {
      provider: 'corp',
      subject: identity.subject,
      username: 'jane',
      email: 'jane.doe@example.com',
      name: 'Jane Doe',
      groups: ['ops', 'oncall'],
    })
    t.is(decodeJwt(idToken).sub, identity.subject)
    t.is(decodeJwt(idToken)['sid'], sid)
    t.is(typeof sid, 'string')
  })

  test.serial(`${name}: a client without a secret signs in by PKCE`, async (t) => {
    const tenantry = scene.client('public')
    t.like(await accepted(tenantry, await scene.visit(tenantry)), { identity: { username: 'jane' } })
  })

  test.serial(`${name}: a callback with another state is refused`, async (t) => {
    const tenantry = scene.client()
    const { url, flow } = await scene.visit(tenantry)
    t.deepEqual(await tenantry.complete(changed(url, { state: 'other' }), flow), refused('WrongState'))
    const other = await scene.visit(tenantry)
    t.deepEqual(await tenantry.complete(other.url, flow), refused('WrongState'))
  })

  test.serial(`${name}: a callback that was used is refused`, async (t) => {
    const tenantry = scene.client()
    const { url, flow } = await scene.visit(tenantry)
    await accepted(tenantry, { url, flow })
    t.deepEqual(await tenantry.complete(url, flow), refused('CodeRefused', 'invalid_grant'))
  })

  test.serial(`${name}: an ID token with another nonce is refused`, async (t) => {
    const tenantry = scene.client()
    const { url, flow } = await scene.visit(tenantry)
    t.deepEqual(await tenantry.complete(url, { ...flow, nonce: 'other' }), refused('WrongNonce'))
  })

  test.serial(`${name}: a code is good with its own verifier only`, async (t) => {
    const tenantry = scene.client()
    const { url, flow } = await scene.visit(tenantry)
    t.deepEqual(
      await tenantry.complete(url, { ...flow, verifier: 'v'.repeat(43) }),
      refused('CodeRefused', 'invalid_grant'),
    )
  })

  test.serial(`${name}: the code of another client is refused`, async (t) => {
    const [tenantry, other] = [scene.client(), scene.client('other')]
    const { flow } = await scene.visit(tenantry)
    const stolen = new URL((await scene.visit(other)).url).searchParams.get('code') ?? ''
    const iss = sendsIss ? scene.server.issuer : undefined
    const url = changed(`${redirectUri}?code=x`, { code: stolen, state: flow.state, iss })
    t.deepEqual(await tenantry.complete(url, flow), refused('CodeRefused', 'invalid_grant'))
  })

  test.serial(`${name}: a callback of another provider is refused (mix-up)`, async (t) => {
    const tenantry = scene.client()
    const { url, flow } = await scene.visit(tenantry)
    t.deepEqual(await tenantry.complete(changed(url, { iss: 'https://evil.example' }), flow), refused('WrongIssuer'))
    const elsewhere = scene.client('tenantry', { settings: { id: 'elsewhere' } })
    t.deepEqual(await elsewhere.complete(url, flow), refused('OtherProvider'))
    if (sendsIss) t.deepEqual(await tenantry.complete(changed(url, { iss: undefined }), flow), refused('WrongIssuer'))
    await accepted(tenantry, { url, flow })
  })

  test.serial(
    `${name}: a person whose address is not verified is refused, and has none where that is allowed`,
    async (t) => {
      const tenantry = scene.client()
      const visitor = { email: 'new@example.com' }
      const { url, flow } = await scene.visit(tenantry, visitor)
      t.deepEqual(await tenantry.complete(url, flow), refused('EmailNotVerified'))
      const lenient = scene.client('tenantry', { settings: { requireVerifiedEmail: false } })
      const { identity } = await accepted(lenient, await scene.visit(lenient, visitor))
      t.is(identity.email, undefined)
      t.is(identity.username, 'new')
    },
  )

  test.serial(`${name}: a wrong secret is not the person's fault`, async (t) => {
    const tenantry = scene.client('tenantry', {
      settings: { clientSecretFile: scene.server.caFile.replace('ca.crt', 'none') },
    })
    const { url, flow } = await scene.visit(tenantry)
    t.like(await tenantry.complete(url, flow), { kind: 'Unavailable', reason: 'ClientSecretFile' })
    const unknown = scene.client('tenantry', { settings: { clientSecretFile: undefined } })
    t.like(await unknown.complete(url, flow), { kind: 'Unavailable', reason: 'Client' })
  })

  test.serial(`${name}: without its authority the provider is not trusted`, async (t) => {
    const tenantry = scene.client('tenantry', { settings: { rootCA: undefined } })
    const outcome = await tenantry.begin({ redirectUri, returnTo: '/' })
    t.like(outcome, { kind: 'Unavailable', reason: 'TLS' })
  })

  test.serial(
    `${name}: signing out ends the session at the provider, which tells every client by the back channel`,
    async (t) => {
      await using own = await startScene(start)
      const [tenantry, other, browser] = [own.client(), own.client('other'), own.browser()]
      const { idToken, sid, identity } = await accepted(tenantry, await own.visit(tenantry, { browser }))
      const url = await tenantry.logoutUrl(idToken, signInPage)
      t.truthy(url)
      const page = await browser.visit(url ?? '')
      const end = page.status === 200 ? await browser.submit(page, { logout: 'yes' }) : page
      t.is(end.url, signInPage)
      const token = await own.logoutToken('tenantry')
      t.deepEqual(await other.verifyLogoutToken(token), refused('WrongAudience'))
      const later = own.client('tenantry', { now: () => Date.now() + 3_600_000 })
      t.like(await later.verifyLogoutToken(token), { kind: 'Refused', reason: 'TokenExpired' })
      const { jti } = decodeJwt(token)
      t.deepEqual(await tenantry.verifyLogoutToken(token), { kind: 'LogoutRequested', sub: identity.subject, sid, jti })
      t.deepEqual(await tenantry.verifyLogoutToken(token), refused('Replayed'))
      const again = await browser.visit(
        ((await own.client().begin({ redirectUri, returnTo: '/' })) as { url: string }).url,
      )
      t.is(again.status, 200, 'the provider asks for the password again')
    },
  )

  test.serial(`${name}: forged logout tokens are refused`, async (t) => {
    const tenantry = scene.client()
    const { idToken } = await accepted(tenantry, await scene.visit(tenantry))
    const { kid = '', alg = '' } = decodeProtectedHeader(idToken)
    t.is(alg, 'RS256')
    const now = Math.floor(Date.now() / 1000)
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
    const claims = { iss: scene.server.issuer, aud: 'tenantry', sub: 'x', iat: now, exp: now + 60, jti: 'j', events }
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const header = { alg, kid, typ: 'logout+jwt' }
    const ofOtherKey = await new SignJWT(claims).setProtectedHeader(header).sign(privateKey)
    t.deepEqual(await tenantry.verifyLogoutToken(ofOtherKey), refused('WrongSignature'))
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const unsigned = `${part({ ...header, alg: 'none' })}.${part(claims)}.`
    t.deepEqual(await tenantry.verifyLogoutToken(unsigned), refused('WrongAlgorithm'))
    const input = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`
    for (const key of await publicKeys(scene.server)) {
      const byPublicKey = `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
      t.deepEqual(await tenantry.verifyLogoutToken(byPublicKey), refused('WrongAlgorithm'))
    }
    t.deepEqual(await tenantry.verifyLogoutToken(idToken), refused('NoLogoutEvent'))
  })

  test.serial(`${name}: it may be down while Tenantry starts, and go down later`, async (t) => {
    await using own = await startScene(start)
    const tenantry = own.client()
    await own.server.down()
    t.like(await tenantry.begin({ redirectUri, returnTo: '/' }), {
      kind: 'Unavailable',
      reason: 'Connection',
      detail: 'ECONNREFUSED',
    })
    await own.server.up()
    const callback = await own.visit(tenantry)
    await own.server.down()
    t.like(await tenantry.complete(callback.url, callback.flow), { kind: 'Unavailable', reason: 'Connection' })
    t.is(await tenantry.logoutUrl('token', signInPage), undefined)
    await own.server.up()
    t.like(await accepted(tenantry, await own.visit(tenantry)), { identity: { username: 'jane' } })
  })

  test.serial(`${name}: new signing keys are found at the first sign-in`, async (t) => {
    await using own = await startScene(start)
    const tenantry = own.client()
    const before = await accepted(tenantry, await own.visit(tenantry))
    await own.server.down()
    await own.server.up()
    const after = await accepted(tenantry, await own.visit(tenantry))
    t.not(decodeProtectedHeader(after.idToken).kid, decodeProtectedHeader(before.idToken).kid)
  })

  test.serial(`${name}: one that is frozen holds nothing up`, async (t) => {
    await using own = await startScene(start)
    const [tenantry, second] = [own.client(), own.client()]
    const callback = await own.visit(tenantry)
    own.server.pause()
    const began = performance.now()
    const [code, begin, logout] = await Promise.all([
      tenantry.complete(callback.url, callback.flow),
      second.begin({ redirectUri, returnTo: '/' }),
      second.logoutUrl('token', signInPage),
    ])
    const seconds = (performance.now() - began) / 1000
    t.like(code, { kind: 'Unavailable', reason: 'Timeout' })
    t.like(begin, { kind: 'Unavailable', reason: 'Timeout' })
    t.is(logout, undefined)
    t.true(seconds < 12, `${seconds} s`)
    own.server.resume()
    t.like(await accepted(second, await own.visit(second)), { identity: { username: 'jane' } })
  })
}

/** What an attacker could take for the shared secret: each published key, in the forms that libraries take. */
async function publicKeys({ issuer, ca }: OidcServer): Promise<readonly string[]> {
  const document = await httpsGet(`${issuer}/.well-known/openid-configuration`, { ca, token: '' })
  const { jwks_uri: url } = JSON.parse(document.body) as { jwks_uri: string }
  const { keys } = JSON.parse((await httpsGet(url, { ca, token: '' })).body) as { keys: { n: string }[] }
  return keys.flatMap((key) => [JSON.stringify(key), key.n])
}
