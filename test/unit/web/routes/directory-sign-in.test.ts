/** Sign-in with a directory: who is let in, who is not, and what the provider may end. */
import test from 'ava'
import type { Identity } from '../../../../operator/web/identity/identity.ts'
import type {
  DirectoryOutcome,
  LdapProvider,
  OidcOutcome,
  OidcProvider,
} from '../../../../operator/web/sign-in/providers.ts'
import type { Options } from '../console.ts'
import { Browser, consoleOf, publicUrl } from '../console.ts'
import { People } from '../people.ts'
import { hiddenFields } from '../site.ts'

const jane: Identity = {
  provider: 'corp',
  subject: 'subject-jane',
  username: 'jdoe',
  email: 'jane@example.com',
  name: 'Jane Doe',
  groups: ['staff'],
}

function world() {
  const people = new People()
  const acme = people.tenant('acme')
  people.admin('jane', acme, { email: 'Jane@example.com' })
  return { people, acme }
}

async function ldap(outcome: DirectoryOutcome, settings: Options['settings'] = {}) {
  const tried: string[] = []
  const provider: LdapProvider = {
    kind: 'ldap',
    id: 'corp',
    name: 'Corp Directory',
    usernamePrompt: 'Staff number',
    authenticate: (username, password) => {
      tried.push(`${username} ${password}`)
      return Promise.resolve(outcome)
    },
  }
  const { people, acme } = world()
  const site = await consoleOf(people, { providers: [provider], settings })
  const browser = new Browser(site.app)
  const signIn = async (fields: Record<string, string> = { username: 'jdoe', password: 'hunter two' }) => {
    const page = await browser.get('/sign-in')
    return browser.post('/sign-in/corp', { ...hiddenFields(page.body), ...fields })
  }
  return { ...site, acme, tried, browser, signIn }
}

test('The directory’s form comes first, and Tenantry’s own is one link away', async (t) => {
  const { browser } = await ldap({ kind: 'Accepted', identity: jane })
  const page = await browser.get('/sign-in?return=/account')
  t.true(page.body.includes('Staff number'))
  t.true(page.body.includes('action="/sign-in/corp"'))
  t.true(page.body.includes('/sign-in?with&#x3D;local&amp;return&#x3D;%2Faccount'))
  t.true((await browser.get('/sign-in?with=local')).body.includes('action="/sign-in"'))
})

test('A person of the directory is the address that it vouches for, and reaches all TenantAdmins of it', async (t) => {
  const { signIn, browser, people, tried } = await ldap({ kind: 'Accepted', identity: jane })
  const answer = await signIn()
  t.is(answer.headers.location, '/portal')
  t.deepEqual(tried, ['jdoe hunter two'])
  const { username: _username, ...kept } = jane
  const expected = { ...kept, user: 'oidc:jane@example.com', admins: undefined, root: false }
  t.deepEqual((await people.store.find(browser.session))?.person, expected)
  t.true((await browser.get('/portal')).body.includes('The acme'))
})

test('Without a TenantAdmin, or without an address, nobody gets in, and the page says whom to ask and nothing else', async (t) => {
  const stranger = await ldap({ kind: 'Accepted', identity: { ...jane, email: 'stranger@example.com' } })
  const answer = await stranger.signIn()
  t.is(answer.statusCode, 403)
  t.true(answer.body.includes('ask an admin of your organization'))
  t.false(/acme|jane/i.test(answer.body))
  t.is(stranger.browser.session, undefined)
  t.like(stranger.records[0], { reason: 'NoTenantAdmin', account: 'stranger@example.com' })
  const nameless = await ldap({ kind: 'Accepted', identity: { ...jane, email: undefined } })
  const other = await nameless.signIn()
  t.is(other.statusCode, 403)
  t.true(other.body.includes('confirms no e-mail address'))
  t.like(nameless.records[0], { reason: 'NoEmail', account: 'jdoe' })
})

test('The directory’s account names open nothing: not a username of a TenantAdmin, nor its user', async (t) => {
  const { people, signIn, acme } = await ldap({
    kind: 'Accepted',
    identity: { ...jane, username: 'jane', subject: 'oidc:jane@example.com', email: 'evil@example.com' },
  })
  people.admin('other', acme, { email: 'other@example.com', username: 'evil@example.com', user: 'ops:evil' })
  t.is((await signIn()).statusCode, 403)
})

test('Wrong and unknown are alike, and guesses are paused', async (t) => {
  const { signIn, tried } = await ldap({ kind: 'Refused', reason: 'UnknownUser' })
  const statuses: number[] = []
  for (let i = 0; i < 8; i += 1) statuses.push((await signIn()).statusCode)
  t.deepEqual(statuses, [422, 422, 422, 422, 422, 422, 429, 429])
  t.is(tried.length, 6)
})

test('A directory that is down is told as such, and locks nobody out', async (t) => {
  const { signIn, records } = await ldap({ kind: 'Unavailable', reason: 'Connection' })
  for (let i = 0; i < 8; i += 1) {
    const answer = await signIn()
    t.is(answer.statusCode, 503)
    t.true(answer.body.includes('Corp Directory cannot be reached'))
  }
  t.like(records[0], { reason: 'ProviderUnavailable', detail: 'Connection' })
})

test('The form of a directory is tied to the browser too', async (t) => {
  const { browser, tried } = await ldap({ kind: 'Accepted', identity: jane })
  await browser.get('/sign-in')
  t.is((await browser.post('/sign-in/corp', { username: 'jdoe', password: 'hunter two' })).statusCode, 403)
  t.deepEqual(tried, [])
})

test('The directory’s account that the settings name is root', async (t) => {
  const signIn = { kind: 'Provider', provider: 'corp', account: { subject: 'subject-jane' } } as const
  const root = { username: 'root', email: undefined, user: 'tenantry:root', signIn }
  const site = await ldap({ kind: 'Accepted', identity: { ...jane, email: undefined } }, { root })
  await site.signIn()
  const session = await site.people.store.find(site.browser.session)
  t.is(session?.person.user, 'tenantry:root')
  t.is((await site.browser.get('/portal')).statusCode, 200)
})

async function oidc(over: Partial<OidcProvider> = {}) {
  const accepted: OidcOutcome = {
    kind: 'Accepted',
    identity: jane,
    oidc: { sid: 's1', idToken: 'the-id-token' },
    returnTo: '/account',
  }
  const calls: unknown[][] = []
  const provider: OidcProvider = {
    kind: 'oidc',
    id: 'corp',
    name: 'Corp SSO',
    begin: (returnTo) => {
      calls.push(['begin', returnTo])
      return Promise.resolve({ kind: 'Redirect', url: 'https://idp.example/auth?x=1', flow: 'sealed' })
    },
    complete: (url, flow) => {
      calls.push(['complete', url, flow])
      return Promise.resolve(flow === 'sealed' ? accepted : { kind: 'Refused', reason: 'state' })
    },
    logoutUrl: () => Promise.resolve('https://idp.example/logout'),
    verifyLogoutToken: (token) =>
      Promise.resolve(
        token === 'good'
          ? { kind: 'LogoutRequested', sub: 'subject-jane', sid: 's1' }
          : token === 'all'
            ? { kind: 'LogoutRequested', sub: 'subject-jane', sid: undefined }
            : token === 'down'
              ? { kind: 'Unavailable', reason: 'keys' }
              : { kind: 'Refused', reason: 'signature' },
      ),
    ...over,
  }
  const { people, acme } = world()
  const site = await consoleOf(people, { providers: [provider] })
  return { ...site, acme, calls, browser: new Browser(site.app) }
}

test('The way to the provider and back', async (t) => {
  const { browser, calls, people } = await oidc()
  const page = await browser.get('/sign-in?return=/account')
  t.true(page.body.includes('Continue with Corp SSO'))
  const begun = await browser.get('/sign-in/corp?return=/account')
  t.is(begun.headers.location, 'https://idp.example/auth?x=1')
  t.regex(
    [begun.headers['set-cookie'] ?? []].flat()[0] ?? '',
    /^__Host-tenantry-flow=sealed; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  const back = await browser.get('/sign-in/corp/callback?code=c&state=s')
  t.is(back.headers.location, '/account')
  t.deepEqual(calls, [
    ['begin', '/account'],
    ['complete', `${publicUrl}/sign-in/corp/callback?code=c&state=s`, 'sealed'],
  ])
  t.is(browser.cookies.get('__Host-tenantry-flow'), undefined)
  t.deepEqual((await people.store.find(browser.session))?.oidc, { sid: 's1', idToken: 'the-id-token' })
})

test('A callback that this browser did not begin signs nobody in', async (t) => {
  const { browser, records } = await oidc()
  const answer = await browser.get('/sign-in/corp/callback?code=c&state=s')
  t.is(answer.statusCode, 403)
  t.is(browser.session, undefined)
  t.like(records[0], { reason: 'ProviderRefused', detail: 'state' })
})

test('The provider cannot send a person to another site', async (t) => {
  const accepted = { kind: 'Accepted', identity: jane, oidc: { sid: undefined, idToken: undefined } } as const
  const { browser, calls } = await oidc({
    complete: () => Promise.resolve({ ...accepted, returnTo: '//evil.example' }),
  })
  await browser.get('/sign-in/corp?return=//evil.example')
  t.deepEqual(calls, [['begin', '/portal']])
  t.is((await browser.get('/sign-in/corp/callback?code=c')).headers.location, '/portal')
})

test('A provider that is down, or unknown, or of the other kind', async (t) => {
  const down = () => Promise.resolve({ kind: 'Unavailable', reason: 'connection' } as const)
  const { browser } = await oidc({ begin: down, complete: down })
  t.is((await browser.get('/sign-in/corp')).statusCode, 503)
  t.is((await browser.get('/sign-in/corp/callback?code=c')).statusCode, 503)
  t.is((await browser.get('/sign-in/other')).statusCode, 404)
  t.is((await browser.get('/sign-in/other/callback')).statusCode, 404)
  t.is((await browser.post('/sign-in/corp', {})).statusCode, 404)
  t.is((await browser.post('/sign-in/other/back-channel-logout', {})).statusCode, 404)
  const directory = await ldap({ kind: 'Accepted', identity: jane })
  t.is((await directory.browser.get('/sign-in/corp')).headers.location, '/sign-in?with=corp')
  const asked = await directory.browser.get('/sign-in/corp?return=/account')
  t.is(asked.headers.location, '/sign-in?with=corp&return=%2Faccount')
  const foreign = await directory.browser.get('/sign-in/corp?return=//evil.example')
  t.is(foreign.headers.location, '/sign-in?with=corp')
  t.is((await directory.browser.post('/sign-in/corp/back-channel-logout', {})).statusCode, 404)
})

test('Signing out offers to sign out of the provider too', async (t) => {
  const { browser } = await oidc()
  await browser.get('/sign-in/corp')
  await browser.get('/sign-in/corp/callback?code=c')
  const answer = await browser.submit('/account', '/sign-out')
  t.true(answer.body.includes('href="https://idp.example/logout"'))
})

test('The provider ends one session or all of an account, and is told when its token is none', async (t) => {
  const { app, people, records } = await oidc()
  const enter = async () => {
    const browser = new Browser(app)
    await browser.get('/sign-in/corp')
    await browser.get('/sign-in/corp/callback?code=c')
    return browser
  }
  const logout = (token: string) =>
    new Browser(app).post('/sign-in/corp/back-channel-logout', { logout_token: token }, {})
  const browser = await enter()
  for (const [token, status] of [
    ['bad', 400],
    ['', 400],
    ['down', 503],
  ] as const) {
    const answer = await logout(token)
    t.is(answer.statusCode, status)
    t.is(answer.headers['cache-control'], 'no-store')
  }
  t.is((await browser.get('/portal')).statusCode, 200)
  t.is((await logout('good')).statusCode, 200)
  t.is((await browser.get('/portal')).statusCode, 303)
  t.like(records.at(-1), { type: 'SignedOut', cause: 'Provider', sessions: 1, user: 'oidc:jane@example.com' })
  await enter()
  await enter()
  await logout('all')
  t.deepEqual(people.secrets('session-'), [])
})
