import test from 'ava'

import type { Tenant } from '../../../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../../../operator/api/tenantadmin.ts'
import type { TenantPlan } from '../../../../operator/api/tenantplan.ts'
import { databaseServer, homeNamespace, tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground, World } from '../world.ts'

interface Case {
  readonly tenant?: Parameters<typeof tenant>[0]
  readonly plan?: Parameters<typeof tenantPlan>[0]
  readonly parent?: object
  readonly others?: readonly Tenant[]
}

const msp = (spec: object = {}) => ({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP', ...spec } })

/** The world with one tenant `acme`, in `home` or in the namespace of the MSP `northwind`. */
async function worldOf({ tenant: over = {}, plan = {}, parent, others = [] }: Case) {
  const world = new World()
  world.cluster.put(tenantPlan(plan))
  world.cluster.put(databaseServer())
  if (parent !== undefined) {
    world.cluster.put(tenant(msp(parent)))
    await world.settle('home/northwind')
  }
  for (const other of others) {
    world.cluster.put(other)
    await world.settle(`${other.metadata.namespace}/${other.metadata.name}`)
  }
  const namespace = parent === undefined ? 'home' : 'tenant-northwind'
  world.cluster.put(tenant({ namespace, ...over }))
  const key = `${over.namespace ?? namespace}/${over.name ?? 'acme'}`
  await world.settle(key)
  return { world, key }
}

const customer = (name: string, spec: object = {}) =>
  tenant({ name, uid: `uid-${name}`, namespace: 'tenant-northwind', creationTimestamp: '2029-01-01T00:00:00Z', spec })

/** The rules have their table in checks.test.ts. These rows go the whole way, from the objects of a cluster. */
const refused: readonly (readonly [string, Case, string])[] = [
  [
    "lying in a customer's namespace",
    { others: [tenant({ name: 'globex', uid: 'uid-globex' })], tenant: { namespace: 'tenant-globex' } },
    'Misplaced',
  ],
  [
    'a Cloud ID that another tenant holds',
    { others: [tenant({ name: 'globex', uid: 'uid-globex', spec: { cloudId: 'acme', subdomain: 'globex' } })] },
    'CloudIdConflict',
  ],
  [
    'one customer too many',
    { parent: { customers: { max: 1 } }, others: [customer('globex')] },
    'CustomerLimitReached',
  ],
  ['a license that is none', { tenant: { spec: { license: { key: 'abc' } } } }, 'LicenseInvalid'],
  ['an adoption of nobody', { tenant: { annotations: { 'tenantry.dev/adopt': 'uid' } } }, 'AdoptionRefused'],
]

for (const [what, given, reason] of refused) {
  test(`refused, with nothing made and nothing claimed: ${what} (${reason})`, async (t) => {
    const { world, key } = await worldOf(given)
    t.true(world.conditions(key).includes(`Stalled=True ${reason}`), world.conditions(key).join())
    t.true(world.conditions(key).includes(`Ready=False ${reason}`))
    t.is(world.tenant(key).status?.namespace, undefined)
    const made = world.cluster
      .all('Namespace')
      .filter(({ metadata }) => metadata.labels?.['tenantry.dev/tenant-uid'] === 'uid-acme')
    t.deepEqual(made, [])
  })
}

test('a parent that is not active keeps new customers waiting', async (t) => {
  const { world } = await worldOf({ parent: {} })
  world.edit({ state: 'Deactivated' }, 'home/northwind')
  world.cluster.put(customer('globex'))
  await world.settle('tenant-northwind/globex')
  t.true(world.conditions('tenant-northwind/globex').includes('Ready=True ParentSuspended'))
  t.is(world.cluster.find('Namespace', 'tenant-globex'), undefined)
})

test('a change of the server is refused of a tenant that runs, and it goes on running', async (t) => {
  const { world } = await worldOf({})
  for (const spec of [{ database: { server: 'b' } }]) {
    const before = world.tenant().spec
    world.cluster.writes.length = 0
    world.edit(spec)
    await world.settle()
    t.true(world.conditions().includes('Stalled=True DatabaseServerFixed'), JSON.stringify(spec))
    t.true(world.conditions().includes('Available=True Provisioned'))
    t.deepEqual(world.cluster.writes, ['patch Tenant/status home/acme'])
    world.cluster.put({ ...world.tenant(), spec: before })
    await world.settle()
    t.true(world.conditions().includes('Ready=True Provisioned'))
  }
})

test('an old Tenant that asks for a live one’s Cloud ID loses, and keeps what it has', async (t) => {
  const world = ground()
  world.cluster.put(tenant({ name: 'old', uid: 'uid-old', creationTimestamp: '2001-01-01T00:00:00Z' }))
  await world.settle('home/old')
  world.cluster.put(tenant())
  await world.settle()
  world.edit({ cloudId: 'acme' }, 'home/old')
  await world.settle('home/old')
  t.true(world.conditions('home/old').includes('Stalled=True CloudIdConflict'))
  t.true(world.conditions('home/old').includes('Available=True Provisioned'))
  t.is(world.tenant('home/old').status?.cloudId, 'old')
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test("TenantAdmins in somebody else's namespace of our name are not our admins", async (t) => {
  const world = ground()
  world.cluster.put(homeNamespace('tenant-acme'))
  const intruder: TenantAdmin = tenantAdmin({ namespace: 'tenant-acme', spec: { tenantRef: undefined } })
  world.cluster.put(intruder)
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await world.settle()
  t.is(world.tenant().status?.admins, 0)
})

test('a role of the plan that the chart does not list is bound to nobody', async (t) => {
  const world = ground()
  const plan: TenantPlan = tenantPlan({ spec: { roles: { viewer: 'app-viewer', root: 'cluster-admin' } } })
  world.cluster.put(plan)
  world.cluster.put(
    tenantAdmin({
      name: 'sub',
      spec: { username: 'sub', email: 'sub@example.com', role: 'SubAdmin', permissions: ['viewer', 'root'] },
    }),
  )
  world.cluster.put(tenant())
  await world.settle()
  t.truthy(world.cluster.find('RoleBinding', 'tenant-acme/tenantry-role-viewer'))
  t.is(world.cluster.find('RoleBinding', 'tenant-acme/tenantry-role-root'), undefined)
})

test('a user of Kubernetes itself is never bound', async (t) => {
  const world = ground()
  const admin = tenantAdmin()
  world.cluster.put({ ...admin, spec: { ...admin.spec, user: 'system:admin' } })
  world.cluster.put(tenant())
  await world.settle()
  t.is(world.cluster.find('RoleBinding', 'tenant-acme/tenantry-admins'), undefined)
})
