/** Another Tenant of the same name, while the TenantAdmins still say that they accepted for the one before. */
import test from 'ava'
import type { TenantAdmin } from '../../../operator/api/tenantadmin.ts'
import { tenant, tenantAdmin } from '../../gen.ts'
import type { AdminOver } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

/** Who has accepted for the Tenant acme with this uid. */
function acceptedFor(uid: string, over: AdminOver = {}): TenantAdmin {
  const admin = tenantAdmin(over)
  const { namespace = '' } = admin.metadata
  return { ...admin, status: { observedGeneration: 1, ...admin.status, tenant: { namespace, name: 'acme', uid } } }
}

/** The Tenant acme lived with the uid `before`, and is made again with the uid `after`. */
async function replaced(spec: Parameters<typeof tenant>[0] = {}): Promise<World> {
  const world = ground()
  world.cluster.put(acceptedFor('before'))
  world.cluster.put(tenant({ uid: 'before', ...spec }))
  await world.settle()
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  world.cluster.put(tenant({ uid: 'after', ...spec }))
  await world.settle()
  return world
}

const adminsOf = (world: World) => world.cluster.find('RoleBinding', 'tenant-acme/tenantry-admins')
const directoryOf = (world: World) => world.postgres.directories.get(world.tenant().status?.database?.name ?? '') ?? []

test('nobody is bound, in the directory, or counted as having accepted', async (t) => {
  const world = await replaced()
  t.is(world.tenant().metadata.uid, 'after')
  t.is(adminsOf(world), undefined)
  t.deepEqual(directoryOf(world), [])
  t.true(world.conditions().includes('AdminAccepted=False AwaitingAnswer'), world.conditions().join())
  world.cluster.put(acceptedFor('after'))
  await world.settle()
  t.truthy(adminsOf(world))
  t.is(directoryOf(world).length, 1)
})

test('OnAccept: it is not made by what was accepted before', async (t) => {
  const world = await replaced({ spec: { provisioning: 'OnAccept' } })
  t.is(world.tenant().status?.phase, 'Pending')
  t.is(world.cluster.find('Namespace', 'tenant-acme'), undefined)
  world.cluster.put(acceptedFor('after'))
  await world.settle()
  t.is(world.tenant().status?.phase, 'Active')
})

test('the customers of an MSP do not inherit who accepted for another MSP of its name', async (t) => {
  const world = ground()
  world.cluster.put(acceptedFor('before'))
  world.cluster.put(tenant({ uid: 'after', spec: { type: 'MSP' } }))
  await world.settle()
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' }))
  await world.settle('tenant-acme/globex')
  const inherited = () => world.cluster.find('RoleBinding', 'tenant-globex/tenantry-inherited-admins')
  t.is(inherited(), undefined)
  world.cluster.put(acceptedFor('after'))
  await world.settle('tenant-acme/globex')
  t.truthy(inherited())
})

/** As the reconciler of TenantAdmins leaves it when it has not heard yet that the old one is taken over. */
function askedToWait(uid: string): TenantAdmin {
  const admin = acceptedFor(uid)
  const { status } = admin
  const invite = { ...status?.invite, acceptedAt: '2030-01-01T00:00:00Z', status: 'NotYetActive' as const }
  return { ...admin, status: { observedGeneration: 1, ...status, invite } }
}

test('one that took the old one over before the TenantAdmins say so takes nobody’s access, nor its password', async (t) => {
  const world = ground()
  world.cluster.put(acceptedFor('before'))
  world.cluster.put(tenant({ uid: 'before', spec: { type: 'MSP', deletion: { policy: 'Retain' } } }))
  await world.settle()
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' }))
  await world.settle('tenant-acme/globex')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  world.cluster.put(askedToWait('before'))
  const begun = world.effects.length
  world.cluster.put(tenant({ uid: 'after', spec: { type: 'MSP' }, annotations: { 'tenantry.dev/adopt': 'before' } }))
  for (const key of ['home/acme', 'tenant-acme/globex', 'home/acme', 'tenant-acme/globex']) await world.settle(key)
  t.deepEqual(world.tenant().status?.adopted, ['before'])
  const taken = world.effects.slice(begun).filter((effect) => /^delete |directory|prepare|rotate/i.test(effect))
  t.deepEqual(taken, [])
})

test('one that took the old one over is the same to its people, also while its status is lost', async (t) => {
  const world = ground()
  world.cluster.put(acceptedFor('before'))
  world.cluster.put(tenant({ uid: 'before', spec: { deletion: { policy: 'Retain' } } }))
  await world.settle()
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  world.cluster.put(tenant({ uid: 'after', annotations: { 'tenantry.dev/adopt': 'before' } }))
  await world.settle()
  const { roles } = world.tenant().status?.database ?? {}
  t.truthy(adminsOf(world))
  const { status: _status, ...stripped } = world.tenant()
  world.cluster.put(stripped)
  await world.settle()
  t.truthy(adminsOf(world))
  t.deepEqual(world.tenant().status?.database?.roles, roles, 'the password is still the same')
})
