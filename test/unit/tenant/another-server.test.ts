/** What is done for a tenant while nobody knows which server its DatabaseServer is, or another one answers: nothing there. */
import test from 'ava'

import type { DatabaseServer } from '../../../operator/api/databaseserver.ts'
import { AnotherServer } from '../../../operator/postgres/model/port.ts'
import { databaseServer, tenant, tenantAdmin } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

async function well(spec: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec }))
  await world.settle()
  return world
}

const elsewhere = { endpoint: { host: 'elsewhere.example.com' }, admin: { secretRef: { name: 'db-admin' } } }

/** As `kubectl edit` does: nobody has looked at the server since. */
function moveServer(world: World): void {
  world.cluster.put(databaseServer({ spec: elsewhere }))
}

/** As the reconciler of DatabaseServers writes it after its look. */
function lookedAt(world: World, reason?: 'AnotherServer' | 'DuplicateServer'): void {
  const found = world.cluster.find<DatabaseServer>('DatabaseServer', 'main')
  const { status } = databaseServer(reason === undefined ? {} : { reason })
  if (found === undefined || status === undefined) throw new Error('there is no server')
  world.cluster.put({ ...found, status: { ...status, observedGeneration: found.metadata.generation ?? 1 } })
}

const host = (world: World) => {
  const secret = world.cluster.find<{
    kind: string
    apiVersion: string
    metadata: { name: string }
    data?: Record<string, string>
  }>('Secret', 'tenant-acme/tenantry-database')
  return Buffer.from(secret?.data?.['host'] ?? '', 'base64').toString()
}

test('an edited server that was not looked at yet: nothing is asked, made or written, and the Secret stays', async (t) => {
  const world = await well()
  moveServer(world)
  world.edit({ displayName: 'Another name' })
  const [effects, statements] = [world.effects.length, world.postgres.statements.length]
  await world.pass()
  t.is(world.effects.length, effects)
  t.is(world.postgres.statements.length, statements)
  t.is(host(world), 'db.example.com')
  t.is(world.due.get('home/acme'), world.settings.retryInterval)
  lookedAt(world)
  await world.settle()
  t.is(host(world), 'elsewhere.example.com')
})

test('a deletion waits for that look as well', async (t) => {
  const world = await well()
  moveServer(world)
  world.cluster.remove('Tenant', 'home/acme')
  const [effects, statements] = [world.effects.length, world.postgres.statements.length]
  await world.pass()
  t.is(world.effects.length, effects)
  t.is(world.postgres.statements.length, statements)
})

test('another server answers: the tenant stays as it is, says so once, and goes on when it is the right one again', async (t) => {
  const world = await well()
  moveServer(world)
  lookedAt(world, 'AnotherServer')
  const { statements } = world.postgres
  const before = statements.length
  await world.settle()
  t.is(statements.length, before, 'nothing is asked there')
  t.is(host(world), 'db.example.com')
  t.is(world.tenant().status?.phase, 'Active')
  const conditions = world.conditions()
  t.true(conditions.includes('Available=True Provisioned'))
  t.true(conditions.includes('DatabaseReady=False DatabaseServerNotReady'))
  t.true(conditions.includes('Reconciling=True DatabaseServerNotReady'))
  t.regex(world.message('Ready') ?? '', /DatabaseServer main/)
  const { length } = world.effects
  await world.pass()
  t.is(world.effects.length, length, 'stuck is quiet')
  world.cluster.put(databaseServer())
  lookedAt(world)
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('noticed by its own session first: the same is said, and nothing was done', async (t) => {
  const world = await well()
  world.restart()
  world.postgres.down = new AnotherServer('another one', '7')
  await world.settle()
  t.is(world.tenant().status?.phase, 'Active')
  t.true(world.conditions().includes('Available=True Provisioned'))
  t.true(world.conditions().includes('DatabaseReady=False DatabaseServerNotReady'))
})

test('noticed in the middle of a change: the tenant stays usable', async (t) => {
  const world = await well()
  world.edit({ database: { connectionLimit: 3 } })
  world.postgres.before = (statement) => {
    if (statement.startsWith('Ensure')) throw new AnotherServer('another one', '7')
  }
  await t.throwsAsync(world.pass())
  t.is(world.tenant().status?.phase, 'Active')
  t.true(world.conditions().includes('Available=True Provisioned'))
  t.true(world.conditions().includes('DatabaseReady=False DatabaseServerNotReady'))
})

test('another server answers before the tenant is made: it is not called usable', async (t) => {
  const world = ground()
  world.cluster.put(tenant({}))
  world.postgres.before = (statement) => {
    if (statement.startsWith('Ensure')) throw new AnotherServer('another one', '7')
  }
  await t.throwsAsync(world.pass())
  await t.throwsAsync(world.pass())
  t.is(world.tenant().status?.phase, 'Provisioning')
  t.true(world.conditions().includes('Available=False DatabaseServerNotReady'))
})

test('a deletion: nothing counts as gone because another server does not have it', async (t) => {
  const world = await well()
  moveServer(world)
  lookedAt(world, 'AnotherServer')
  world.cluster.remove('Tenant', 'home/acme')
  const { length } = world.postgres.statements
  await world.settle()
  t.is(world.postgres.statements.length, length)
  t.true(world.conditions().includes('Ready=False DatabaseServerNotReady'))
  t.truthy(world.cluster.find('Namespace', 'tenant-acme'))
  t.true(world.cluster.claims().length > 0)
  world.cluster.put(databaseServer())
  lookedAt(world)
  await world.settle()
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
  t.is(world.postgres.databases.size, 0)
})

test('a purge that is due waits as well', async (t) => {
  const world = await well()
  world.edit({ state: 'Archived', archive: { retention: '1h' } })
  await world.settle()
  moveServer(world)
  lookedAt(world, 'AnotherServer')
  await world.clock.advance(2 * 3_600_000)
  const { length } = world.postgres.statements
  await world.settle()
  t.is(world.postgres.statements.length, length)
  t.is(world.tenant().status?.purge?.startedAt, undefined)
  t.truthy(world.cluster.find('Namespace', 'tenant-acme'))
})

test('two DatabaseServers that are one: who is on the younger is served, and nobody new is placed there', async (t) => {
  const world = await well()
  lookedAt(world, 'DuplicateServer')
  world.edit({ database: { connectionLimit: 3 } })
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  world.cluster.put(tenant({ name: 'late', uid: 'uid-late', spec: { cloudId: 'late', subdomain: 'late' } }))
  await world.settle('home/late')
  t.true(world.conditions('home/late').includes('Ready=False DatabaseServerNotReady'))
})
