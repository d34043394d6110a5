/** A tenant's database that was there and is gone: it is told, nothing is created, and each way out leads out. */
import test from 'ava'
import { annotations } from '../../../operator/api/names.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'
import { provisioned, nameOf, drop, nothing, creations, noticed, told } from './lost-scene.ts'

async function annotate(world: World, value: string | undefined): Promise<void> {
  const before = world.tenant()
  const { [annotations.beginEmpty]: _value, ...others } = before.metadata.annotations ?? {}
  const next = value === undefined ? others : { ...others, [annotations.beginEmpty]: value }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations: next } })
  await world.settle()
}

const lost = ['Available=False DatabaseMissing', 'DatabaseReady=False DatabaseMissing', 'Ready=False DatabaseMissing']

test('a dropped database is told once, with both ways out, and nothing is created', async (t) => {
  const world = await provisioned()
  const before = creations(world)
  drop(world)
  await noticed(world)
  t.deepEqual(told(world), [...lost, 'Stalled=True DatabaseMissing'])
  t.is(world.tenant().status?.phase, 'Active')
  t.is(
    world.conditions().find((line) => line.startsWith('NamespaceReady')),
    'NamespaceReady=True Provisioned',
  )
  t.regex(world.message('Ready') ?? '', /Restore it under this name/)
  t.true(world.message('Ready')?.endsWith(`${annotations.beginEmpty}=${nameOf(world)}.`))
  t.is(creations(world), before)
  t.deepEqual(
    world.events.filter((event) => event === 'Warning DatabaseMissing'),
    ['Warning DatabaseMissing'],
  )
})

test('a tenant whose database is lost is quiet, and asks for no pass of its own', async (t) => {
  const world = await provisioned()
  drop(world)
  await noticed(world)
  const effects = world.effects.length
  for (let minute = 0; minute < 3; minute += 1) {
    await world.clock.advance(60_000)
    t.deepEqual(await world.poll(), [])
    await world.pass()
  }
  t.is(world.effects.length, effects)
  t.false([0, world.settings.pollInterval, world.settings.retryInterval].includes(world.due.get('home/acme') ?? -1))
})

test('a repair of the roles does not pass for a database that is back', async (t) => {
  const world = await provisioned()
  drop(world)
  await noticed(world)
  const { missingSince } = world.tenant().status?.database ?? {}
  const events = world.events.length
  world.edit({ database: { connectionLimit: 3 } })
  await world.settle()
  t.is(world.postgres.statements.filter((statement) => statement.startsWith('EnsureRoles')).length, 2)
  t.deepEqual(told(world), [...lost, 'Stalled=True DatabaseMissing'])
  t.is(world.tenant().status?.database?.missingSince, missingSince)
  t.deepEqual(world.events.slice(events), [])
})

const survivors: readonly (readonly [string, (world: World) => void])[] = [
  ['the marks, where the status is lost', (world) => forgetStatus(world)],
  ['the status, where nothing is left on the server', (world) => world.postgres.databases.delete(nameOf(world))],
]

for (const [title, also] of survivors)
  test(`the loss is known after a restart by ${title}`, async (t) => {
    const world = await provisioned()
    const before = creations(world)
    drop(world)
    also(world)
    world.restart()
    await noticed(world)
    t.true(told(world).includes('Stalled=True DatabaseMissing'))
    t.is(creations(world), before)
    t.is(world.postgres.statements.filter((statement) => statement.startsWith('EnsureRoles')).length, 1)
  })

function forgetStatus(world: World): void {
  const {
    database: _database,
    conditions: _conditions,
    ...status
  } = world.tenant().status ?? { observedGeneration: -1 }
  world.cluster.put({ ...world.tenant(), status })
}

test('a database that was never complete is made by whoever comes after a crash', async (t) => {
  const world = ground()
  world.cluster.put(tenantPlan())
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  world.postgres.before = (statement) => {
    if (statement.startsWith('EnsureInside')) throw new Error('crashed')
  }
  await t.throwsAsync(world.settle())
  world.postgres.before = () => {}
  drop(world)
  world.restart()
  await noticed(world)
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('restored without a mark, even where the roles are gone, it is taken over by its name', async (t) => {
  const world = await provisioned()
  const owner = nameOf(world)
  const { database } = world.postgres.databases.get(owner) ?? nothing
  world.postgres.databases.delete(owner)
  await noticed(world)
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
  if (database === undefined) return t.fail()
  const { mark: _mark, ...restored } = database
  world.postgres.databases.set(owner, { ...nothing, database: { ...restored, acl: ['op=CTc/op'] } })
  const { uid } = world.tenant().metadata
  t.deepEqual(await world.poll(), [uid ?? ''])
  await world.settle()
  t.deepEqual(told(world), [])
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.true(world.events.includes('Normal DatabaseRestored'))
})

test('the annotation lets the tenant begin empty once, until it is taken off', async (t) => {
  const world = await provisioned()
  drop(world)
  await noticed(world)
  await annotate(world, 'another-name')
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
  await annotate(world, nameOf(world))
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.is(world.tenant().status?.database?.begunEmpty, nameOf(world))
  drop(world)
  await noticed(world)
  t.regex(world.message('Ready') ?? '', /older than this loss: remove it first/)
  await annotate(world, undefined)
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
  await annotate(world, nameOf(world))
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('an annotation that was there while all was well is used up', async (t) => {
  const world = await provisioned()
  await annotate(world, nameOf(world))
  drop(world)
  await noticed(world)
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
})

test('whoever begins empty gets the directory, though its writer crashes', async (t) => {
  const world = await provisioned()
  const owner = nameOf(world)
  drop(world)
  await noticed(world)
  world.postgres.directories.clear()
  world.postgres.after = (statement) => {
    if (statement.startsWith('EnsureInside')) world.postgres.directories.clear()
  }
  world.postgres.before = (statement) => {
    if (statement.startsWith('SetPassword')) throw new Error('crashed')
  }
  await t.throwsAsync(annotate(world, owner))
  world.postgres.before = () => {}
  world.postgres.after = () => {}
  world.restart()
  await noticed(world)
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.is(world.postgres.directories.get(owner)?.length, 1)
})

test('an annotation that is there when the loss is told does not count, though the status was lost with its use', async (t) => {
  const world = await provisioned()
  await annotate(world, nameOf(world))
  forgetStatus(world)
  drop(world)
  world.restart()
  await noticed(world)
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
  t.regex(world.message('Stalled') ?? '', /older than this loss/)
  await annotate(world, undefined)
  await annotate(world, nameOf(world))
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('a beginning that fails is tried again with the pauses of a failure, and the way out stays open', async (t) => {
  const world = await provisioned()
  drop(world)
  await noticed(world)
  world.postgres.before = (statement) => {
    if (statement.startsWith('EnsureDatabase')) throw new PostgresError('Unavailable', 'the disk is full')
  }
  await t.throwsAsync(annotate(world, nameOf(world)))
  for (let passes = 0; passes < 3; passes += 1) await t.throwsAsync(world.pass())
  t.is(world.events.filter((event) => event === 'Warning DatabaseMissing').length, 1)
  world.postgres.before = () => {}
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

for (const [what, refused] of [
  ['its deletion is protected', (world: World) => world.cluster.remove('Tenant', 'home/acme')],
  ['its spec is refused', (world: World) => world.edit({ cloudId: 'www' })],
] as const)
  test(`a loss is told although ${what}: an Event, a line and a count, once`, async (t) => {
    const world = await provisioned({ deletion: { protected: true } })
    refused(world)
    await world.settle()
    t.false(world.conditions().includes('Stalled=True DatabaseMissing'))
    t.true(
      world.conditions().some((line) => line.startsWith('Stalled=True')),
      world.conditions().join(),
    )
    drop(world)
    await noticed(world)
    t.true(world.conditions().includes('DatabaseReady=False DatabaseMissing'))
    t.true(world.conditions().some((line) => line.startsWith('Stalled=True') && !line.endsWith('DatabaseMissing')))
    t.is(world.events.filter((event) => event === 'Warning DatabaseMissing').length, 1)
    t.is(world.lines.filter(({ message }) => message === 'data of a tenant missing').length, 1)
  })

test('a loss is told while the plan is gone as well, and stays told', async (t) => {
  const world = await provisioned()
  world.cluster.remove('TenantPlan', 'standard')
  await world.settle()
  drop(world)
  await noticed(world)
  t.deepEqual(told(world), [
    'DatabaseReady=False DatabaseMissing',
    'Ready=False DatabaseMissing',
    'Stalled=True DatabaseMissing',
  ])
  t.true(world.conditions().some((line) => line.startsWith('Available=False')))
  t.truthy(world.tenant().status?.database?.missingSince)
})

test('dropped again before anybody has looked, it is noticed by the next look', async (t) => {
  const world = await provisioned()
  drop(world)
  await noticed(world)
  await annotate(world, nameOf(world))
  drop(world)
  t.deepEqual(await world.poll(), [world.tenant().metadata.uid ?? ''])
  await world.settle()
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
})

test('a tenant that fails on its server has a pause of its own, which no look shortens', async (t) => {
  const world = await provisioned()
  await world.poll()
  world.edit({ database: { connectionLimit: 3 } })
  world.postgres.before = (statement) => {
    if (statement.startsWith('EnsureRoles')) throw new Error('refused')
  }
  await t.throwsAsync(world.pass())
  await world.clock.advance(60_000)
  t.deepEqual(await world.poll(), [])
})

test('the claim of a tenant that was placed before another server was accepted says that its data was there', async (t) => {
  const world = await provisioned()
  const [claim] = world.cluster.all('ConfigMap').filter(({ metadata }) => metadata.name === 'claim-cloud-id-acme')
  const server = world.cluster.find('DatabaseServer', 'main')
  if (claim === undefined || server === undefined) return t.fail()
  const data = { ...(claim as { data?: object }).data, systemIdentifier: '1' }
  world.cluster.put({ ...claim, data } as typeof claim)
  const status = { observedGeneration: 1, systemIdentifier: '2' }
  world.cluster.put({ ...server, metadata: { ...server.metadata, generation: 1 }, status } as typeof server)
  forgetStatus(world)
  world.postgres.databases.delete(nameOf(world))
  world.restart()
  await noticed(world)
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
})

test('the logins of a lost database are closed when its tenant is turned off', async (t) => {
  const world = await provisioned()
  drop(world)
  await noticed(world)
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.false(world.postgres.databases.get(nameOf(world))?.logins.a?.canLogin)
  t.is(world.tenant().status?.phase, 'Deactivated')
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
})
