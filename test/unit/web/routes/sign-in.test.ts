/** Sign-in with Tenantry's own passwords, as browsers and attackers meet it. */
import test from 'ava'
import { cheapHash, consoleOf, Browser, janes, publicUrl, secretWords } from '../console.ts'
import { defaultAttempts, defaultRefusalDelay } from '../../../../operator/web/sign-in/settings.ts'
import { People } from '../people.ts'
import { hiddenFields, ownPage } from '../site.ts'

test('A person signs in by e-mail address, whatever its case, and reaches what that password is for', async (t) => {
  const { app, people, records } = await janes()
  const browser = new Browser(app)
  const answer = await browser.signIn(' jane@EXAMPLE.com ', secretWords)
  t.is(answer.statusCode, 303)
  t.is(answer.headers.location, '/portal')
  const session = await people.store.find(browser.session)
  t.deepEqual(session?.person, {
    provider: 'local',
    subject: 'jane@example.com',
    name: 'Jane Doe',
    email: 'jane@example.com',
    groups: [],
    user: 'oidc:jane@example.com',
    admins: ['uid-acme-jane'],
    root: false,
  })
  t.false(session?.mustChange)
  const [record] = records
  t.like(record, { type: 'SignedIn', user: 'oidc:jane@example.com', client: '192.0.2.1', admins: ['uid-acme-jane'] })
  const portal = await browser.get('/portal')
  t.true(portal.body.includes('The acme'))
  t.false(portal.body.includes('The beta'))
})

test('A person signs in by Cloud ID and username', async (t) => {
  const { app, people } = await janes()
  const browser = new Browser(app)
  t.is((await browser.signIn('Beta/JANE', 'crimson teapot gravel')).statusCode, 303)
  t.deepEqual((await people.store.find(browser.session))?.person.admins, ['uid-beta-jane'])
  t.is((await new Browser(app).signIn('beta/jane', secretWords)).statusCode, 422)
  t.is((await new Browser(app).signIn('acme/john', secretWords)).statusCode, 422)
})

test('The session cookie is for this host, scripts do not see it, and it says nothing', async (t) => {
  const { app } = await janes()
  const answer = await new Browser(app).signIn('jane@example.com', secretWords)
  const cookies = [answer.headers['set-cookie'] ?? []].flat()
  t.regex(cookies[0] ?? '', /^__Host-tenantry-session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
})

test('Over http on this machine the cookie has no prefix and is not Secure', async (t) => {
  const { app } = await janes({ settings: { publicUrl: 'http://127.0.0.1:8080' } })
  const answer = await new Browser(app).signIn('jane@example.com', secretWords)
  const cookies = [answer.headers['set-cookie'] ?? []].flat()
  t.regex(cookies[0] ?? '', /^tenantry-session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
})

test('Every refusal is alike: of a wrong password, an unknown account, one that is off, one without a password', async (t) => {
  const { app, people } = await janes()
  const gamma = people.tenant('gamma')
  people.admin(
    'off',
    gamma,
    { email: 'off@example.com', username: 'off', state: 'Deactivated' },
    cheapHash(secretWords),
  )
  people.admin('sso', gamma, { email: 'sso@example.com', username: 'sso' })
  const tries: readonly (readonly [string, string])[] = [
    ['jane@example.com', 'wrong words entirely'],
    ['stranger@example.com', secretWords],
    ['off@example.com', secretWords],
    ['sso@example.com', secretWords],
    ['gamma/off', secretWords],
    ['no-such-cloud/jane', secretWords],
    ['root', secretWords],
    ['jane@example.com', ''],
    ['', secretWords],
    ['jane@example.com', 'x'.repeat(3000)],
  ]
  const bodies = new Set<string>()
  for (const [account, password] of tries) {
    const browser = new Browser(app)
    const answer = await browser.signIn(account, password)
    t.is(answer.statusCode, 422, account)
    t.is(browser.session, undefined)
    const plain = answer.body
      .replace(/name="key" value="[^"]*"/, '')
      .replace(/type="text" value="[^"]*"/, '')
      .replaceAll(' autofocus', '')
    bodies.add(plain)
  }
  t.is(bodies.size, 1, [...bodies].join('\n\n'))
})

test('An account that does not exist costs a hash too, and one with many TenantAdmins costs ten at most', async (t) => {
  const people = new People()
  for (let i = 0; i < 14; i += 1)
    people.admin('jane', people.tenant(`t${i}`), { email: 'jane@example.com' }, cheapHash('not this one here'))
  const { app } = await consoleOf(people)
  await new Browser(app).signIn('jane@example.com', secretWords)
  t.is(people.requests.filter((request) => request.startsWith('get Secret accept-')).length, 10)
  const begun = performance.now()
  await new Browser(app).signIn('stranger@example.com', secretWords)
  t.true(performance.now() - begun > 30)
})

test('A refusal is held back, so that its time tells nothing', async (t) => {
  const { app, people } = await janes({ settings: { attempts: defaultAttempts, refusalDelay: defaultRefusalDelay } })
  for (const account of ['jane@example.com', 'stranger@example.com']) {
    let answered = false
    const waiting = new Browser(app).signIn(account, 'wrong words entirely').then((answer) => {
      answered = true
      return answer
    })
    for (let tries = 0; people.clock.pending === 0 && tries < 2000; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
    await people.clock.advance(1400)
    t.false(answered)
    await people.clock.advance(200)
    t.is((await waiting).statusCode, 422)
  }
})

test('Guesses of one client at one account are answered with growing pauses, and nobody else waits for them', async (t) => {
  const { app, people, records } = await janes()
  const guess = (i: number, account: string) =>
    new Browser(app, '192.0.2.9').signIn(account, i % 2 === 0 ? 'wrong words entirely' : secretWords.slice(1))
  for (const account of ['john@example.com', 'nobody@example.com']) {
    const statuses: number[] = []
    const waits: unknown[] = []
    for (let i = 0; i < 10; i += 1) {
      const answer = await guess(i, account)
      statuses.push(answer.statusCode)
      if (answer.statusCode !== 429) continue
      waits.push(answer.headers['retry-after'])
      t.true(answer.body.includes(`Please try again in ${String(answer.headers['retry-after'])} seconds`))
      await people.clock.advance(Number(answer.headers['retry-after']) * 1000)
    }
    t.deepEqual(statuses, [422, 422, 422, 422, 422, 422, 429, 422, 429, 422])
    t.deepEqual(waits, ['2', '4'])
  }
  const right = new Browser(app, '192.0.2.9')
  t.is((await new Browser(app).signIn('john@example.com', secretWords)).statusCode, 303)
  t.is((await right.signIn('john@example.com', secretWords)).statusCode, 429)
  t.is((await new Browser(app).signIn('jane@example.com', secretWords)).statusCode, 303)
  await people.clock.advance(10_000)
  t.is((await right.signIn('john@example.com', secretWords)).statusCode, 303)
  t.is(records.filter(({ type }) => type === 'Refused').length, 21)
})

test('Attempts from one client are limited, whatever accounts they are for', async (t) => {
  const { app, people } = await janes({ settings: { attempts: { burst: 4, perSecond: 0.1 } } })
  const browser = new Browser(app, '198.51.100.7')
  for (let i = 0; i < 4; i += 1) t.is((await browser.signIn(`user-${i}@example.com`, secretWords)).statusCode, 422)
  const refused = await browser.signIn('jane@example.com', secretWords)
  t.is(refused.statusCode, 429)
  t.is(refused.headers['retry-after'], '10')
  t.is((await new Browser(app, '198.51.100.8').signIn('jane@example.com', secretWords)).statusCode, 303)
  await people.clock.advance(10_000)
  t.is((await browser.signIn('jane@example.com', secretWords)).statusCode, 303)
})

test('Attempts at once count before their answers are known', async (t) => {
  const { app } = await janes()
  const browsers = Array.from({ length: 12 }, () => new Browser(app))
  const answers = await Promise.all(
    browsers.map((browser) => browser.signIn('jane@example.com', 'wrong words entirely')),
  )
  t.is(answers.filter(({ statusCode }) => statusCode === 422).length, 6)
})

test('Another site cannot sign a person in as somebody else: the form is tied to the browser that it was shown in', async (t) => {
  const { app, records } = await janes()
  const attacker = new Browser(app)
  const attackers = hiddenFields((await attacker.get('/sign-in')).body)
  const right = { account: 'jane@example.com', password: secretWords }
  const victim = new Browser(app)
  t.is((await victim.post('/sign-in', { ...attackers, ...right })).statusCode, 403)
  t.is((await victim.post('/sign-in', right)).statusCode, 403)
  await victim.get('/sign-in')
  t.is((await victim.post('/sign-in', { ...attackers, ...right })).statusCode, 403)
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
  ] as Record<string, string>[]) {
    const own = hiddenFields((await victim.get('/sign-in')).body)
    t.is((await victim.post('/sign-in', { ...own, ...right }, headers)).statusCode, 403)
  }
  t.is(victim.session, undefined)
  t.true(records.every((record) => record.type === 'Refused' && record.reason === 'Forged'))
  const again = hiddenFields((await victim.get('/sign-in')).body)
  t.is((await victim.post('/sign-in', { ...again, ...right })).statusCode, 303)
})

test('The key of the form is good for one attempt, and gone after the sign-in', async (t) => {
  const { app } = await janes()
  const browser = new Browser(app)
  const fields = hiddenFields((await browser.get('/sign-in')).body)
  const wrong = await browser.post('/sign-in', {
    ...fields,
    account: 'jane@example.com',
    password: 'wrong words entirely',
  })
  t.not(hiddenFields(wrong.body)['key'], fields['key'])
  t.is(
    (await browser.post('/sign-in', { ...fields, account: 'jane@example.com', password: secretWords })).statusCode,
    403,
  )
  t.is((await browser.signIn('jane@example.com', secretWords)).statusCode, 303)
  t.is(browser.cookies.get('__Host-tenantry-sign-in'), undefined)
})

test('A session cookie that was planted is never taken over', async (t) => {
  const { app, people } = await janes()
  const planted = 'A'.repeat(43)
  const browser = new Browser(app)
  browser.cookies.set('__Host-tenantry-session', planted)
  await browser.signIn('jane@example.com', secretWords)
  t.not(browser.session, planted)
  t.is(await people.store.find(planted), undefined)
  const first = browser.session ?? ''
  browser.cookies.delete('__Host-tenantry-sign-in')
  const anew = new Browser(app)
  const form = hiddenFields((await anew.get('/sign-in')).body)
  anew.cookies.set('__Host-tenantry-session', first)
  await anew.post('/sign-in', { ...form, account: 'john@example.com', password: secretWords })
  t.not(anew.session, first)
  t.is(await people.store.find(first), undefined)
})

test('After signing in a person comes back to the page that was asked for, and never to another site', async (t) => {
  const { app } = await janes()
  const asked = await new Browser(app).get('/account?changed')
  t.is(asked.statusCode, 303)
  t.is(asked.headers.location, '/sign-in?return=%2Faccount%3Fchanged')
  const to = async (path: string) => {
    const browser = new Browser(app)
    const page = await browser.get(`/sign-in?return=${encodeURIComponent(path)}`)
    const fields = { ...hiddenFields(page.body), account: 'jane@example.com', password: secretWords }
    const shown = (await browser.post('/sign-in', fields)).headers.location
    const posted = new Browser(app)
    const forged = (await posted.signIn('jane@example.com', secretWords, { return: path })).headers.location
    t.is(forged, shown)
    return shown
  }
  t.is(await to('/account'), '/account')
  for (const path of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/x\r\nset-cookie: a=b',
    'javascript:alert(1)',
    '/sign-in?return=/sign-in',
    '/sign-out',
    '',
  ])
    t.is(await to(path), '/portal', path)
})

test('A person who is signed in already is not asked again', async (t) => {
  const { app } = await janes()
  const browser = new Browser(app)
  await browser.signIn('jane@example.com', secretWords)
  t.is((await browser.get('/sign-in?return=/account')).headers.location, '/account')
  t.is((await browser.get('/sign-in?return=//evil.example')).headers.location, '/portal')
})

test('Fields that the form does not have change nothing', async (t) => {
  const { app, people } = await janes()
  const browser = new Browser(app)
  await browser.signIn('jane@example.com', secretWords, {
    root: 'true',
    user: 'tenantry:root',
    admins: 'uid-beta-jane',
    'person[root]': 'true',
    mustChange: 'false',
    provider: 'corp',
    __proto__: 'x',
  })
  const session = await people.store.find(browser.session)
  t.false(session?.person.root)
  t.is(session?.person.user, 'oidc:jane@example.com')
  t.deepEqual(session?.person.admins, ['uid-acme-jane'])
})

test('A field that is sent twice, or as something else than a text, is no account', async (t) => {
  const { app } = await janes()
  const browser = new Browser(app)
  const { key = '' } = hiddenFields((await browser.get('/sign-in')).body)
  const answer = await browser.send({
    method: 'POST',
    url: '/sign-in',
    headers: { ...ownPage, 'content-type': 'application/x-www-form-urlencoded' },
    payload: `key=${key}&account=jane%40example.com&account=root&password=${encodeURIComponent(secretWords)}`,
  })
  t.is(answer.statusCode, 422)
})

test('Neither pages nor records have a password in them', async (t) => {
  const { app, records } = await janes()
  const browser = new Browser(app)
  const mistaken = await browser.signIn(secretWords, 'jane@example.com')
  t.is(mistaken.statusCode, 422)
  const wrong = await browser.signIn('jane@example.com', 'wrong words entirely')
  t.false(wrong.body.includes('wrong words'))
  t.false(JSON.stringify(records).includes(secretWords))
  t.like(records[1], { account: 'jane@example.com', reason: 'WrongCredentials' })
})

test('A cookie that is stolen opens nothing once its person is deactivated', async (t) => {
  const { app, people, records } = await janes()
  const browser = new Browser(app)
  await browser.signIn('jane@example.com', secretWords)
  const thief = new Browser(app, '203.0.113.9')
  thief.cookies.set('__Host-tenantry-session', browser.session ?? '')
  t.is((await thief.get('/portal')).statusCode, 200)
  const acme = people.caches.tenants.get('home/acme')
  if (acme === undefined) return t.fail()
  people.admin('jane', acme, { email: 'jane@example.com', state: 'Deactivated' }, cheapHash(secretWords))
  const answer = await thief.get('/portal')
  t.is(answer.statusCode, 303)
  t.is(answer.headers.location, '/sign-in?return=%2Fportal')
  t.deepEqual(people.secrets('session-'), [])
  t.like(records.at(-1), { type: 'SignedOut', cause: 'NoLongerAllowed' })
  t.is((await browser.signIn('jane@example.com', secretWords)).statusCode, 422)
})

test('Guesses at session cookies are limited before they cost the API server', async (t) => {
  const { app, people } = await janes()
  people.requests.length = 0
  const statuses: number[] = []
  for (let i = 0; i < 100; i += 1) {
    const browser = new Browser(app)
    browser.cookies.set('__Host-tenantry-session', people.random.bytes(32).toString('base64url'))
    statuses.push((await browser.get('/portal')).statusCode)
  }
  t.is(statuses.filter((status) => status === 429).length, 40)
  t.is(people.requests.length, 60)
})

test('Without local passwords the form is for the root admin alone, and without one there is none', async (t) => {
  const people = new People()
  const { app } = await consoleOf(people, { settings: { localSignIn: false } })
  const page = await new Browser(app).get('/sign-in')
  t.true(page.body.includes('Sign in as the root admin'))
  t.false(page.body.includes('Cloud ID'))
  const none = await consoleOf(people, { settings: { localSignIn: false, root: undefined } })
  t.false((await new Browser(none.app).get('/sign-in')).body.includes('type="password"'))
})

test('What is entered is text on the page, and a line break is none in a header', async (t) => {
  const { app } = await janes()
  const evil = '"><script>alert(1)</script>\r\nset-cookie: a=b'
  const answer = await new Browser(app).signIn(evil, secretWords, { return: evil })
  t.false(answer.body.includes('<script'))
  t.false(JSON.stringify(answer.headers).includes('a=b'))
  const asked = await new Browser(app).get('/portal?x=%0d%0aset-cookie:%20a=b')
  t.is(asked.headers['set-cookie'], undefined)
  t.is(asked.headers.location, '/sign-in?return=%2Fportal%3Fx%3D%250d%250aset-cookie%3A%2520a%3Db')
  t.is(new URL(String(asked.headers.location), publicUrl).origin, publicUrl)
})
