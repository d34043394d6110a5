/** A bound on the size of a tenant's data: what is told at which share of it, what is done, and that it ends by itself. */
import test from 'ava'

import { KubeError } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { quantityValue } from '../../../../operator/domain/quantity.ts'
import { databaseServer, tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

/** A tenant whose data may have 100 kB. */
async function running(database: object = {}, plan: object = { maxSize: '100k' }): Promise<World> {
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { database: plan } }))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { database } }))
  await world.settle()
  await takes(world, 1)
  return world
}

/** So many per cent of it, as the next look finds; whoever is woken by that comes to rest. */
async function takes(world: World, share: number): Promise<readonly string[]> {
  for (const databaseState of world.postgres.databases.values()) databaseState.sizeBytes = share * 1000
  const woken = await world.poll()
  if (woken.length > 0) await world.settle()
  return woken
}

const told = (world: World) => world.conditions().filter((each) => each.startsWith('DatabaseOverSize'))
const available = (world: World) => world.conditions().find((each) => each.startsWith('Available'))
const ready = (world: World) => world.conditions().find((each) => each.startsWith('Ready'))
const canLogin = (world: World) => [...world.postgres.databases.values()].map(({ logins }) => logins.a?.canLogin)
const events = (world: World) =>
  world.events.filter((each) => /Database(NearlyFull|OverSize|ReadOnly|WithinSize)$/.test(each))

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
const acts = (world: World) =>
  world.postgres.statements.map((each) => each.split(' ')[0]).filter((each) => each !== 'catalogue')

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

for (const [what, own, plan, reason] of [
  ['more than the plan gives', { maxSize: '11Gi' }, { maxSize: '10Gi' }, 'DatabaseSizeNotAllowed'],
  ['as much as the plan gives', { maxSize: '10240Mi' }, { maxSize: '10Gi' }, undefined],
  ['less', { maxSize: '1Gi' }, { maxSize: '10Gi' }, undefined],
  ['a bound where the plan has none', { maxSize: '1Gi' }, {}, undefined],
  ['less to be done than the plan does', { overSize: 'Warn' }, { overSize: 'Off' }, 'DatabaseSizeNotAllowed'],
  ['more to be done than the plan does', { overSize: 'Off' }, {}, undefined],
] as const)
  test(`a customer of an MSP asks for ${what}`, async (t) => {
    const world = ground()
    world.cluster.put(tenantPlan({ spec: { database: plan } }))
    world.cluster.put(tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP' } }))
    await world.settle('home/northwind')
    world.cluster.put(tenant({ namespace: 'tenant-northwind', spec: { database: own } }))
    await world.settle('tenant-northwind/acme')
    const stalled = world.tenant('tenant-northwind/acme').status?.conditions?.find(({ type }) => type === 'Stalled')
    t.is(stalled?.reason, reason)
  })

for (const [text, bytes] of [
  ['10Gi', 10 * 2 ** 30],
  ['1500M', 1_500_000_000],
  ['0.5', 0],
  ['2e3', 2000],
  ['much', undefined],
] as const)
  test(`${text} is ${bytes} bytes`, (t) => t.is(quantityValue(text), bytes))
