/** A session's life: opened, found, used, ended. */
import test from 'ava'
import { sessionName } from '../../../../operator/api/names.ts'
import { newCookie } from '../../../../operator/web/sessions/session-cookie.ts'
import { sessionOf, sessionSecret } from '../../../../operator/web/sessions/session-secret.ts'
import { People, person, sessionSettings, webNamespace } from '../people.ts'

const minute = 60_000

test('The cookie is 256 random bits, and the Secret has only a digest of it', async (t) => {
  const people = new People()
  const cookie = await people.store.open({ person: person() })
  t.is(Buffer.from(cookie, 'base64url').length, 32)
  const [secret] = people.secrets('session-')
  t.is(secret?.metadata.name, sessionName(cookie))
  t.is(secret?.metadata.namespace, webNamespace)
  t.false(JSON.stringify(secret).includes(cookie))
  t.false(Buffer.from(secret?.data?.['session'] ?? '', 'base64').includes(cookie))
})

test('Any replica finds the session, also before its watch has told of it', async (t) => {
  const people = new People()
  const cookie = await people.store.open({ person: person(), oidc: { sid: 's1', idToken: 'ey' } })
  const other = people.replica()
  t.deepEqual((await other.find(cookie))?.person, person())
  people.live = false
  t.deepEqual((await other.find(cookie))?.oidc, { sid: 's1', idToken: 'ey' })
})

test('A session in the cache costs no request, and an unknown cookie costs one', async (t) => {
  const people = new People()
  const cookie = await people.store.open({ person: person() })
  people.requests.length = 0
  await people.store.find(cookie)
  t.deepEqual(people.requests, [])
  t.true(people.store.isKnown(cookie))
  const stranger = newCookie(people.random)
  t.false(people.store.isKnown(stranger))
  t.is(await people.store.find(stranger), undefined)
  t.is(people.requests.length, 1)
})

test('What is no cookie of ours is not looked up', async (t) => {
  const people = new People()
  for (const cookie of [undefined, '', 'short', '../../secrets/x', `${'a'.repeat(42)}=`, 'a'.repeat(44)])
    t.is(await people.store.find(cookie), undefined)
  t.deepEqual(people.requests, [])
})

test('A session ends without requests, and in any case in the end', async (t) => {
  const people = new People()
  const idle = await people.store.open({ person: person() })
  await people.clock.advance(30 * minute)
  t.is(await people.store.find(idle), undefined)
  const busy = await people.store.open({ person: person() })
  for (let spent = 0; spent < 12 * 60 - 20; spent += 20) {
    await people.clock.advance(20 * minute)
    const session = await people.store.find(busy)
    if (session === undefined) return t.fail(`ended after ${spent} minutes`)
    await people.store.touch(session)
  }
  await people.clock.advance(20 * minute)
  t.is(await people.store.find(busy), undefined)
})

test('A request is recorded at most once in a tenth of the idle time', async (t) => {
  const people = new People()
  const cookie = await people.store.open({ person: person() })
  for (let i = 0; i < 60; i += 1) {
    await people.clock.advance(minute / 10)
    const session = await people.store.find(cookie)
    if (session !== undefined) await people.store.touch(session)
  }
  t.is(people.requests.filter((request) => request.startsWith('replace')).length, 2)
})

test('A request that was under way does not bring back a session that was ended', async (t) => {
  const people = new People()
  const cookie = await people.store.open({ person: person() })
  const session = await people.store.find(cookie)
  if (session === undefined) return t.fail()
  await people.clock.advance(10 * minute)
  const other = people.replica()
  await people.store.close(session)
  await other.touch(session)
  await people.store.touch(session)
  t.deepEqual(people.secrets('session-'), [])
  t.is(await people.store.find(cookie), undefined)
})

test('A session that was ended here is ended, although the watch still tells of it', async (t) => {
  const people = new People()
  const cookie = await people.store.open({ person: person() })
  const session = await people.store.find(cookie)
  people.server.onChange = () => {}
  if (session !== undefined) await people.store.close(session)
  t.is(people.sessions.get(`${webNamespace}/${sessionName(cookie)}`)?.name, session?.name)
  t.is(await people.store.find(cookie), undefined)
  t.deepEqual(people.store.all({ user: person().user }), [])
})

test('While the watch is broken, a session that another replica has ended is ended here too', async (t) => {
  const people = new People()
  const other = people.replica()
  const cookie = await people.store.open({ person: person() })
  const session = await people.store.find(cookie)
  people.server.onChange = () => {}
  people.live = false
  if (session !== undefined) await other.close(session)
  t.is(await people.store.find(cookie), undefined)
})

test('A sign-in ends the session that the browser had, and never takes over its cookie', async (t) => {
  const people = new People()
  const before = await people.store.open({ person: person() })
  const after = await people.store.open({ person: person() }, before)
  t.not(after, before)
  t.is(await people.store.find(before), undefined)
  const planted = newCookie(people.random)
  const own = await people.store.open({ person: person() }, planted)
  t.not(own, planted)
  t.is(await people.store.find(planted), undefined)
})

test('The oldest of twenty sessions goes for the next', async (t) => {
  const people = new People()
  const cookies: string[] = []
  for (let i = 0; i < 22; i += 1) {
    cookies.push(await people.store.open({ person: person() }))
    await people.clock.advance(1000)
  }
  await people.store.open({ person: person({ subject: 'subject-other' }) })
  const found = await Promise.all(cookies.map((cookie) => people.store.find(cookie)))
  t.deepEqual(found.slice(0, 2), [undefined, undefined])
  t.is(found.filter((session) => session !== undefined).length, 20)
  t.is(people.secrets('session-').length, 21)
})

test('Sessions end together: of a user, a TenantAdmin, an account, or one session of the provider', async (t) => {
  const people = new People()
  const local = person({ provider: 'local', admins: ['uid-1', 'uid-2'] })
  const open = async () => [
    await people.store.open({ person: person(), oidc: { sid: 's1', idToken: undefined } }),
    await people.store.open({ person: person(), oidc: { sid: 's2', idToken: undefined } }),
    await people.store.open({ person: local }),
    await people.store.open({ person: person({ provider: 'other' }), oidc: { sid: 's1', idToken: undefined } }),
  ]
  const left = async (cookies: readonly string[]) => {
    const found = await Promise.all(cookies.map((cookie) => people.store.find(cookie)))
    const alive = found.map((session) => session !== undefined)
    await people.store.closeAll({ user: person().user })
    return alive
  }
  const first = await open()
  t.is(await people.store.closeAll({ provider: 'corp', sid: 's1' }), 1)
  t.deepEqual(await left(first), [false, true, true, true])
  const second = await open()
  t.is(await people.store.closeAll({ adminUid: 'uid-2' }), 1)
  t.deepEqual(await left(second), [true, true, false, true])
  const third = await open()
  t.is(await people.store.closeAll({ provider: 'corp', subject: 'subject-jane' }), 2)
  t.deepEqual(await left(third), [false, false, true, true])
  const fourth = await open()
  const own = sessionName(fourth[1] ?? '')
  t.is(await people.store.closeAll({ user: person().user }, own), 3)
  t.deepEqual(await left(fourth), [false, true, false, false])
})

test('A Secret that Tenantry did not make so is no session', async (t) => {
  const people = new People()
  await people.store.open({ person: person() })
  const [good] = people.secrets('session-')
  if (good === undefined) return t.fail()
  t.not(sessionOf(good), undefined)
  const record = JSON.parse(Buffer.from(good.data?.['session'] ?? '', 'base64').toString()) as Record<string, unknown>
  const made = (change: object) =>
    sessionOf({ ...good, data: { session: Buffer.from(JSON.stringify({ ...record, ...change })).toString('base64') } })
  t.not(made({}), undefined)
  t.is(made({ isAdmin: true }), undefined)
  t.is(made({ csrfKey: '' }), undefined)
  t.is(made({ idleEnd: 'never' }), undefined)
  t.is(made({ person: { ...person(), user: '' } }), undefined)
  t.is(made({ person: { ...person(), groups: Array.from({ length: 201 }, String) } }), undefined)
  t.is(sessionOf({ ...good, type: 'Opaque' }), undefined)
  t.is(sessionOf({ ...good, metadata: { ...good.metadata, name: 'session-x' } }), undefined)
  t.is(sessionOf({ ...good, data: { session: 'e' } }), undefined)
  t.is(sessionOf({ ...good, data: {} }), undefined)
})

test('Too many groups and too long a token are left out, so that the session can be kept', (t) => {
  const times = { createdAt: 1, lastSeen: 1, idleEnd: 2, absoluteEnd: 3 }
  const groups = Array.from({ length: 900 }, (_, i) => `group-${i}`)
  const secret = sessionSecret(
    {
      ...times,
      person: person({ groups }),
      csrfKey: 'k'.repeat(43),
      mustChange: true,
      credential: undefined,
      oidc: { sid: undefined, idToken: 'x'.repeat(9000) },
    },
    { name: `session-${'0'.repeat(32)}`, uid: 'u', resourceVersion: '1' },
    sessionSettings,
  )
  const session = sessionOf(secret)
  t.is(session?.person.groups.length, 200)
  t.deepEqual(session?.oidc, { sid: undefined, idToken: undefined })
  t.true(session?.mustChange)
})
