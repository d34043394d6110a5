/** A person's own account: sessions, the password, signing out, and who else would like to. */
import test from 'ava'
import { sessionName } from '../../../../operator/api/names.ts'
import { entryOf } from '../../../../operator/kube/secret-entries.ts'
import { Browser, cheapHash, consoleOf, janes, newWords, secretWords } from '../console.ts'
import { People, person } from '../people.ts'

const changed = { current: secretWords, password: newWords, passwordAgain: newWords }

test('Every page asks who is there', async (t) => {
  const { app } = await janes()
  for (const url of ['/portal', '/account', '/account/password']) {
    const answer = await new Browser(app).get(url)
    t.is(answer.statusCode, 303, url)
    t.is(answer.headers.location, `/sign-in?return=${encodeURIComponent(url)}`)
  }
  for (const url of ['/sign-out', '/account/sessions', '/account/password']) {
    const answer = await new Browser(app).post(url, { session: 'all' })
    t.is(answer.headers.location, '/sign-in', url)
  }
})

test('The account says who I am, and leads to the password and the sessions', async (t) => {
  const { app } = await janes()
  const browser = new Browser(app)
  await browser.signIn('jane@example.com', secretWords)
  const { body } = await browser.get('/account')
  for (const text of ['Jane Doe', 'jane@example.com', 'oidc:jane@example.com', 'This browser', '/account/password'])
    t.true(body.includes(text), text)
  t.false(body.includes(browser.session ?? 'none'))
})

test('Signing out ends the session, also for the holder of a copied cookie', async (t) => {
  const { app, people, records } = await janes()
  const browser = new Browser(app)
  await browser.signIn('jane@example.com', secretWords)
  const thief = new Browser(app)
  thief.cookies.set('__Host-tenantry-session', browser.session ?? '')
  const answer = await browser.submit('/account', '/sign-out')
  t.is(answer.statusCode, 200)
  t.true(answer.body.includes('You are signed out'))
  t.is(browser.session, undefined)
  t.is((await thief.get('/portal')).statusCode, 303)
  t.deepEqual(people.secrets('session-'), [])
  t.like(records.at(-1), { type: 'SignedOut', cause: 'Requested', sessions: 1 })
})

test('No form works without the key of its session, from another site, or by a GET', async (t) => {
  const { app, people } = await janes()
  const [browser, other] = [new Browser(app), new Browser(app)]
  await browser.signIn('jane@example.com', secretWords)
  await other.signIn('john@example.com', secretWords)
  const own = await people.store.find(browser.session)
  const others = await people.store.find(other.session)
  const key = own?.csrfKey ?? ''
  for (const url of ['/sign-out', '/account/sessions', '/account/password']) {
    const fields = { session: 'all', ...changed }
    t.is((await browser.post(url, fields)).statusCode, 403)
    t.is((await browser.post(url, { ...fields, key: '' })).statusCode, 403)
    t.is((await browser.post(url, { ...fields, key: others?.csrfKey ?? '' })).statusCode, 403)
    t.is((await browser.post(url, { ...fields, key }, { 'sec-fetch-site': 'cross-site' })).statusCode, 403)
    t.is((await browser.post(url, { ...fields, key }, { origin: 'https://evil.example' })).statusCode, 403)
  }
  t.is((await browser.get(`/sign-out?key=${key}`)).statusCode, 404)
  t.is((await browser.get('/portal')).statusCode, 200)
  t.deepEqual(people.secrets('password-'), [])
})

test('I can end my other sessions, one or all, and nobody else’s', async (t) => {
  const { app, people, records } = await janes()
  const [first, second, third, johns] = Array.from({ length: 4 }, () => new Browser(app)) as [
    Browser,
    Browser,
    Browser,
    Browser,
  ]
  for (const browser of [first, second, third]) await browser.signIn('jane@example.com', secretWords)
  await johns.signIn('john@example.com', secretWords)
  const nameOf = ({ session }: Browser) => sessionName(session ?? '')
  const isIn = async (browser: Browser) => (await browser.get('/portal')).statusCode === 200
  t.is((await first.submit('/account', '/account/sessions', { session: nameOf(johns) })).statusCode, 303)
  t.true(await isIn(johns))
  await first.submit('/account', '/account/sessions', { session: 'accept-uid-acme-jane-1' })
  t.is(people.secrets('accept-').length, 3)
  await first.submit('/account', '/account/sessions', { session: nameOf(second) })
  t.deepEqual([await isIn(first), await isIn(second), await isIn(third)], [true, false, true])
  const everywhere = await first.submit('/account', '/account/sessions', { session: 'all' })
  t.true(everywhere.body.includes('All your sessions have ended'))
  t.deepEqual([await isIn(first), await isIn(third), await isIn(johns)], [false, false, true])
  t.like(records.at(-1), { cause: 'Everywhere', sessions: 2 })
})

test('Sessions by a directory are not ended with a password of Tenantry’s, though the address is the same', async (t) => {
  const { app, people } = await janes()
  const directory = await people.store.open({ person: person() })
  const browser = new Browser(app)
  await browser.signIn('jane@example.com', secretWords)
  await browser.submit('/account', '/account/sessions', { session: sessionName(directory) })
  await browser.submit('/account', '/account/sessions', { session: 'all' })
  t.not(await people.store.find(directory), undefined)
})

test('A change of the password holds at once and everywhere, and ends the other sessions of the old one', async (t) => {
  const { app, people, records } = await janes()
  const [browser, other, johns] = [new Browser(app), new Browser(app), new Browser(app)]
  for (const each of [browser, other]) await each.signIn('jane@example.com', secretWords)
  await johns.signIn('john@example.com', secretWords)
  const before = browser.session
  const answer = await browser.submit('/account/password', '/account/password', changed)
  t.is(answer.headers.location, '/account?changed=password')
  t.not(browser.session, before)
  t.is((await browser.get('/account?changed=password')).statusCode, 200)
  t.is((await other.get('/portal')).statusCode, 303)
  t.is((await johns.get('/portal')).statusCode, 200)
  t.is((await new Browser(app).signIn('jane@example.com', secretWords)).statusCode, 422)
  t.is((await new Browser(app).signIn('jane@example.com', newWords)).statusCode, 303)
  t.is((await new Browser(app).signIn('beta/jane', 'crimson teapot gravel')).statusCode, 303)
  const [secret] = people.secrets('password-')
  t.is(secret?.metadata.name, 'password-uid-acme-jane')
  t.regex(entryOf(secret ?? {}, 'hash') ?? '', /^\$scrypt\$ln=15,r=8,p=3\$/)
  t.false(JSON.stringify(people.server.objects()).includes(Buffer.from(newWords).toString('base64')))
  t.like(
    records.find(({ type }) => type === 'PasswordChanged'),
    { admins: ['uid-acme-jane'], root: false },
  )
  await browser.submit('/account/password', '/account/password', {
    current: newWords,
    password: 'third time lucky words',
    passwordAgain: 'third time lucky words',
  })
  t.is((await new Browser(app).signIn('jane@example.com', 'third time lucky words')).statusCode, 303)
})

test('Of two changes at once one fails, and is told so', async (t) => {
  const { app } = await janes()
  const browsers = [new Browser(app), new Browser(app)]
  for (const browser of browsers) await browser.signIn('jane@example.com', secretWords)
  const words = [newWords, 'third time lucky words']
  const answers = await Promise.all(
    browsers.map((browser, i) => {
      const fields = { current: secretWords, password: words[i] ?? '', passwordAgain: words[i] ?? '' }
      return browser.submit('/account/password', '/account/password', fields)
    }),
  )
  t.deepEqual(answers.map(({ statusCode }) => String(statusCode)).toSorted(), ['303', '503'])
  const won = words[answers.findIndex(({ statusCode }) => statusCode === 303)] ?? ''
  t.is((await new Browser(app).signIn('jane@example.com', won)).statusCode, 303)
})

test('A new password needs the current one, and has to be one', async (t) => {
  const { app, people } = await janes()
  const browser = new Browser(app)
  await browser.signIn('jane@example.com', secretWords)
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ current: 'not the current one' }, /not your current password/],
    [{ current: '' }, /Enter your current password/],
    [{ password: 'short', passwordAgain: 'short' }, /at least 12/],
    [{ passwordAgain: 'another one entirely' }, /do not match/],
    [{ password: secretWords, passwordAgain: secretWords }, /Choose another one/],
    [{ password: 'jane@example.com', passwordAgain: 'jane@example.com' }, /easy to guess/],
    [{ password: 'The acme Northwind Cloud', passwordAgain: 'The acme Northwind Cloud' }, /easy to guess/],
  ]
  for (const [fields, problem] of wrong) {
    const answer = await browser.submit('/account/password', '/account/password', { ...changed, ...fields })
    t.is(answer.statusCode, 422)
    t.regex(answer.body, problem)
    t.false(answer.body.includes(newWords))
  }
  t.deepEqual(people.secrets('password-'), [])
})

test('Guesses at the current password are paused as guesses at the sign-in are', async (t) => {
  const { app } = await janes()
  const browser = new Browser(app)
  await browser.signIn('jane@example.com', secretWords)
  const statuses: number[] = []
  for (let i = 0; i < 8; i += 1) {
    const answer = await browser.submit('/account/password', '/account/password', { ...changed, current: `guess ${i}` })
    statuses.push(answer.statusCode)
  }
  t.deepEqual(statuses, [422, 422, 422, 422, 422, 422, 429, 429])
})

test('A password that was chosen for a person is changed before anything else is open', async (t) => {
  const people = new People()
  const given = { email: 'jane@example.com', username: 'jane', passwordSecretRef: { name: 'first' } }
  people.admin('jane', people.tenant('acme'), given, cheapHash(secretWords))
  const { app } = await consoleOf(people)
  const browser = new Browser(app)
  const answer = await browser.signIn('jane@example.com', secretWords, { return: '/portal' })
  t.is(answer.headers.location, '/account/password')
  for (const url of ['/portal', '/account']) t.is((await browser.get(url)).headers.location, '/account/password')
  t.is(
    (await browser.submit('/account/password', '/account/sessions', { session: 'all' })).headers.location,
    '/account/password',
  )
  const page = await browser.get('/account/password')
  t.true(page.body.includes('Choose a password of your own'))
  t.false(page.body.includes('href="/portal"'))
  const done = await browser.submit('/account/password', '/account/password', changed)
  t.is(done.headers.location, '/portal')
  t.is((await browser.get('/portal')).statusCode, 200)
  const again = new Browser(app)
  t.is((await again.signIn('jane@example.com', newWords)).headers.location, '/portal')
})

test('A person of a directory has no password to change here', async (t) => {
  const people = new People()
  people.admin('jane', people.tenant('acme'), { email: 'jane@example.com' })
  const provider = {
    kind: 'ldap',
    id: 'corp',
    name: 'Corp',
    usernamePrompt: undefined,
    authenticate: () => Promise.reject(new Error('not used')),
  } as const
  const { app } = await consoleOf(people, { providers: [provider] })
  const browser = new Browser(app)
  browser.cookies.set('__Host-tenantry-session', await people.store.open({ person: person() }))
  t.false((await browser.get('/account')).body.includes('Change password'))
  t.is((await browser.get('/account/password')).headers.location, '/account')
  t.is((await browser.submit('/account', '/account/password', changed)).headers.location, '/account')
  t.deepEqual(people.secrets('password-'), [])
})
