/** The customer is deleted and another of the same name created: what was granted to the one opens no other. */
import test from 'ava'
import type { AccessGrant } from '../../../operator/api/accessgrant.ts'
import { accessGrant, condition, tenant } from '../../gen.ts'
import { at, customer, day, hour, masquerade, minute, retention, scene } from './scene.ts'
import type { Scene } from './scene.ts'

type Over = Parameters<typeof tenant>[0]

function another(made: Scene, over: Over = {}): void {
  made.world.cluster.put(tenant({ name: 'globex', uid: 'uid-another', namespace: 'tenant-acme', ...over }))
}

/** The customer goes, and another of its name comes. */
async function replaced(made: Scene, over: Over = {}): Promise<void> {
  made.world.cluster.remove('Tenant', customer)
  await made.settle()
  another(made, over)
  await made.settle()
}

const inForce = 'Active True Granted'
const refused = 'Refused False TenantReplaced Stalled'
const toms = ['oidc:tom@acme.example.com tenantry-tenant-granted']

async function delegated(over: Parameters<typeof accessGrant>[0] = {}): Promise<Scene> {
  const made = await scene()
  made.put(accessGrant(over))
  await made.settle()
  return made
}

test('a delegation is refused until it is given anew', async (t) => {
  const made = await delegated()
  t.is(made.grant()?.status?.tenantUid, 'uid-globex')
  await replaced(made)
  t.is(made.said(), refused)
  t.deepEqual(made.bound(), [])
  t.deepEqual(
    made.entries().map(({ origin }) => origin),
    ['Own', 'Inherited'],
  )
  t.true(made.message()?.includes('(uid uid-globex)'), made.message())
  t.true(made.events.includes('AccessGrant grant: Warning GrantRefused'))
  const before = made.world.effects.length
  await made.after(day)
  made.restart()
  await made.settle()
  t.is(made.world.effects.length, before, 'and there is quiet')
  made.world.cluster.remove('AccessGrant', 'tenant-acme/grant')
  await made.settle()
  made.put(accessGrant({ uid: 'uid-grant-2' }))
  await made.settle()
  t.is(made.said(), inForce)
  t.deepEqual(made.bound(), toms)
})

test('a masquerade is refused for good, and its object goes in time', async (t) => {
  const made = await scene()
  made.put(masquerade())
  await made.settle()
  t.is(made.said(), inForce)
  await replaced(made)
  t.is(made.said(), refused)
  t.deepEqual(made.bound(), [])
  await made.after(hour + retention)
  t.is(made.grant(), undefined)
})

test('nobody is bound before the tenant is recorded', async (t) => {
  const made = await scene()
  made.put(accessGrant())
  await made.world.settleAll()
  t.deepEqual(made.bound(), [])
  await made.look()
  t.deepEqual([made.said(), made.grant()?.status?.tenantUid], ['- False Provisioning Reconciling', 'uid-globex'])
  await made.world.settleAll()
  t.deepEqual(made.bound(), toms)
})

test('granted and never in force, as the technician had not accepted: it was for the first tenant all the same', async (t) => {
  const made = await scene()
  made.technician({}, { invite: 'Pending' })
  made.put(accessGrant())
  await made.settle()
  await replaced(made)
  made.technician()
  await made.settle()
  t.is(made.said(), refused)
  t.deepEqual(made.bound(), [])
})

test('made before its tenant, it is for the first that comes', async (t) => {
  const made = await scene()
  made.world.cluster.remove('Tenant', customer)
  await made.settle()
  made.put(accessGrant())
  await made.settle()
  t.is(made.said(), '- False TenantNotFound Reconciling')
  another(made, { creationTimestamp: at(minute) })
  await made.settle()
  t.is(made.said(), inForce)
  t.is(made.grant()?.status?.tenantUid, 'uid-another')
  await replaced(made, { uid: 'uid-third' })
  t.is(made.said(), refused)
})

test('made while the tenant goes, it is for the next', async (t) => {
  const made = await scene()
  made.world.cluster.heldNamespaces.add('tenant-globex')
  made.world.cluster.remove('Tenant', customer)
  await made.settle()
  made.put(accessGrant({ creationTimestamp: at(2 * day) }))
  await made.settle()
  t.deepEqual([made.said(), made.grant()?.status?.tenantUid], ['- False TenantDeleting Reconciling', undefined])
  made.world.cluster.release('tenant-globex')
  await made.settle()
  another(made)
  await made.settle()
  t.is(made.said(), inForce)
})

test('while its tenant is gone it is waited for, and a tenant that takes it over is the same', async (t) => {
  const made = await scene()
  made.world.edit({ deletion: { policy: 'Retain' } }, customer)
  made.put(accessGrant())
  await made.settle()
  made.world.cluster.remove('Tenant', customer)
  await made.settle()
  t.is(made.said(), '- False TenantNotFound Reconciling')
  const annotations = { 'tenantry.dev/adopt': 'uid-globex' }
  another(made, { annotations })
  await made.look()
  t.is(made.said(), '- False Adopting Reconciling')
  await made.settle()
  t.is(made.said(), inForce)
  t.is(made.grant()?.status?.tenantUid, 'uid-another')
  t.deepEqual(made.bound(), toms)
})

test('a masquerade as well: it is not refused for good while the tenant is taken over', async (t) => {
  const made = await scene()
  made.world.edit({ deletion: { policy: 'Retain' } }, customer)
  made.put(masquerade())
  await made.settle()
  made.world.cluster.remove('Tenant', customer)
  await made.settle()
  another(made, { annotations: { 'tenantry.dev/adopt': 'uid-globex' } })
  await made.look()
  await made.settle()
  t.is(made.said(), inForce)
})

/** As it was written before tenants were recorded. */
function withoutTenant(made: Scene): AccessGrant {
  const grant = made.grant()
  if (grant === undefined) throw new Error('there is no AccessGrant')
  const { tenantUid: _uid, ...status } = { observedGeneration: 1, ...grant.status }
  return { ...grant, status }
}

test('in force before tenants were recorded: it is recorded at the first look, and no password changes', async (t) => {
  const made = await delegated()
  const login = made.login()
  made.put(withoutTenant(made))
  made.restart()
  await made.world.settleAll()
  t.deepEqual(made.bound(), toms, 'the RoleBinding tells')
  await made.settle()
  t.deepEqual([made.said(), made.grant()?.status?.tenantUid], [inForce, 'uid-globex'])
  t.is(made.login(), login)
})

test('in force before tenants were recorded, and begun before this tenant was: it is refused', async (t) => {
  const made = await delegated()
  const old = withoutTenant(made)
  made.world.cluster.remove('Tenant', customer)
  await made.settle()
  made.put(old)
  another(made, { creationTimestamp: at(hour) })
  await made.settle()
  t.is(made.said(), refused)
  t.deepEqual(made.bound(), [])
})

for (const [what, lasting] of [
  ['whose deletion is refused', condition('Stalled', 'True', 'DeletionProtected')],
  ['whose deletion waits for the end of its grace period', condition('Reconciling', 'True', 'DeletionPostponed')],
] as const)
  test(`to a tenant ${what} access can still be given`, async (t) => {
    const made = await scene()
    const { metadata, ...rest } = made.world.tenant(customer)
    made.world.cluster.put({
      ...rest,
      metadata: { ...metadata, deletionTimestamp: at(minute) },
      spec: { ...rest.spec, deletion: { ...rest.spec.deletion, protected: true } },
      status: { observedGeneration: 1, ...rest.status, conditions: [lasting] },
    })
    await made.settle()
    made.put(accessGrant({ creationTimestamp: at(hour) }))
    await made.settle()
    t.is(made.said(), inForce)
  })
