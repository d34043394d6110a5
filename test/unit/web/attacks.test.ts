/** What strangers, tenants' admins and people of a directory might try at the pages. */
import test from 'ava'
import { isPasswordHash, verifyPassword } from '../../../operator/tenantadmin/invite/password.ts'
import { personIn } from '../../../operator/web/ldap/person-entry.ts'
import { identityOf } from '../../../operator/web/oidc/identity-claims.ts'
import { accountKey } from '../../../operator/web/sign-in/candidates.ts'
import type { DirectoryOutcome, LdapProvider } from '../../../operator/web/sign-in/providers.ts'
import { passwordSecret } from '../../../operator/web/sign-in/stored-password.ts'
import type { Identity } from '../../../operator/web/identity/identity.ts'
import type { RootSettings } from '../../../operator/web/identity/root.ts'
import { Browser, cheapHash, consoleOf, janes, newWords, secretWords } from './console.ts'
import { People, webNamespace } from './people.ts'
import { site } from './site.ts'
import { World } from '../tenantadmin/world.ts'

function directory(identity: Partial<Identity> = {}): LdapProvider {
  const jane = { subject: '7', username: 'jane', email: 'jane@example.com', name: 'Jane', groups: [] }
  const outcome: DirectoryOutcome = { kind: 'Accepted', identity: { provider: 'corp', ...jane, ...identity } }
  return { kind: 'ldap', id: 'corp', name: 'Corp', usernamePrompt: undefined, authenticate: async () => outcome }
}

async function signInWith(browser: Browser, account: string) {
  const { body } = await browser.get('/sign-in?with=corp')
  const key = /name="key" value="([^"]+)"/.exec(body)?.[1] ?? ''
  return browser.post('/sign-in/corp', { key, username: account, password: 'words of a directory' })
}

test('A stranger who guesses at the root admin all day keeps the root admin out for no moment', async (t) => {
  const { app } = await janes()
  const stranger = new Browser(app, '198.51.100.7')
  for (let i = 0; i < 8; i += 1) await stranger.signIn('jane@example.com', 'wrong words entirely')
  t.is((await stranger.signIn('jane@example.com', secretWords)).statusCode, 429)
  t.is((await new Browser(app).signIn('jane@example.com', secretWords)).statusCode, 303)
})

test('All spellings that a directory takes for one account have their attempts together', (t) => {
  const jane = accountKey('jose maria')
  const spellings = [' Jose  MARIA', 'jos\u00e9 maria', '\uff4a\uff4f\uff53\uff45 maria', 'jo\u00adse\u200b\u00a0maria']
  for (const spelling of spellings) t.is(accountKey(spelling), jane)
  t.is(accountKey('\u212aelvin'), accountKey('kelvin'))
  t.is(accountKey('stra\u00dfe'), accountKey('STRASSE'))
  t.not(accountKey('jose'), accountKey('josef'))
})

test('A hash that a tenant has made up opens nothing, and costs nothing', async (t) => {
  const salt = 'A'.repeat(22)
  const made = ['ln=4,r=8,p=1$AAAA$A', `ln=4,r=8,p=1$${salt}$A`, `ln=4,r=8,p=1$${salt}$AAA`]
  const costly = ['ln=30,r=8,p=1', 'ln=99,r=99,p=99', 'ln=15,r=8,p=99', 'ln=0,r=8,p=1'].map(
    (cost) => `${cost}$${salt}$${'A'.repeat(43)}`,
  )
  for (const text of [...made, ...costly]) {
    t.false(isPasswordHash(`$scrypt$${text}`), text)
    t.false(await verifyPassword(secretWords, `$scrypt$${text}`), text)
  }
  t.true(await verifyPassword(secretWords, cheapHash(secretWords)))
})

test('Another spelling of a path has the same limit', async (t) => {
  const app = await site(new World(), { rateLimit: { burst: 3, perSecond: 0.001 } })
  for (let i = 0; i < 3; i += 1) t.is((await app.inject('/accept')).statusCode, 410)
  for (const url of ['/accept', '/%61ccept', '/acc%65pt/done', '/%61ccept/some-token'])
    t.is((await app.inject(url)).statusCode, 429, url)
})

test('A person of a provider does not become root by white space or another case', (t) => {
  const claims = { username: 'preferred_username', email: 'email', name: 'name', groups: 'groups' }
  const settings = { id: 'corp', claims, requireVerifiedEmail: true }
  for (const username of ['root ', ' root', 'root\u00a0', '\ufeffroot', 'Root']) {
    const identity = identityOf({ sub: '666', preferred_username: username }, {}, settings)
    t.false('username' in identity && identity.username === 'root', JSON.stringify(username))
  }
})

test('An address beyond ASCII in a directory is none: the Kelvin sign would become another person', (t) => {
  const search = {
    baseDN: '',
    filter: undefined,
    scope: 'sub',
    username: 'uid',
    idAttr: 'uid',
    emailAttr: 'mail',
  } as const
  const emailOf = (mail: string) =>
    personIn(
      {
        dn: 'uid=eve',
        attributes: new Map([
          ['uid', [Buffer.from('eve')]],
          ['mail', [Buffer.from(mail)]],
        ]),
      },
      { ...search, nameAttr: undefined },
      'eve',
    )?.email
  t.is(emailOf('\u212aim@example.com'), undefined)
  t.is(emailOf('jane@example.com\u200b'), undefined)
  t.is(emailOf('Jane@Example.com'), 'jane@example.com')
})

test('A session that a long name or group of a directory made can be read, and is ended and collected as any other', async (t) => {
  const people = new People()
  people.admin('jane', people.tenant('acme'), { email: 'jane@example.com' })
  const provider = directory({ name: 'J'.repeat(1000), groups: ['g'.repeat(1000), 'staff'] })
  const { app } = await consoleOf(people, { providers: [provider] })
  const browser = new Browser(app)
  t.is((await signInWith(browser, 'jane')).headers.location, '/portal')
  t.is((await browser.get('/portal')).statusCode, 200)
  t.is([...people.sessions.values()].length, people.secrets('session-').length)
})

test('A root admin by username at a provider is root no longer when the settings name another', async (t) => {
  const people = new People()
  const settingsFor = (username: string): RootSettings => ({
    username,
    email: undefined,
    user: 'tenantry:root',
    signIn: { kind: 'Provider', provider: 'corp', account: { username } },
  })
  const providers = [directory({ email: undefined })]
  const before = await consoleOf(people, { providers, settings: { root: settingsFor('jane') } })
  const browser = new Browser(before.app)
  t.is((await signInWith(browser, 'jane')).headers.location, '/portal')
  t.is((await browser.get('/portal')).statusCode, 200)
  const after = new Browser((await consoleOf(people, { providers, settings: { root: settingsFor('john') } })).app)
  for (const [name, value] of browser.cookies) after.cookies.set(name, value)
  t.regex(String((await after.get('/portal')).headers.location), /^\/sign-in/)
})

test('Another password of the same address neither sees, ends nor crowds out sessions of the first', async (t) => {
  const { app, people } = await janes()
  const [victim, attacker] = [new Browser(app), new Browser(app, '198.51.100.7')]
  await victim.signIn('jane@example.com', secretWords)
  await people.clock.advance(1000)
  await attacker.signIn('jane@example.com', 'crimson teapot gravel')
  t.false((await attacker.get('/account')).body.includes('Another browser'))
  await attacker.submit('/account', '/account/sessions', { session: 'all' })
  t.is((await victim.get('/portal')).statusCode, 200)
  for (let i = 0; i < 21; i += 1) await people.clock.advance(1000)
  for (let i = 0; i < 21; i += 1)
    await new Browser(app, '198.51.100.7').signIn('jane@example.com', 'crimson teapot gravel')
  t.is((await victim.get('/portal')).statusCode, 200)
})

test('A sign-in that began before the change of its password ends with it', async (t) => {
  const { app, people } = await janes()
  const john = [...people.caches.admins.values()].find(({ spec }) => spec.username === 'john')
  t.truthy(john)
  const find = people.server.find.bind(people.server)
  let reads = 0
  people.server.find = ((kind: string, key: string) => {
    const found = find(kind, key)
    // The thief has read the hash; the person changes the password while it is checked.
    if (john !== undefined && key.includes('password-') && reads++ === 0) {
      const password = { hash: cheapHash(newWords), changedAt: '2030-01-01T00:00:00Z', mustChange: false }
      queueMicrotask(() =>
        people.put(passwordSecret(john, password, undefined, { webNamespace, installation: 'main' })),
      )
    }
    return found
  }) as typeof people.server.find
  t.is((await new Browser(app).signIn('john@example.com', secretWords)).statusCode, 422)
  t.is((await new Browser(app).signIn('john@example.com', newWords)).statusCode, 303)
})

test('A tenant below the same domain cannot set a cookie that the pages read', async (t) => {
  const accepting = await site(new World())
  const link = await accepting.inject('/accept?token=some-token')
  const { app } = await janes()
  const form = await app.inject('/sign-in')
  const cookies = [...link.cookies, ...form.cookies]
  t.is(cookies.length, 2)
  for (const cookie of cookies) {
    t.regex(cookie.name, /^__Host-/)
    t.like(cookie, { path: '/', secure: true, httpOnly: true })
    t.is(cookie.domain, undefined)
  }
})
