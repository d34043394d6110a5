/** Off and on again: what changes where, with every effect in order. */
import test from 'ava'

import type { ResourceQuota, Secret } from '../../../operator/kube/resources.ts'
import { PostgresError } from '../../../operator/postgres/port.ts'
import { tenant, tenantAdmin } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

async function running(spec: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec }))
  await world.settle()
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  return world
}

const canLogin = (world: World) => [...world.postgres.corners.values()].map(({ logins }) => logins.a?.canLogin)
const quota = (world: World) =>
  world.cluster.find<ResourceQuota>('ResourceQuota', 'tenant-acme/tenantry-suspension')?.spec?.hard
const password = (world: World) =>
  world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')?.data?.['password']

for (const state of ['Deactivated', 'Archived'] as const) {
  test(`${state}: no login, no pod, everything kept; Active brings back the same`, async (t) => {
    const world = await running()
    const before = password(world)
    world.edit({ state })
    await world.settle()
    t.deepEqual(canLogin(world), [false])
    t.deepEqual(quota(world), { pods: '0', 'count/jobs.batch': '0' })
    t.true(world.postgres.statements.some((statement) => statement.startsWith('TerminateSessions')))
    const { status } = world.tenant()
    t.is(status?.phase, state)
    t.is(status?.state, state)
    t.truthy(status?.suspendedAt)
    t.true(world.conditions().includes(`Ready=True ${state}`))
    t.true(world.conditions().includes(`Available=False ${state}`))
    t.true(world.conditions().includes('DatabaseReady=True Provisioned'))

    world.edit({ state: 'Active' })
    await world.settle()
    t.deepEqual(canLogin(world), [true])
    t.is(quota(world), undefined)
    t.is(password(world), before)
    t.is(world.tenant().status?.phase, 'Active')
    t.is(world.tenant().status?.suspendedAt, undefined)
    t.is(world.tenant().status?.archivedAt, undefined)
    t.is(world.tenant().status?.purgeAfter, undefined)
    t.true(world.conditions().includes('Ready=True Provisioned'))
  })
}

test('a suspended tenant is quiet', async (t) => {
  const world = await running({ state: 'Active' })
  world.edit({ state: 'Deactivated' })
  await world.settle()
  const before = [world.effects.length, world.postgres.statements.length]
  for (let pass = 0; pass < 5; pass += 1) await world.pass()
  t.deepEqual([world.effects.length, world.postgres.statements.length], before)
})

test('created as Archived: accepted, and nothing is made', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { state: 'Archived' } }))
  await world.settle()
  t.true(world.conditions().includes('Ready=True Archived'))
  t.is(world.cluster.find('Namespace', 'tenant-acme'), undefined)
  t.is(world.postgres.corners.size, 0)
  t.is(world.tenant().status?.purgeAfter, undefined)
})

test('an MSP that is off takes its customers along, and brings them back', async (t) => {
  const world = await running({ type: 'MSP' })
  const key = 'tenant-acme/initech'
  world.cluster.put(
    tenant({
      name: 'initech',
      namespace: 'tenant-acme',
      uid: 'uid-initech',
      spec: { cloudId: 'initech', subdomain: 'initech' },
    }),
  )
  await world.settle(key)
  world.edit({ state: 'Archived' })
  await world.settle()
  await world.settle(key)
  t.true(world.conditions(key).includes('Ready=True ParentSuspended'), world.message('Ready', key))
  t.is(world.tenant(key).status?.phase, 'Deactivated')
  t.is(world.tenant(key).status?.state, 'Archived')
  t.is(world.tenant(key).status?.purgeAfter, undefined, 'only its own archive ends in a purge')
  t.deepEqual(canLogin(world), [false, false])
  world.edit({ state: 'Active' })
  await world.settle()
  await world.settle(key)
  t.true(world.conditions(key).includes('Ready=True Provisioned'))
  t.deepEqual(canLogin(world), [true, true])
})

test('an expired tenant is off, and comes back when the date is moved', async (t) => {
  const world = await running({ expiresAt: '2030-01-02T00:00:00Z' })
  t.true((world.due.get('home/acme') ?? 0) > 0)
  await world.clock.advance(86_400_000)
  await world.settle()
  t.true(world.conditions().includes('Ready=True Expired'))
  t.is(world.tenant().status?.phase, 'Expired')
  t.deepEqual(canLogin(world), [false])
  world.edit({ expiresAt: '2030-02-01T00:00:00Z' })
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.deepEqual(canLogin(world), [true])
})

test('a suspension that the server sleeps through is carried out when it answers', async (t) => {
  const world = await running()
  world.postgres.down = new PostgresError('Unavailable', 'down')
  world.edit({ state: 'Deactivated' })
  await t.throwsAsync(world.pass())
  t.is(world.tenant().status?.phase, 'Deactivated')
  t.true(world.conditions().includes('Reconciling=True DatabaseUnavailable'))
  t.deepEqual(quota(world), { pods: '0', 'count/jobs.batch': '0' }, 'one target in trouble does not keep the other')
  world.postgres.down = undefined
  await world.settle()
  t.deepEqual(canLogin(world), [false])
  t.true(world.conditions().includes('Ready=True Deactivated'))
})
