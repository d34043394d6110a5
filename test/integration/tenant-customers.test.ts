/** An MSP and its customers: where they lie, what they are called, who runs them. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { RoleBinding } from '../../operator/kube/resources.ts'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import {
  conditionOf,
  databaseOf,
  isReady,
  namespaceOf,
  openScene,
  paths,
  tenantName,
  waitsFor,
} from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const msp = (spec = {}) => scene.provisioned({ type: 'MSP', ...spec })

/** Who is bound by this RoleBinding of the tenant; undefined when there is none. */
async function bound(tenant: Tenant, name: string): Promise<readonly string[] | undefined> {
  const binding = await scene.api.get<RoleBinding>(paths.roleBinding(namespaceOf(tenant), name))
  return binding?.subjects?.map((subject) => subject.name)
}

const inherits = (tenant: Tenant, users: readonly string[]) =>
  eventually(async () => String((await bound(tenant, 'tenantry-inherited-admins')) ?? []) === String(users), {
    timeout: 90_000,
    describe: `${tenant.metadata.name} to inherit ${users.join(', ') || 'nobody'}`,
  })

test('A Tenant in an MSP’s namespace is its customer, is counted there, and is called after both', async (t) => {
  const parent = await msp()
  const customer = await scene.when(await scene.declare({}, { namespace: namespaceOf(parent) }), isReady)
  const host = `${customer.metadata.name}-${parent.metadata.name}.tenants.example.com`
  t.like(customer.status, { host, url: `https://${host}`, phase: 'Active' })
  t.like(parent.status, { host: `${parent.metadata.name}.tenants.example.com`, customers: 0 })
  await scene.when(parent, ({ status }) => status?.customers === 1)
  const namespace = await scene.api.get(paths.namespace(namespaceOf(parent)))
  t.is(namespace?.metadata.labels?.['tenantry.dev/tenant-type'], 'MSP')
})

test('Customers of different MSPs may have the same subdomain', async (t) => {
  const [one, other] = await Promise.all([msp(), msp()])
  const subdomain = tenantName('s')
  const customers = await Promise.all(
    [one, other].map(async (parent) => scene.declare({ subdomain }, { namespace: namespaceOf(parent) })),
  )
  const ready = await Promise.all(customers.map((customer) => scene.when(customer, isReady)))
  t.is(new Set(ready.map(({ status }) => status?.host)).size, 2)
})

test('The namespace of a Customer holds no Tenants', async (t) => {
  const customer = await scene.provisioned()
  await t.throwsAsync(scene.declare({}, { namespace: namespaceOf(customer) }), { message: /must be a home namespace/ })
})

test('Admins of the MSP run each customer: those that were there before they accepted, and later ones; until they go', async (t) => {
  t.timeout(300_000)
  const parent = await msp()
  const namespace = namespaceOf(parent)
  const before = await scene.when(await scene.declare({}, { namespace }), isReady)
  t.is(await bound(before, 'tenantry-inherited-admins'), undefined)
  const admin = await scene.declareAdmin(parent)
  await scene.accept(admin)
  await inherits(before, [admin.spec.email])
  const own = () => scene.api.get<RoleBinding>(paths.roleBinding(namespace, 'tenantry-admins'))
  t.is((await eventually(own, { timeout: 90_000, describe: 'the own admins' })).roleRef.name, 'tenantry-msp-admin')
  const later = await scene.when(await scene.declare({}, { namespace }), isReady)
  await inherits(later, [admin.spec.email])
  const binding = await scene.api.get<RoleBinding>(paths.roleBinding(namespaceOf(later), 'tenantry-inherited-admins'))
  t.is(binding?.roleRef.name, 'tenantry-tenant-admin')
  const directory = await eventually(
    async () => {
      const { name } = databaseOf(later)
      const rows = await harness().postgres.query<{ origin: string }>('SELECT origin FROM tenantry.admins', [], name)
      return rows.length > 0 && rows
    },
    { timeout: 90_000, describe: 'the directory of the customer' },
  )
  t.deepEqual(directory, [{ origin: `msp:${parent.metadata.name}` }])
  await scene.api.send('DELETE', paths.admin(scene.home, admin.metadata.name))
  await inherits(before, [])
  await inherits(later, [])
})

test('An admin of the MSP who becomes a technician runs no customer any more', async (t) => {
  t.timeout(300_000)
  const parent = await msp()
  const customer = await scene.when(await scene.declare({}, { namespace: namespaceOf(parent) }), isReady)
  const admin = await scene.declareAdmin(parent)
  await scene.accept(admin)
  await inherits(customer, [admin.spec.email])
  await scene.change(paths.admin(scene.home, admin.metadata.name), { spec: { role: 'Technician' } })
  await inherits(customer, [])
  const isNoAdmin = async () => (await bound(parent, 'tenantry-admins')) === undefined
  await eventually(isNoAdmin, { timeout: 90_000, describe: 'the MSP to be run by nobody' })
  t.pass()
})

test('A subdomain that the installation reserves is refused in a home, with the way out, and free to customers of an MSP', async (t) => {
  const parent = await msp()
  const customer = scene.declare({ subdomain: 'portal' }, { namespace: namespaceOf(parent) })
  const refused = await scene.when(await scene.declare({ subdomain: 'portal' }), waitsFor('SubdomainReserved'))
  t.like(conditionOf(refused, 'Stalled'), {
    status: 'True',
    message: 'The subdomain portal is reserved. Set another one in spec.subdomain.',
  })
  t.is(await scene.api.get(paths.claim('claim-host-portal.tenants.example.com')), undefined)
  const subdomain = tenantName('s')
  await scene.change(paths.tenant(scene.home, refused.metadata.name), { spec: { subdomain } })
  t.like((await scene.when(refused, isReady)).status, { host: `${subdomain}.tenants.example.com` })
  const { status } = await scene.when(await customer, isReady)
  t.is(status?.host, `portal-${parent.metadata.name}.tenants.example.com`)
})

test('No customer expires later than its MSP allows: it is told so, and ends with that date', async (t) => {
  const latestExpiry = '2040-06-30T12:00:00Z'
  const parent = await msp({ customers: { latestExpiry } })
  const namespace = namespaceOf(parent)
  const expiresAt = '2040-07-01T00:00:00Z'
  const refused = await scene.when(await scene.declare({ expiresAt }, { namespace }), waitsFor('ExpiryNotAllowed'))
  t.regex(conditionOf(refused, 'Stalled')?.message ?? '', /^spec\.expiresAt is later .* \(2040-06-30T12:00:00Z\)/)
  await scene.change(paths.tenant(namespace, refused.metadata.name), { spec: { expiresAt: null } })
  t.is((await scene.when(refused, isReady)).status?.expiresAt, latestExpiry)
  const past = '2020-01-01T00:00:00Z'
  await scene.change(paths.tenant(scene.home, parent.metadata.name), { spec: { customers: { latestExpiry: past } } })
  const ended = await scene.when(refused, ({ status }) => status?.phase === 'Expired')
  t.is(ended.status?.expiresAt, past)
  await scene.change(paths.tenant(scene.home, parent.metadata.name), { spec: { customers: { latestExpiry } } })
  t.is((await scene.when(refused, isReady)).status?.phase, 'Active')
})

test('An MSP gives its customers no plan and no more of them than it may', async (t) => {
  const parent = await msp({ customers: { max: 1, plans: ['gold'] } })
  const namespace = namespaceOf(parent)
  const first = await scene.declare({}, { namespace })
  await scene.when(first, waitsFor('PlanNotAllowed'))
  await scene.change(paths.tenant(scene.home, parent.metadata.name), { spec: { customers: { plans: null } } })
  await scene.when(first, isReady)
  await scene.when(await scene.declare({}, { namespace }), waitsFor('CustomerLimitReached'))
  t.pass()
})
