/** A bound on the size of a tenant's data: what is told at which share of it, what is done, and that it ends by itself. */
import test from 'ava'
import { KubeError } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { tenantAdmin, tenantPlan } from '../../../gen.ts'
import type { World } from '../world.ts'
import { running, takes, told, available, ready, canLogin, events, acts } from './size-scene.ts'

test('told at 80 % and at all of it, once each; it ends at 95 and at 75 %, so that it does not come and go', async (t) => {
  const world = await running()
  const shares: readonly (readonly [number, string | undefined])[] = [
    [79, undefined],
    [80, 'DatabaseNearlyFull'],
    [76, 'DatabaseNearlyFull'],
    [99, 'DatabaseNearlyFull'],
    [100, 'DatabaseOverSize'],
    [96, 'DatabaseOverSize'],
    [140, 'DatabaseOverSize'],
    [94, 'DatabaseNearlyFull'],
    [74, undefined],
    [79, undefined],
    [100, 'DatabaseOverSize'],
    [0, undefined],
  ]
  for (const [share, reason] of shares) {
    await takes(world, share)
    t.deepEqual(told(world), reason === undefined ? [] : [`DatabaseOverSize=True ${reason}`], String(share))
    t.is(ready(world), 'Ready=True Provisioned')
    t.is(available(world), 'Available=True Provisioned')
    t.deepEqual(canLogin(world), [true])
  }
  t.deepEqual(events(world), [
    'Warning DatabaseNearlyFull',
    'Warning DatabaseOverSize',
    'Normal DatabaseWithinSize',
    'Warning DatabaseOverSize',
    'Normal DatabaseWithinSize',
  ])
  t.is(world.lines.filter(({ message }) => message === 'data of a tenant over its size').length, 2)
})

test('a look that finds nothing new wakes nobody; neither does one after a restart write anything', async (t) => {
  const world = await running()
  t.deepEqual(await takes(world, 85), ['uid-acme'])
  const { length } = world.effects
  for (const share of [86, 99, 80]) t.deepEqual(await takes(world, share), [])
  world.restart()
  await world.settle()
  t.deepEqual(await world.poll(), [])
  t.is(world.effects.length, length)
})

test('without a bound nothing is told, and a size that is not known changes nothing', async (t) => {
  const free = await running({}, {})
  t.deepEqual(await takes(free, 1_000), [])
  t.deepEqual(told(free), [])
  const world = await running()
  await takes(world, 100)
  for (const databaseState of world.postgres.databases.values()) delete databaseState.sizeBytes
  await world.poll()
  await world.settle()
  t.deepEqual(told(world), ['DatabaseOverSize=True DatabaseOverSize'])
})

test("the tenant's own bound goes before the plan's, and a bound that is raised or taken away ends it", async (t) => {
  const world = await running({ maxSize: '200k' })
  await takes(world, 120)
  t.deepEqual(told(world), [])
  world.edit({ database: { maxSize: '100k' } })
  await world.settle()
  t.regex(world.message('DatabaseOverSize') ?? '', /\(100k, spec\.database\.maxSize\)/)
  world.edit({ database: {} })
  await world.settle()
  t.regex(world.message('DatabaseOverSize') ?? '', /\(100k, spec\.database\.maxSize of the TenantPlan standard\)/)
  world.cluster.put(tenantPlan())
  await world.settle()
  t.deepEqual(told(world), [])
})

for (const [what, prepare] of [
  [
    'a Secret that finds no room',
    ({ cluster }) => {
      cluster.remove('Secret', 'tenant-acme/tenantry-database')
      cluster.before = (write) => {
        if (write.startsWith('create Secret')) throw new KubeError('Forbidden', 'no room', 403, { quota: 'theirs' })
      }
    },
  ],
  [
    'a directory that cannot be written',
    ({ cluster, postgres }) => {
      cluster.put(tenantAdmin({ name: 'bob', uid: 'uid-bob', spec: { username: 'bob' } }))
      postgres.before = (statement) => {
        if (statement.startsWith('WriteDirectory')) throw new PostgresError('Timeout', 'as told')
      }
    },
  ],
] as const satisfies readonly (readonly [string, (world: World) => void])[])
  test(`ReadOnly: sessions end once, also beside ${what}`, async (t) => {
    const world = await running({ overSize: 'ReadOnly' })
    prepare(world)
    for (const databaseState of world.postgres.databases.values()) databaseState.sizeBytes = 100_000
    await world.poll()
    world.postgres.statements.length = 0
    for (let passes = 0; passes < 3; passes += 1) await t.throwsAsync(world.pass())
    t.is(acts(world).filter((each) => each === 'TerminateSessions').length, 1)
    t.deepEqual(told(world), ['DatabaseOverSize=True DatabaseReadOnly'])
    t.regex(ready(world) ?? '', /^Ready=False/)
  })

test('what is told names the ways in which the data takes less: a DELETE alone is none', async (t) => {
  const world = await running()
  for (const [overSize, share] of [
    ['Warn', 90],
    ['Warn', 100],
    ['ReadOnly', 100],
    ['Off', 100],
  ] as const) {
    world.edit({ database: { overSize } })
    await takes(world, share)
    await world.settle()
    t.regex(
      world.message('DatabaseOverSize') ?? '',
      /[Mm]ake room \(TRUNCATE, DROP TABLE, or VACUUM FULL after a DELETE\)/,
      `${overSize} at ${share} %`,
    )
  }
})

test('what could not be done is not told as done', async (t) => {
  const world = await running({ overSize: 'Off' })
  world.postgres.before = (statement) => {
    if (statement.startsWith('EnsureRoles')) throw new PostgresError('Timeout', 'as told')
  }
  for (const databaseState of world.postgres.databases.values()) databaseState.sizeBytes = 100_000
  await world.poll()
  for (let passes = 0; passes < 3; passes += 1) await world.pass().catch(() => undefined)
  t.deepEqual(told(world), [])
  const { length } = world.cluster.writes
  await world.poll()
  for (let passes = 0; passes < 3; passes += 1) await world.pass().catch(() => undefined)
  t.is(world.cluster.writes.length, length)
  world.postgres.before = () => {}
  await world.settle()
  t.deepEqual(told(world), ['DatabaseOverSize=True DatabaseOverSize'])
  t.deepEqual(canLogin(world), [false])
})

test('what is asked for while the server is down is not told as done either', async (t) => {
  const world = await running()
  await takes(world, 100)
  const message = world.message('DatabaseOverSize')
  world.postgres.down = new PostgresError('Unavailable', 'as told')
  world.edit({ database: { overSize: 'Off' } })
  await world.settle()
  t.is(world.message('DatabaseOverSize'), message)
  world.postgres.down = undefined
  await world.settle()
  t.regex(world.message('DatabaseOverSize') ?? '', /logins of the tenant are off/)
  t.deepEqual(canLogin(world), [false])
})
