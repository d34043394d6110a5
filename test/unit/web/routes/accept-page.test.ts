import test from 'ava'
import { acceptanceView, passwordHashOf } from '../../../../operator/domain/acceptance.ts'
import { verifyPassword } from '../../../../operator/tenantadmin/invite/password.ts'
import { signToken, verifyToken } from '../../../../operator/tenantadmin/invite/token.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import type { Kube } from '../../../../operator/kube/port.ts'
import { condition, tenant, tenantAdmin } from '../../tenantadmin/gen.ts'
import { World } from '../../tenantadmin/world.ts'
import { complete, cookiesOf, invited, open, password, site, submit, tokenOf } from '../site.ts'

const consent = { userConsent: { enabled: true, text: 'We keep <b>your</b> name.' } }
const acceptances = (world: World) =>
  world.all<Secret>('Secret').filter(({ metadata }) => metadata.name.startsWith('accept-'))

test('The link keeps the token in a cookie, takes it out of the address and changes nothing; HEAD neither', async (t) => {
  const world = await invited()
  const app = await site(world)
  const { writes } = world
  const token = tokenOf(world.mails[0])
  for (const method of ['GET', 'HEAD'] as const) {
    for (const url of [`/accept?token=${token}`, `/accept/${token}`]) {
      const response = await app.inject({ method, url })
      t.is(response.statusCode, 303)
      t.is(response.headers.location, '/accept')
      t.regex(
        String(response.headers['set-cookie']),
        /^__Host-tenantry-invite=[^;]+; Max-Age=3600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      )
    }
  }
  const { page } = await open(app, token)
  t.is(page.statusCode, 200)
  t.is(world.writes, writes)
})

test('The page says who invites to what, and asks for what the tenant and the installation ask for', async (t) => {
  const world = await invited(consent)
  const { page } = await open(await site(world), tokenOf(world.mails[0]))
  for (const said of [
    'Northwind Cloud invites you to Acme',
    'Jane Doe',
    'jane',
    '8 January 2030, 00:00 UTC',
    'We keep &lt;b&gt;your',
  ])
    t.true(page.body.includes(said), said)
  t.true(page.body.includes('type="password"'))
  t.true(page.body.includes('type="checkbox"'))
  t.false(page.body.includes('<script'))
})

test('Names stand on the page as they are written, without what turns their direction around', async (t) => {
  const world = new World()
  world.put(tenant({ spec: { displayName: '\u0634\u0631\u06a9\u062a \u0645\u06cc\u200c\u0646\u0627' } }))
  world.put(tenantAdmin({ spec: { firstName: '\u0dc1\u0dca\u200d\u0dbb\u0dd3', lastName: '\u202eeoR' } }))
  await world.settle()
  const app = await site(world)
  const { cookie, fields, page } = await open(app, tokenOf(world.mails[0]))
  for (const name of ['\u0dc1\u0dca\u200d\u0dbb\u0dd3 eoR', '\u0645\u06cc\u200c\u0646\u0627'])
    t.true(page.body.includes(name), name)
  const done = cookiesOf(await submit(app, cookie, { ...fields, ...complete }))
  const { body } = await app.inject({ method: 'GET', url: '/accept/done', headers: { cookie: done } })
  t.true(body.includes('\u0645\u06cc\u200c\u0646\u0627'))
})

test('Accepted: one immutable Secret with consent and password hash, and the way to the progress page', async (t) => {
  const world = await invited(consent)
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  const response = await submit(app, cookie, { ...fields, ...complete })
  t.is(response.statusCode, 303)
  t.is(response.headers.location, '/accept/done')
  const [secret] = acceptances(world)
  t.truthy(secret)
  if (secret === undefined) return
  t.like(secret, { immutable: true, type: 'tenantry.dev/acceptance' })
  t.like(acceptanceView(secret), { sequence: 1, address: 'Jane@example.com' })
  t.true(await verifyPassword(password.password, passwordHashOf(secret) ?? ''))
  await world.settle()
  t.like(world.admin().status?.consent, { given: true, digest: fields['consentDigest'] })
  t.is(world.admin().status?.invite?.status, 'Accepted')
})

test('After accepting: progress, and the address once the tenant can be used', async (t) => {
  const world = await invited()
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  const done = cookiesOf(await submit(app, cookie, { ...fields, ...complete }))
  const look = () => app.inject({ method: 'GET', url: '/accept/done', headers: { cookie: done } })
  const waiting = await look()
  t.is(waiting.statusCode, 200)
  t.true(waiting.body.includes('<meta http-equiv="refresh" content="3">'))
  const conditions = [condition('Available', 'True', 'Provisioned')]
  world.put(tenant({ status: { phase: 'Active', url: 'https://acme.example.com', conditions } }))
  const ready = await look()
  t.true(ready.body.includes('href="https://acme.example.com"'))
  t.false(ready.body.includes('http-equiv="refresh"'))
})

test('The progress page is for the browser that accepted, not for whoever has the link', async (t) => {
  const world = await invited()
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  await submit(app, cookie, { ...fields, ...complete })
  const stolen = cookie.replace('tenantry-invite', 'tenantry-accepted')
  for (const tried of [cookie, stolen, ''])
    t.is((await app.inject({ method: 'GET', url: '/accept/done', headers: { cookie: tried } })).statusCode, 410)
})

/** Each makes a link that does not work of one that did. */
const dead: Readonly<Record<string, (world: World, token: string) => string | Promise<string>>> = {
  unknown: () => 'abc',
  'of no shape': () => '!!',
  forged: (_world, token) => `${token.slice(0, -4)}AAAA`,
  'signed with a key of another installation': (_world, token) => {
    const claims = verifyToken(token, 'invite', (id) => ({ id, secret: Buffer.alloc(32) }))
    return claims === undefined ? signToken(anyClaims, 'invite', { id: 'abcdefgh', secret: Buffer.alloc(32) }) : token
  },
  expired: async (world, token) => {
    await world.clock.advance(7 * 86_400_000)
    return token
  },
  used: (world, token) => {
    world.accept()
    return token
  },
  'used and carried over': async (world, token) => {
    world.accept()
    await world.settle()
    return token
  },
  'overtaken by a resend': async (world, token) => {
    await world.pass(60_000)
    world.edit({ metadata: { annotations: { 'tenantry.dev/resend-requested-at': 'now' } } })
    await world.settle()
    return token
  },
  'for another address by now': (world, token) => {
    world.edit({ spec: { email: 'john@example.com' } })
    return token
  },
  'of a key that was dropped': (world, token) => {
    world.remove('Secret', 'tenantry-system-web/tenantry-signing-keys')
    return token
  },
  'of an admin who is gone': (world, token) => {
    world.remove('TenantAdmin', 'home/jane')
    return token
  },
  'of an admin who was declared anew': (world, token) => {
    world.edit({ metadata: { uid: '11111111-2222-3333-4444-555555555555' } })
    return token
  },
  'of an admin who is deactivated': (world, token) => {
    world.edit({ spec: { state: 'Deactivated' } })
    return token
  },
  'of a tenant that is deactivated': (world, token) => {
    world.put(tenant({ spec: { state: 'Deactivated' } }))
    return token
  },
  'of a tenant that was declared anew': (world, token) => {
    const again = tenant()
    world.put({ ...again, metadata: { ...again.metadata, uid: '11111111-2222-3333-4444-555555555555' } })
    return token
  },
}

const anyClaims = {
  keyId: 'abcdefgh',
  uid: '0b7c6f9e-2f0c-4d47-9f14-2f7a3f0f7c11',
  tenantUid: '7d0e1c3a-9d64-4b21-8f7e-0f2f9a1f3c55',
  sequence: 1,
  expiresAt: Date.UTC(2031, 0, 1),
  address: '00'.repeat(16),
  namespace: 'home',
  name: 'jane',
}

test('Links that do not work answer alike: status, headers and body, looking and trying', async (t) => {
  const answers = new Set<string>()
  for (const [title, kill] of Object.entries(dead)) {
    const world = await invited()
    const app = await site(world)
    const token = tokenOf(world.mails[0])
    const { cookie, fields } = await open(app, token)
    const broken = await kill(world, token)
    const tried = broken === token ? cookie : `__Secure-tenantry-invite=${broken}`
    const before = acceptances(world).length
    for (const response of [
      await app.inject({ method: 'GET', url: '/accept', headers: { cookie: tried } }),
      await submit(app, tried, { ...fields, ...complete }),
    ]) {
      const { date: _date, ...headers } = response.headers
      answers.add(JSON.stringify([response.statusCode, headers, response.body]))
      t.is(response.statusCode, 410, title)
      t.false(/jane|acme|example\.com/i.test(response.body), title)
    }
    t.is(acceptances(world).length, before, title)
    await app.close()
  }
  t.is(answers.size, 1)
})

test('A form that was sent twice is accepted once, and told so twice; with another password it is not', async (t) => {
  const world = await invited()
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  const form = { ...fields, ...complete }
  const answers = await Promise.all([submit(app, cookie, form), submit(app, cookie, form)])
  t.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [303, 303],
  )
  t.is(acceptances(world).length, 1)
  const other = { ...form, password: 'another good password', passwordAgain: 'another good password' }
  t.is((await submit(app, cookie, other)).statusCode, 410)
})

test('A form that a foreign page sends is refused, and one that was not made for this token', async (t) => {
  const world = await invited()
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  const form = { ...fields, ...complete }
  for (const headers of [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site' },
  ])
    t.is((await submit(app, cookie, form, headers)).statusCode, 403)
  t.is((await submit(app, cookie, { ...form, key: 'x' })).statusCode, 403)
  t.is(acceptances(world).length, 0)
  t.is((await submit(app, cookie, form, {})).statusCode, 303)
})

test('What is wrong with the form is said beside the field, and the rest is kept', async (t) => {
  const world = await invited(consent)
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  const response = await submit(app, cookie, { ...fields, password: 'short', passwordAgain: 'short', consent: 'yes' })
  t.is(response.statusCode, 422)
  t.regex(response.body, /id="password-problem">The password has 5 characters/)
  t.regex(response.body, /id="password"[^>]*aria-describedby="password-hint password-problem" aria-invalid="true"/)
  t.regex(response.body, /id="consent"[^>]* checked/)
  t.false(response.body.includes('value="short"'))
  t.is(acceptances(world).length, 0)
})

test('A first password from a Secret is not asked for, and is what counts', async (t) => {
  const world = await invited()
  world.put({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'tenantry.dev/admin-password',
    metadata: { name: 'first', namespace: 'home' },
    data: { password: Buffer.from('given by the platform').toString('base64') },
  })
  world.edit({ spec: { passwordSecretRef: { name: 'first' } } })
  await world.settle()
  const app = await site(world)
  const { cookie, fields, page } = await open(app, tokenOf(world.mails[0]))
  t.false(page.body.includes('type="password"'))
  const defaults = await submit(app, cookie, fields)
  t.is(defaults.statusCode, 422)
  t.regex(defaults.body, /id="consent-problem">Tick the box to accept/)
  t.is(acceptances(world).length, 0)
  t.is((await submit(app, cookie, { ...fields, consent: 'yes' })).statusCode, 303)
  const [secret] = acceptances(world)
  t.true(await verifyPassword('given by the platform', secret === undefined ? '' : (passwordHashOf(secret) ?? '')))
  await world.settle()
  t.false(
    world.all('Secret').some(({ metadata }) => metadata.name.startsWith('first-password-')),
    'the hash has done its service',
  )
})

test('A first password whose Secret is gone, or is another one by now, does not count', async (t) => {
  const world = await invited()
  const give = (text: string, resourceVersion: string) =>
    world.put({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'tenantry.dev/admin-password',
      metadata: { name: 'first', namespace: 'home', resourceVersion },
      data: { password: Buffer.from(text).toString('base64') },
    })
  give('given by the platform', '1')
  world.edit({ spec: { passwordSecretRef: { name: 'first' } } })
  await world.settle()
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  world.remove('Secret', 'home/first')
  await world.settle()
  t.is((await submit(app, cookie, { ...fields, consent: 'yes' })).statusCode, 500)
  t.is(acceptances(world).length, 0)
  give('given once more, and better', '2')
  await world.settle()
  t.is((await submit(app, cookie, { ...fields, consent: 'yes' })).statusCode, 303)
  const [secret] = acceptances(world)
  const hash = secret === undefined ? '' : (passwordHashOf(secret) ?? '')
  t.true(await verifyPassword('given once more, and better', hash))
})

test('Without local sign-in no password is asked for and none is kept', async (t) => {
  const world = await invited()
  const app = await site(world, { localSignIn: false })
  const { cookie, fields, page } = await open(app, tokenOf(world.mails[0]))
  t.false(page.body.includes('type="password"'))
  t.is((await submit(app, cookie, { ...fields, ...complete })).statusCode, 303)
  t.is(acceptances(world)[0]?.data?.['passwordHash'], undefined)
})

test('The address is changed between the reading and the writing: nothing is accepted', async (t) => {
  const world = await invited()
  const kube: Kube = {
    ...world.kube,
    create: async (resource, object) => {
      const created = await world.kube.create(resource, object)
      world.edit({ spec: { email: 'john@example.com' } })
      return created
    },
  }
  const app = await site(Object.assign(Object.create(world), { kube }) as World)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  t.is((await submit(app, cookie, { ...fields, ...complete })).statusCode, 410)
  t.is(acceptances(world).length, 0)
})
