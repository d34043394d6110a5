/** The TenantPlan or the DatabaseServer of a tenant is gone: the tenant goes on, and says what does not happen meanwhile. */
import test from 'ava'

import type { ResourceQuota } from '../../../../operator/kube/resources.ts'
import { databaseServer, tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

async function running(spec: object = {}): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { ...spec } }))
  await world.settle()
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  world.events.length = 0
  return world
}

const canLogin = (world: World) => [...world.postgres.databases.values()].map(({ logins }) => logins.a?.canLogin)
const suspension = (world: World) =>
  world.cluster.find<ResourceQuota>('ResourceQuota', 'tenant-acme/tenantry-suspension')
const changes = (world: World) => world.effects.filter((effect) => effect !== 'patch Tenant/status home/acme')

const gone = {
  plan: {
    lose: (world: World) => world.cluster.remove('TenantPlan', 'standard'),
    restore: (world: World) => void world.cluster.put(tenantPlan()),
    reason: 'NoDefaultPlan',
    part: 'NamespaceReady',
  },
  server: {
    lose: (world: World) => world.cluster.remove('DatabaseServer', 'main'),
    restore: (world: World) => void world.cluster.put(databaseServer()),
    reason: 'DatabaseServerNotFound',
    part: 'DatabaseReady',
  },
} as const

for (const [what, { lose, restore, reason, part }] of Object.entries(gone)) {
  test(`without its ${what} an Active tenant stays Active and Available, and a condition says what is missing`, async (t) => {
    const world = await running()
    lose(world)
    await world.settle()
    t.is(world.tenant().status?.phase, 'Active')
    const conditions = world.conditions()
    t.true(conditions.includes('Available=True Provisioned'))
    t.true(conditions.includes(`Ready=False ${reason}`))
    t.true(conditions.includes(`Reconciling=True ${reason}`))
    t.true(conditions.includes(`${part}=False ${reason}`))
    t.regex(world.message('Ready') ?? '', /Until then Tenantry leaves the tenant('s database)? as it is/)
    t.deepEqual(changes(world), [])
    t.deepEqual(world.events, [`Warning ${reason}`])
  })

  test(`without its ${what} a tenant is quiet, also after a restart`, async (t) => {
    const world = await running()
    lose(world)
    await world.settle()
    const before = world.effects.length
    for (let pass = 0; pass < 5; pass += 1) await world.pass()
    world.restart()
    await world.settle()
    t.is(world.effects.length, before)
    t.is(world.tenant().status?.phase, 'Active')
  })

  test(`when its ${what} is there again, nothing but the status is written`, async (t) => {
    const world = await running()
    lose(world)
    await world.settle()
    restore(world)
    await world.settle()
    t.true(world.conditions().includes('Ready=True Provisioned'))
    t.true(world.conditions().includes(`${part}=True Provisioned`))
    t.deepEqual(changes(world), [])
  })

  test(`without its ${what} an admin who goes loses access all the same`, async (t) => {
    const world = await running()
    lose(world)
    await world.settle()
    world.cluster.put(tenantAdmin({ spec: { state: 'Deactivated' } }))
    await world.settle()
    t.is(world.cluster.find('RoleBinding', 'tenant-acme/tenantry-admins'), undefined)
    t.is(world.tenant().status?.phase, 'Active')
  })

  test(`without its ${what} a tenant can be turned off, and a missing object does not make it look on`, async (t) => {
    const world = await running()
    lose(world)
    await world.settle()
    world.edit({ state: 'Deactivated' })
    await world.settle()
    t.is(world.tenant().status?.phase, 'Deactivated')
    t.truthy(suspension(world))
    t.true(world.conditions().includes('Available=False Deactivated'))
    t.deepEqual(canLogin(world), [what === 'server'])
    restore(world)
    await world.settle()
    t.true(world.conditions().includes('Ready=True Deactivated'))
    t.deepEqual(canLogin(world), [false])
  })

  test(`without its ${what} a tenant that was off waits until it can be turned on`, async (t) => {
    const world = await running()
    world.edit({ state: 'Deactivated' })
    await world.settle()
    lose(world)
    await world.settle()
    t.is(world.tenant().status?.phase, 'Deactivated')
    t.true(world.conditions().includes(`Ready=False ${reason}`))
    world.edit({ state: 'Active' })
    await world.settle()
    t.is(world.tenant().status?.phase, 'Provisioning')
    t.true(world.conditions().includes(`Available=False ${reason}`))
    restore(world)
    await world.settle()
    t.is(world.tenant().status?.phase, 'Active')
    t.deepEqual(canLogin(world), [true])
    t.is(suspension(world), undefined)
  })
}

test('without its plan a tenant is archived; where only the plan knows for how long, no end is set before it is back', async (t) => {
  const world = await running()
  gone.plan.lose(world)
  await world.settle()
  world.edit({ state: 'Archived' })
  await world.settle()
  t.is(world.tenant().status?.phase, 'Archived')
  t.truthy(world.tenant().status?.archivedAt)
  t.is(world.tenant().status?.purgeAfter, undefined)
  gone.plan.restore(world)
  await world.settle()
  t.truthy(world.tenant().status?.purgeAfter)
})

test('without its plan a tenant whose spec says for how long is archived with an end', async (t) => {
  const world = await running({ archive: { retention: '10d' } })
  gone.plan.lose(world)
  world.edit({ state: 'Archived' })
  await world.settle()
  t.truthy(world.tenant().status?.purgeAfter)
})

test('without its plan a tenant is deleted', async (t) => {
  const world = await running()
  gone.plan.lose(world)
  await world.settle()
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(world.cluster.all('Tenant'), [])
  t.is(world.postgres.databases.size, 0)
})

test('a tenant that was being made when its server went was never usable, and says so', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.pass().catch(() => {})
  const { status } = world.tenant()
  if (status?.phase !== 'Provisioning')
    world.cluster.put({
      ...world.tenant(),
      status: { ...status, phase: 'Provisioning', observedGeneration: 1, conditions: [] },
    })
  gone.server.lose(world)
  await world.settle()
  t.is(world.tenant().status?.phase, 'Provisioning')
  t.true(world.conditions().includes('Available=False DatabaseServerNotFound'))
})

test('without both, both parts say so, and the tenant is usable still', async (t) => {
  const world = await running()
  gone.plan.lose(world)
  gone.server.lose(world)
  await world.settle()
  t.is(world.tenant().status?.phase, 'Active')
  t.true(world.conditions().includes('NamespaceReady=False NoDefaultPlan'))
  t.true(world.conditions().includes('DatabaseReady=False DatabaseServerNotFound'))
  t.true(world.conditions().includes('Available=True Provisioned'))
})
