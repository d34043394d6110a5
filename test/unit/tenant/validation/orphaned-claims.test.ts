/** An earlier tenant of which the cluster knows nothing any more: its claims are lost, and only the server tells. */
import test from 'ava'

import { labels } from '../../../../operator/api/names.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import { acceptanceView, passwordHashOf } from '../../../../operator/domain/acceptance.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { databaseServer, tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { cutOff, ground } from '../world.ts'
import type { World } from '../world.ts'
import { again, serverMarks } from './adopting.ts'

const bothIsolations = databaseServer({ spec: { isolation: ['Database', 'Schema'] } })

function shared(): World {
  const world = ground({ empty: true })
  world.cluster.put(tenantPlan())
  world.cluster.put(bothIsolations)
  return world
}

/** Made, with an admin who has accepted; then the whole cluster is lost, and another one stands beside the same server. */
async function lost(spec: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const before = shared()
  before.cluster.put(tenantAdmin())
  before.cluster.put(tenant({ spec }))
  await before.settle()
  const world = shared()
  for (const [owner, databaseState] of before.postgres.databases) world.postgres.databases.set(owner, databaseState)
  for (const [owner, rows] of before.postgres.directories)
    world.postgres.directories.set(
      owner,
      rows.map((row) => ({ ...row, passwordHash: 'hash', consentAt: '2030-01-01T01:02:03Z' })),
    )
  return world
}

const databaseName = (world: World) => world.tenant().status?.database?.name
const databases = (world: World) => [...world.postgres.databases.keys()]
const records = (world: World) =>
  world.cluster.all<Secret>('Secret').filter((secret) => acceptanceView(secret) !== undefined)

for (const isolation of ['Database', 'Schema'] as const)
  for (const adopt of ['uid-acme', 'main/home/acme'])
    test(`${adopt}, isolation ${isolation}: the database with that mark is the new Tenant’s`, async (t) => {
      const world = await lost({ database: { isolation } })
      const [owner] = databases(world)
      world.cluster.put(again(adopt))
      await world.settle()
      t.true(world.conditions().includes('Ready=True Provisioned'), world.message('Ready'))
      t.deepEqual(databases(world), [owner], 'none is made beside it')
      const { database } = world.tenant().status ?? {}
      t.is(database?.roles?.owner, owner)
      t.is(database?.isolation, isolation)
      t.deepEqual(serverMarks(world), ['uid-again'])
      t.deepEqual(world.tenant().status?.adopted, ['uid-acme'])

      const effects = world.effects.length
      world.restart()
      await world.settle()
      t.is(world.effects.length, effects, 'nothing is forgotten by another process')
      world.cluster.remove('Tenant', 'home/acme')
      await world.settle()
      t.is(world.postgres.databases.size, 0)
      t.deepEqual(world.cluster.all('ConfigMap'), [])
    })

test('Who had accepted is recorded anew from the directory, with the password’s hash, before that is written again', async (t) => {
  const world = await lost()
  world.cluster.put(again('main/home/acme'))
  await world.settle()
  const [secret] = records(world)
  const view = secret && acceptanceView(secret)
  t.is(view?.username, 'jane')
  t.is(view?.tenantUid, 'uid-acme')
  t.is(view?.acceptedAt, '2030-01-01T01:02:03Z')
  t.deepEqual(view?.consent, {}, 'which text it was is not known any more')
  t.is(secret && passwordHashOf(secret), 'hash')
  t.is(records(world).length, 1)
})

test('Of whom there is a record no other is made', async (t) => {
  const world = await lost()
  world.cluster.put(again('main/home/acme'))
  await world.pass()
  const [made] = records(world)
  if (made === undefined) throw new Error('none was made')
  const metadata = { ...made.metadata, name: 'accept-uid-acme-admin-2' }
  const own = { ...metadata, labels: { ...metadata.labels, [labels.adminUid]: 'uid-acme-admin' } }
  const other = await lost()
  other.cluster.put({ ...made, metadata: own, data: { ...made.data, sequence: Buffer.from('2').toString('base64') } })
  other.cluster.put(again('main/home/acme'))
  await other.settle()
  t.deepEqual(
    records(other).map(({ metadata: { name } }) => name),
    ['accept-uid-acme-admin-2'],
  )
})

const refusals: readonly (readonly [string, string, RegExp])[] = [
  ['a wrong uid', 'uid-other', /not an earlier tenant whose names or data are kept here/],
  ['a name that nobody had', 'main/home/other', /not an earlier tenant whose names or data are kept here/],
  ['another installation', 'theirs/home/acme', /not of this installation, which is main/],
  ['a part of the name', 'main/home/acm', /not an earlier tenant/],
]
for (const [what, adopt, message] of refusals)
  test(`${what} is refused, and nothing is made instead`, async (t) => {
    const world = await lost()
    world.cluster.put(again(adopt))
    await world.settle()
    t.true(world.conditions().includes('Stalled=True AdoptionRefused'))
    t.regex(world.message('Stalled') ?? '', message)
    t.is(databaseName(world), undefined)
    t.deepEqual(world.cluster.all('ConfigMap'), [])
    t.deepEqual(serverMarks(world), ['uid-acme'])
  })

test('What bears the mark of another installation is not taken by its uid', async (t) => {
  const theirs = ground({ settings: { installation: 'theirs' } })
  theirs.cluster.put(tenant())
  await theirs.settle()
  const world = ground()
  for (const [owner, databaseState] of theirs.postgres.databases) world.postgres.databases.set(owner, databaseState)
  world.cluster.put(again('uid-acme'))
  await world.settle()
  t.true(world.conditions().includes('Stalled=True AdoptionRefused'))
})

test('A name that several tenants had is refused, and names the uids; one of them is taken', async (t) => {
  const world = await lost()
  const second = ground()
  second.cluster.put(tenant({ uid: 'uid-second' }))
  await second.settle()
  for (const [owner, databaseState] of second.postgres.databases) world.postgres.databases.set(owner, databaseState)
  world.cluster.put(again('main/home/acme'))
  await world.settle()
  t.regex(world.message('Stalled') ?? '', /several tenants\. Give the uid of one: uid-acme, uid-second\./)
  world.cluster.put(again('uid-second'))
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.deepEqual(world.tenant().status?.adopted, ['uid-second'])
})

test('A Tenant that is there with its mark is not taken over, although its claims are lost', async (t) => {
  const world = ground()
  world.cluster.put(tenant())
  await world.settle()
  for (const { metadata } of world.cluster.all('ConfigMap'))
    world.cluster.remove('ConfigMap', `tenantry-system/${metadata.name}`)
  const thief = tenant({ name: 'thief', uid: 'uid-thief', annotations: { 'tenantry.dev/adopt': 'uid-acme' } })
  world.cluster.put(thief)
  await world.settle('home/thief')
  t.regex(world.message('Stalled', 'home/thief') ?? '', /is the Tenant home\/acme, which still exists/)
})

test('Two that ask for the same data: one has it, the other is refused', async (t) => {
  const world = await lost()
  world.cluster.put(again('main/home/acme'))
  const other = { name: 'other', uid: 'uid-other', spec: { cloudId: 'other', subdomain: 'other' } }
  world.cluster.put(tenant({ ...other, annotations: { 'tenantry.dev/adopt': 'main/home/acme' } }))
  await world.settleAll()
  const states = ['home/acme', 'home/other'].map((key) => world.conditions(key))
  t.is(states.filter((conditions) => conditions.includes('Ready=True Provisioned')).length, 1)
  t.is(states.filter((conditions) => conditions.includes('Stalled=True AdoptionRefused')).length, 1)
  t.is(world.postgres.databases.size, 1)
})

test('While a server cannot be asked nothing is made for whoever asks by name', async (t) => {
  const world = await lost()
  world.postgres.down = new PostgresError('Unavailable', 'down')
  world.cluster.put(again('main/home/acme'))
  await world.settle()
  t.true(world.conditions().includes('Reconciling=True DatabaseUnavailable'))
  t.false(world.conditions().some((line) => line.startsWith('Stalled=True')))
  t.deepEqual(world.cluster.all('ConfigMap'), [])
  world.postgres.down = undefined
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('A server that refuses to tell what it has takes a person, and nothing is made for whoever asks by name', async (t) => {
  const world = await lost()
  world.postgres.down = new PostgresError('InsufficientPrivilege', 'Permission denied (SQLSTATE 42501).', '42501')
  world.cluster.put(again('main/home/acme'))
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DatabaseRefused'))
  t.deepEqual(world.cluster.all('ConfigMap'), [])
  world.postgres.down = undefined
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('A status that came back from a backup makes nothing anew where the adoption is refused', async (t) => {
  const before = ground()
  before.cluster.put(tenant())
  await before.settle()
  const world = await lost()
  const { status } = before.tenant()
  world.cluster.put({ ...again('main/home/other'), ...(status === undefined ? {} : { status }) })
  await world.settle()
  t.true(world.conditions().includes('Stalled=True AdoptionRefused'))
  t.is(world.postgres.databases.size, 1)
  world.cluster.put({ ...again('main/home/acme'), ...(status === undefined ? {} : { status }) })
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.is(world.postgres.databases.size, 1)
})

test('Cut off after any write, it ends the same', async (t) => {
  const whole = await lost()
  whole.cluster.put(again('main/home/acme'))
  await whole.settle()
  const count = whole.effects.length
  const [owner] = databases(whole)
  for (let cut = 0; cut < count; cut += 1) {
    const world = await lost()
    world.cluster.put(again('main/home/acme'))
    await cutOff(world, cut)
    t.true(world.conditions().includes('Ready=True Provisioned'), `after ${cut}`)
    t.deepEqual(databases(world), [owner], `after ${cut}`)
    t.is(records(world).length, 1, `after ${cut}`)
  }
})
