/** Off and on again: what changes where, with every effect in order. */
import test from 'ava'
import type { Pod, ResourceQuota, RoleBinding, Secret } from '../../../../operator/kube/resources.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'
import { running } from './suspension-scene.ts'

const canLogin = (world: World) => [...world.postgres.databases.values()].map(({ logins }) => logins.a?.canLogin)

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
    t.truthy(world.tenant().status?.revivedAt)
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
  t.is(world.postgres.databases.size, 0)
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

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'tenant-acme', uid: `uid-${name}` },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running' },
})

const podWrites = (world: World) => world.cluster.writes.filter((write) => write.includes(' Pod '))

test('a pod that got past a quota that the apiserver had not heard of yet ends, also where another process leads by then', async (t) => {
  const world = await running()
  world.edit({ state: 'Archived' })
  await world.settle()
  t.true(world.conditions().includes('Ready=True Archived'))
  world.cluster.put(pod('late'))
  world.restart()
  await world.settle()
  t.is(world.cluster.find('Pod', 'tenant-acme/late'), undefined)
})

test('pods are evicted once the quota keeps new ones out; only then the tenant is Deactivated and Ready', async (t) => {
  const world = await running()
  world.cluster.put(pod('web'))
  world.edit({ state: 'Deactivated' })
  await world.pass()
  const { writes } = world.cluster
  t.true(
    writes.indexOf('create ResourceQuota tenant-acme/tenantry-suspension') <
      writes.indexOf('eviction Pod tenant-acme/web'),
  )
  t.true(world.conditions().includes('Reconciling=True Suspending'))
  t.true(world.message('Reconciling')?.endsWith(': web.'), world.message('Reconciling'))
  await world.settle()
  t.true(world.conditions().includes('Ready=True Deactivated'))
  t.deepEqual(podWrites(world), ['eviction Pod tenant-acme/web'])
})

test('a budget keeps a pod until the deadline; what is said does not change meanwhile', async (t) => {
  const world = await running()
  world.cluster.put(pod('web'))
  world.cluster.budgets.add('web')
  world.edit({ state: 'Deactivated' })
  await world.pass()
  await world.clock.advance(60_000)
  await world.pass()
  const told = world.message('Reconciling')
  const { resourceVersion } = world.tenant().metadata
  await world.clock.advance(60_000)
  await world.pass()
  t.is(world.message('Reconciling'), told)
  t.is(world.tenant().metadata.resourceVersion, resourceVersion, 'nothing new, so no write')
  await world.clock.advance(world.settings.evictionTimeout)
  await world.settle()
  t.is(podWrites(world).at(-1), 'delete Pod tenant-acme/web')
  t.true(world.conditions().includes('Ready=True Deactivated'))
})

test('a pod that does not end is told by name and left alone', async (t) => {
  const world = await running()
  const { metadata, ...rest } = pod('web')
  world.cluster.put({ ...rest, metadata: { ...metadata, finalizers: ['example.com/hold'] } })
  world.edit({ state: 'Deactivated' })
  await world.pass()
  await world.clock.advance(2 * 86_400_000)
  await world.pass()
  const before = podWrites(world).length
  await world.pass()
  t.is(podWrites(world).length, before)
  t.true(world.message('Reconciling')?.includes('web on the node n1 (finalizers example.com/hold)'))
})

test('a quota that somebody takes away is put back, and what slipped in is ended', async (t) => {
  const world = await running()
  world.edit({ state: 'Deactivated' })
  await world.settle()
  world.cluster.remove('ResourceQuota', 'tenant-acme/tenantry-suspension')
  world.cluster.put(pod('slipped-in'))
  await world.settle()
  t.deepEqual(quota(world), { pods: '0', 'count/jobs.batch': '0' })
  t.deepEqual(podWrites(world), ['eviction Pod tenant-acme/slipped-in'])
  t.true(world.conditions().includes('Ready=True Deactivated'))
})

test('admins only read meanwhile, under the same names; whoever has a role of the platform’s own has none', async (t) => {
  const roles = { deploy: 'tenantry-tenant-developer', view: 'app-viewer' }
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { roles } }))
  world.cluster.put(tenantAdmin())
  const permissions = Object.keys(roles)
  world.cluster.put(
    tenantAdmin({ name: 'sub', uid: 'uid-sub', spec: { username: 'sub', role: 'SubAdmin', permissions } }),
  )
  world.cluster.put(tenant())
  await world.settle()
  const bound = () =>
    world.cluster
      .all<RoleBinding>('RoleBinding')
      .map(({ metadata, roleRef, subjects }) => `${metadata.name}: ${roleRef.name} (${subjects?.length})`)
      .toSorted()
  const active = [
    'tenantry-admins: tenantry-tenant-admin (1)',
    'tenantry-role-deploy: tenantry-tenant-developer (1)',
    'tenantry-role-view: app-viewer (1)',
  ]
  t.deepEqual(bound(), active)
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.deepEqual(bound(), [
    'tenantry-admins: tenantry-tenant-reader (1)',
    'tenantry-role-deploy: tenantry-tenant-viewer (1)',
  ])
  world.edit({ state: 'Active' })
  await world.settle()
  t.deepEqual(bound(), active)
})
