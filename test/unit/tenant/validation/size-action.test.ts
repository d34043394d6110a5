/** What is done with a tenant whose data exceeds its limit: Off and ReadOnly. */
import test from 'ava'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { databaseServer, tenantAdmin, tenantPlan } from '../../../gen.ts'
import type { World } from '../world.ts'
import { running, takes, told, available, ready, canLogin, events, acts } from './size-scene.ts'

for (const where of ['plan', 'tenant'] as const)
  test(`Off, as the ${where} says: from all of it on nobody logs in, workloads run on, and all comes back by itself`, async (t) => {
    const overSize = { overSize: 'Off' }
    const world = await running(where === 'tenant' ? overSize : {}, {
      maxSize: '100k',
      ...(where === 'plan' && overSize),
    })
    await takes(world, 90)
    t.deepEqual(canLogin(world), [true])
    world.cluster.writes.length = 0
    world.postgres.statements.length = 0
    await takes(world, 100)
    t.deepEqual(canLogin(world), [false])
    t.deepEqual(acts(world), ['EnsureRoles', 'TerminateSessions'])
    t.deepEqual(world.cluster.writes, ['patch Tenant/status home/acme'])
    t.is(available(world), 'Available=False DatabaseOverSize')
    t.is(ready(world), 'Ready=True Provisioned')
    t.is(world.tenant().status?.phase, 'Active')
    t.is(world.tenant().status?.suspendedAt, undefined)
    t.deepEqual(world.repairs, [])
    const { length } = world.effects
    // What would try its credentials, if they were to work.
    await world.clock.advance(24 * 3_600_000)
    await world.settle()
    t.is(world.effects.length, length)
    t.false(world.postgres.statements.some((each) => each.startsWith('probe')))

    await takes(world, 94)
    t.deepEqual(canLogin(world), [true])
    t.is(available(world), 'Available=True Provisioned')
    t.deepEqual(world.repairs, [])
  })

const readOnly = (world: World) =>
  [...world.postgres.databases.values()].flatMap(({ logins }) =>
    [logins.a, logins.b].map((login) => login?.settings.includes('default_transaction_read_only=on')),
  )

test('ReadOnly: beyond all of it sessions begin read-only, those that are open end, and both once more when it ends', async (t) => {
  const world = await running({ overSize: 'ReadOnly' })
  await takes(world, 90)
  t.deepEqual(readOnly(world), [false, false])
  world.postgres.statements.length = 0
  await takes(world, 100)
  t.deepEqual(readOnly(world), [true, true])
  t.deepEqual(canLogin(world), [true])
  t.deepEqual(acts(world), ['EnsureRoles', 'TerminateSessions'])
  t.deepEqual(told(world), ['DatabaseOverSize=True DatabaseReadOnly'])
  t.is(available(world), 'Available=True Provisioned')
  t.is(ready(world), 'Ready=True Provisioned')
  const { length } = world.effects
  await takes(world, 120)
  world.restart()
  await world.settle()
  t.is(world.effects.length, length)
  world.postgres.statements.length = 0
  await takes(world, 94)
  t.deepEqual(readOnly(world), [false, false])
  t.deepEqual(acts(world), ['EnsureRoles', 'TerminateSessions'])
  t.deepEqual(told(world), ['DatabaseOverSize=True DatabaseNearlyFull'])
  t.deepEqual(world.repairs, [])
  t.deepEqual(events(world), ['Warning DatabaseNearlyFull', 'Warning DatabaseReadOnly', 'Normal DatabaseWithinSize'])
})

test('ReadOnly: sessions that were not ended are ended at the next try', async (t) => {
  const world = await running({ overSize: 'ReadOnly' })
  let tries = 0
  world.postgres.before = (statement) => {
    if (!statement.startsWith('TerminateSessions')) return
    tries += 1
    if (tries < 3) throw new PostgresError('Timeout', 'as told')
  }
  for (const databaseState of world.postgres.databases.values()) databaseState.sizeBytes = 100_000
  await world.poll()
  await t.throwsAsync(world.pass())
  t.deepEqual(told(world), [])
  await world.settle()
  t.is(tries, 3)
  t.deepEqual(told(world), ['DatabaseOverSize=True DatabaseReadOnly'])
})

test('ReadOnly: sessions end once, also where the server refuses the credentials', async (t) => {
  const world = await running({ overSize: 'ReadOnly' })
  world.postgres.logsIn = () => false
  await world.clock.advance(world.settings.probeInterval)
  for (let refusals = 0; refusals < 3; refusals += 1) {
    await world.pass()
    await world.clock.advance(5_000)
  }
  for (const databaseState of world.postgres.databases.values()) databaseState.sizeBytes = 100_000
  await world.poll()
  world.postgres.statements.length = 0
  await world.pass()
  t.is(ready(world), 'Ready=False DatabaseLoginFailed')
  t.regex(
    world.message('Ready') ?? '',
    /^The DatabaseServer main refuses the credentials of .*pg_hba\.conf.* retries automatically\.$/,
  )
  t.deepEqual(told(world), ['DatabaseOverSize=True DatabaseReadOnly'])
  for (let passes = 0; passes < 3; passes += 1) await world.pass()
  t.is(acts(world).filter((each) => each === 'TerminateSessions').length, 1)
})

test('what is done can be changed meanwhile, from each to each', async (t) => {
  const world = await running()
  await takes(world, 100)
  for (const [overSize, isReadOnly, isOpen] of [
    ['ReadOnly', true, true],
    ['Off', false, false],
    ['ReadOnly', true, true],
    ['Warn', false, true],
    ['Off', false, false],
    ['Warn', false, true],
  ] as const) {
    world.edit({ database: { overSize } })
    await world.settle()
    t.deepEqual(readOnly(world), [isReadOnly, isReadOnly], overSize)
    t.deepEqual(canLogin(world), [isOpen], overSize)
    t.is(available(world), isOpen ? 'Available=True Provisioned' : 'Available=False DatabaseOverSize')
  }
})

test('a tenant that is turned off stays off when its data is within its bound again', async (t) => {
  const world = await running({ overSize: 'Off' })
  await takes(world, 100)
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.is(available(world), 'Available=False Deactivated')
  await takes(world, 10)
  t.deepEqual(told(world), [])
  t.deepEqual(canLogin(world), [false])
  world.edit({ state: 'Active' })
  await world.settle()
  t.deepEqual(canLogin(world), [true])
})

/** What comes between the operator and a tenant that is closed for its size. */
const absences: readonly (readonly [string, (world: World) => void, (world: World) => void])[] = [
  [
    'its plan is gone',
    ({ cluster }) => cluster.remove('TenantPlan', 'standard'),
    ({ cluster }) => void cluster.put(tenantPlan({ spec: { database: { maxSize: '100k' } } })),
  ],
  [
    'its DatabaseServer is gone',
    ({ cluster }) => cluster.remove('DatabaseServer', 'main'),
    ({ cluster }) => void cluster.put(databaseServer()),
  ],
  [
    'nobody knows which server it is on',
    ({ cluster }) => void cluster.put(databaseServer({ reason: 'AnotherServer' })),
    ({ cluster }) => void cluster.put(databaseServer()),
  ],
]

for (const [what, lose, restore] of absences)
  test(`Off: while ${what} it stays Active and closed, and nobody hears that it can be used again`, async (t) => {
    const world = await running({ overSize: 'Off' })
    await takes(world, 100)
    for (const change of [lose, restore]) {
      change(world)
      await world.settle()
      t.is(world.tenant().status?.phase, 'Active')
      t.is(available(world), 'Available=False DatabaseOverSize')
      t.regex(world.message('Available') ?? '', /logins of the tenant are off/)
      t.deepEqual(canLogin(world), [false])
    }
    t.false(world.events.includes('Normal Available'))
    await takes(world, 10)
    t.is(available(world), 'Available=True Provisioned')
  })

test('Off: when a failure is over nobody hears that it can be used again', async (t) => {
  const world = await running({ overSize: 'Off' })
  await takes(world, 100)
  world.cluster.put(tenantAdmin({ name: 'bob', uid: 'uid-bob', spec: { username: 'bob' } }))
  world.postgres.before = (statement) => {
    if (statement.startsWith('WriteDirectory')) throw new PostgresError('Timeout', 'as told')
  }
  await t.throwsAsync(world.pass())
  t.is(available(world), 'Available=False DatabaseUnavailable')
  world.postgres.before = () => {}
  await world.settle()
  t.is(available(world), 'Available=False DatabaseOverSize')
  t.false(world.events.includes('Normal Available'))
})
