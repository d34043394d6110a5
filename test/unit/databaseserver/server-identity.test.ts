/** A DatabaseServer knows which PostgreSQL server it is. */
import test from 'ava'

import type { DatabaseServer } from '../../../operator/api/databaseserver.ts'
import { configMaps } from '../../../operator/kube/resources.ts'
import { databaseServer, tenant } from '../../gen.ts'
import { databaseTarget } from '../../database-target.ts'
import { adminSecret, setUp, signal } from './scene.ts'

const other = '7500000000000000002'

function well() {
  const world = setUp()
  world.cluster.put(adminSecret())
  return world
}

type World = ReturnType<typeof well>

function annotate({ cluster }: World, value: string): void {
  const found = cluster.find<DatabaseServer>('DatabaseServer', 'main') ?? databaseServer()
  cluster.put({ ...found, metadata: { ...found.metadata, annotations: { 'tenantry.dev/accept-server': value } } })
}

/** Tenants that are placed on it, as their claims and statuses tell. */
async function placed({ cluster }: World, names: readonly string[], systemIdentifier?: string): Promise<void> {
  for (const name of names) {
    const uid = `uid-${name}`
    const roles = { owner: `t_${name}`, logins: { a: `t_${name}_a`, b: `t_${name}_b` }, current: 'a' as const }
    cluster.put({
      ...tenant({ name, uid }),
      status: { observedGeneration: 1, database: { server: 'main', name: `t_${name}`, roles } },
    })
    await cluster.kube.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `cloudid-${name}`,
        namespace: 'tenantry-system',
        labels: { 'tenantry.dev/tenant-uid': uid, 'app.kubernetes.io/component': 'claim' },
      },
      data: { kind: 'CloudId', value: name, uid, server: 'main', ...(systemIdentifier && { systemIdentifier }) },
    })
  }
}

test('another server under the same address: nothing is asked of it, and a person is told how to accept it', async (t) => {
  const world = well()
  await world.pass()
  const { systemIdentifier: recorded = '' } = world.postgres.which
  t.like(world.status(), { systemIdentifier: recorded, timeline: 1, lsn: '0/3000000' })
  world.postgres.which = { systemIdentifier: other }
  const { length } = world.postgres.statements
  t.deepEqual(await world.pass(), { stuck: { base: 5_000, cap: 60_000 } })
  t.is(world.postgres.statements.length, length)
  t.like(world.ready(), { status: 'False', reason: 'AnotherServer' })
  t.true(world.stalled())
  const message = world.ready()?.message ?? ''
  t.true(message.includes(`kubectl annotate databaseserver main tenantry.dev/accept-server=${other} --overwrite`))
  t.true(message.includes(recorded))
  t.is(world.status()?.systemIdentifier, recorded)
  const writes = world.cluster.writes.length
  await world.pass()
  t.is(world.cluster.writes.length, writes, 'stuck is quiet')
  await t.throwsAsync(async () => (await world.pool.connect('main', signal)).health(signal), { message: 'another one' })
  world.postgres.which = { systemIdentifier: recorded }
  await world.pass()
  t.like(world.ready(), { status: 'True', reason: 'Connected' })
  t.deepEqual(world.events, [])
})

test('a server that is accepted is the one that is meant from then on; what was known of the former is forgotten', async (t) => {
  const world = well()
  const names = { database: 't_one', owner: 't_one', logins: { a: 't_one_a', b: 't_one_b' } }
  await world.pass()
  world.catalogues.assume('main', { ...databaseTarget(), names })
  world.postgres.which = { systemIdentifier: other, timeline: 3, lsn: '0/1000000' }
  annotate(world, '12345')
  await world.pass()
  t.like(world.ready(), { reason: 'AnotherServer' }, 'another value accepts nothing')
  annotate(world, other)
  await world.pass()
  t.like(world.ready(), { status: 'True', reason: 'Connected' })
  t.like(world.status(), { systemIdentifier: other, timeline: 3, lsn: '0/1000000', setBack: undefined })
  t.is(world.events.length, 1)
  t.regex(world.events[0] ?? '', /^Normal ServerAccepted: .*7500000000000000002.* in place of 7500000000000000001/)
  t.is((await world.catalogues.look('main', names, signal)).kind, 'Observed')
  await world.pass()
  t.is(world.events.length, 1)
  world.postgres.which = { systemIdentifier: '7500000000000000003' }
  await world.pass()
  t.like(world.ready(), { reason: 'AnotherServer' }, 'an old annotation accepts no third one')
})

test('an annotation that names another server does not stop the right one', async (t) => {
  const world = well()
  annotate(world, other)
  await world.pass()
  await world.pass()
  t.like(world.ready(), { status: 'True', reason: 'Connected' })
  t.not(world.status()?.systemIdentifier, other)
})

test('where the status was lost the claims of its tenants say which server it was', async (t) => {
  const world = well()
  await placed(world, ['one'], other)
  await world.pass()
  t.like(world.ready(), { status: 'False', reason: 'AnotherServer' })
  t.true(world.ready()?.message.includes(other))
  t.is(world.status()?.systemIdentifier, undefined)
  world.postgres.which = { systemIdentifier: other }
  await world.pass()
  t.like(world.status(), { systemIdentifier: other })
  t.like(world.ready(), { status: 'True' })
})

test('a server that may not be asked, and has none of several tenants, is another one', async (t) => {
  const world = well()
  world.postgres.which = {}
  await placed(world, ['one'])
  await world.pass()
  t.like(world.ready(), { status: 'True' }, 'one alone may have been dropped')
  await placed(world, ['two'])
  await world.pass()
  t.like(world.ready(), { status: 'False', reason: 'AnotherServer' })
  t.true(world.ready()?.message.includes('tenantry.dev/accept-server=db.example.com:5432 '))
  annotate(world, 'db.example.com:5432')
  await world.pass()
  t.like(world.ready(), { status: 'True' })
})

test('one of the tenants is there: it is the right server', async (t) => {
  const world = well()
  world.postgres.which = {}
  await placed(world, ['one', 'two'])
  const there = { canLogin: false, connectionLimit: -1, attributes: [], memberOf: [], members: [], settings: [] }
  const database = { owner: 'op', connectionLimit: -1, allowConnections: true, acl: [] }
  const databaseState = {
    operator: 'op',
    version: 180_004,
    complete: true,
    sessions: 0,
    logins: {},
    owner: there,
    database,
  }
  world.postgres.databases.set('t_two', databaseState)
  await world.pass()
  t.like(world.ready(), { status: 'True' })
})

test('two DatabaseServers that are one server: the younger says so and names the elder, which stays as it is', async (t) => {
  const world = well()
  const second = { name: 'second', uid: 'uid-second', creationTimestamp: '2031-01-01T00:00:00Z' }
  world.cluster.put(databaseServer(second))
  await world.pass('second')
  await world.pass()
  await world.pass('second')
  const { status } = world.cluster.find<DatabaseServer>('DatabaseServer', 'second') ?? {}
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  t.like(ready, { status: 'False', reason: 'DuplicateServer' })
  t.true(ready?.message.startsWith('The DatabaseServer main is the same PostgreSQL server'))
  t.like(world.ready(), { status: 'True' })
})

test('a restore to an earlier time: told once, with the two times and who is younger', async (t) => {
  const world = well()
  await placed(world, ['one'])
  world.postgres.which = { ...world.postgres.which, lsn: '1/2000000' }
  await world.pass()
  const seenUntil = world.status()?.seenAt
  world.postgres.which = {
    ...world.postgres.which,
    timeline: 2,
    lsn: '0/FF000000',
    replayedUntil: '2030-01-01T00:00:00Z',
  }
  await world.pass()
  t.like(world.ready(), { status: 'True', reason: 'Connected' })
  const { setBack } = world.status() ?? {}
  t.like(setBack, { seenUntil, replayedUntil: '2030-01-01T00:00:00Z', tenants: ['home/one'] })
  t.is(world.events.length, 1)
  t.regex(world.events[0] ?? '', /^Warning ServerSetBack: .*home\/one/)
  await world.pass()
  t.is(world.events.length, 1)
  t.deepEqual(world.status()?.setBack, setBack)
})

test('a former primary on its old timeline is set back, however far it has written', async (t) => {
  const world = well()
  world.postgres.which = { ...world.postgres.which, timeline: 2 }
  await world.pass()
  world.postgres.which = { ...world.postgres.which, timeline: 1, lsn: '9/0' }
  await world.pass()
  t.regex(world.events[0] ?? '', /^Warning ServerSetBack/)
  t.is(world.events.length, 1)
})

test('a standby that was promoted, and one step of the log, are no restore', async (t) => {
  const world = well()
  await world.pass()
  world.postgres.which = { ...world.postgres.which, timeline: 2 }
  await world.pass()
  t.like(world.status(), { timeline: 2 })
  t.deepEqual(world.events, [])
})

test('an idle server costs no write; a step of its log is recorded, and less with whatever is written anyway', async (t) => {
  const world = well()
  await world.pass()
  const writes = () => world.cluster.writes.length
  const before = writes()
  world.postgres.which = { ...world.postgres.which, lsn: '0/6FFFFFF' }
  await world.pass()
  t.is(writes(), before)
  world.postgres.state = { ...world.postgres.state, version: 180_005 }
  await world.pass()
  t.is(writes(), before + 1)
  t.is(world.status()?.lsn, '0/6FFFFFF')
  world.postgres.which = { ...world.postgres.which, lsn: '0/BFFFFFF' }
  await world.pass()
  t.is(writes(), before + 2)
  t.is(world.status()?.lsn, '0/BFFFFFF')
})

test('what another leadership sees first is no change: where tenants are as they were it writes nothing', async (t) => {
  const world = well()
  const mark = { installation: 'test', tenant: 'home/one', uid: 'uid-one' }
  const there = { canLogin: false, connectionLimit: -1, attributes: [], memberOf: [], members: [], settings: [], mark }
  const databaseState = { operator: 'op', version: 180_004, complete: true, sessions: 0, logins: {}, owner: there }
  world.postgres.databases.set('t_one', databaseState)
  await world.pass()
  await world.pass()
  const before = world.cluster.writes.length
  world.catalogues.forget('main')
  world.restart()
  world.postgres.which = { ...world.postgres.which, lsn: '0/6FFFFFF' }
  await world.pass()
  t.is(world.cluster.writes.length, before)
})
