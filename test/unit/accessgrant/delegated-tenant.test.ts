/** The tenant that a delegation is for: missing, off, or being deleted; and its RoleBinding and list of access. */
import test from 'ava'

import { accessGrant, tenant, tenantAdmin } from '../../gen.ts'
import { at, customer, day, hour, scene } from './scene.ts'

const inForce = 'Active True Granted'
const worker = 'oidc:tom@acme.example.com tenantry-tenant-granted'
const reader = 'oidc:tom@acme.example.com tenantry-tenant-reader'

test('a tenant that is no customer is refused', async (t) => {
  const made = await scene()
  made.put(accessGrant({ namespace: 'home', spec: { tenantRef: { name: 'acme' } } }))
  await made.settle()
  t.is(made.said('grant', 'home'), 'Refused False GrantNotAllowed Stalled')
  t.deepEqual(made.bound('tenant-acme'), [])
})

test('a tenant that is not there yet is waited for', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { tenantRef: { name: 'initech' } } }))
  await made.settle()
  t.is(made.said(), '- False TenantNotFound Reconciling')
  made.world.cluster.put(
    tenant({ name: 'initech', uid: 'uid-initech', namespace: 'tenant-acme', spec: { provisioning: 'OnAccept' } }),
  )
  await made.settle()
  t.is(made.said(), '- True AwaitingAcceptance')
  t.is(made.grant()?.status?.startedAt, undefined)
  const ivy = { tenantRef: { name: 'initech' }, username: 'ivy', email: 'ivy@initech.example.com' }
  made.world.cluster.put(tenantAdmin({ name: 'ivy', uid: 'uid-ivy', namespace: 'tenant-acme', spec: ivy }))
  await made.settle()
  t.is(made.said(), inForce)
  t.deepEqual(made.bound('tenant-initech'), [worker])
})

const rests: readonly (readonly [string, string, Readonly<Record<string, unknown>>, string])[] = [
  ['deactivated', customer, { state: 'Deactivated' }, '- True Deactivated'],
  ['archived', customer, { state: 'Archived' }, '- True Archived'],
  ['expired', customer, { expiresAt: at(-day) }, '- True Expired'],
  ['off with its MSP', 'home/acme', { state: 'Deactivated' }, '- True ParentSuspended'],
]

for (const [what, key, spec, said] of rests) {
  test(`a tenant that is ${what}: read only, not in force, and back with it; the password stays`, async (t) => {
    const made = await scene()
    made.put(accessGrant())
    await made.settle()
    made.world.edit(spec, key)
    await made.settle()
    t.is(made.said(), said)
    t.deepEqual(made.bound(), [reader])
    t.true(made.list()?.data?.['access.txt']?.startsWith('The tenant is off: all users here may only read.'))
    t.deepEqual(made.events.slice(2), ['AccessGrant grant: Normal AccessPaused', 'Tenant globex: Normal AccessPaused'])
    t.deepEqual(made.actions, ['GiveAccess', 'GiveAccess', 'PauseAccess', 'PauseAccess'])
    t.regex(
      made.notes[2] ?? '',
      /^The access of the technician tom \(.*\) to the Tenant globex is paused\. .*only read/,
    )
    made.world.edit({ state: 'Active', expiresAt: undefined }, key)
    await made.settle()
    t.is(made.said(), inForce)
    t.deepEqual(made.bound(), [worker])
    t.is(made.login(), 'a')
  })
}

test('a tenant whose deletion is refused lives on, and the access with it', async (t) => {
  const made = await scene()
  made.put(accessGrant())
  made.world.edit({ deletion: { protected: true } }, customer)
  await made.settle()
  made.world.cluster.remove('Tenant', customer)
  await made.settle()
  t.is(made.said(), inForce)
  t.deepEqual(made.bound(), [worker])
  await made.after(hour)
  made.world.cluster.remove('AccessGrant', 'tenant-acme/grant')
  await made.settle()
  t.deepEqual(made.bound(), [])
  t.is(made.login(), 'b', 'the password changes as ever')
})

test('an end that comes while the tenant is off changes the password without opening a login', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { until: at(hour) } }))
  await made.settle()
  made.world.edit({ state: 'Deactivated' }, customer)
  await made.settle()
  await made.after(hour)
  t.is(made.said(), 'Ended True Ended')
  t.deepEqual(made.bound(), [])
  t.is(made.login(), 'b')
})

test('what somebody changes in the binding or the list is put back', async (t) => {
  const made = await scene()
  made.put(accessGrant())
  await made.settle()
  const [binding, list] = [made.binding(), made.list()]
  t.truthy(binding && list)
  if (binding === undefined || list === undefined) return
  made.world.cluster.put({ ...binding, subjects: [] })
  made.world.cluster.put({ ...list, data: { 'access.txt': 'nobody\n' } })
  await made.settle()
  t.deepEqual(made.bound(), [worker])
  t.deepEqual(made.list()?.data, list.data)
  made.world.cluster.put({
    ...binding,
    metadata: { ...binding.metadata, annotations: { 'tenantry.dev/tenant': customer } },
  })
  await made.settle()
  t.is(made.told().length, 1)
})

test('with the last person who has access the list goes', async (t) => {
  const made = await scene()
  made.world.cluster.remove('TenantAdmin', 'home/jane')
  made.world.cluster.remove('TenantAdmin', 'tenant-acme/gus')
  await made.settle()
  t.is(made.list(), undefined)
})

for (const told of ['{', '7', '[7]', JSON.stringify([{ uid: 'uid-grant', readOnly: true }])])
  test(`Active is not said while the binding only lets people read, or somebody has spoilt what it says: ${told}`, async (t) => {
    const made = await scene()
    made.put(accessGrant())
    await made.settle()
    const binding = made.binding()
    t.truthy(binding)
    if (binding === undefined) return
    const annotations = { ...binding.metadata.annotations, 'tenantry.dev/grants': told }
    made.world.cluster.put({ ...binding, metadata: { ...binding.metadata, annotations } })
    await made.look()
    t.is(made.said(), '- False Provisioning Reconciling', told)
    await made.settle()
    t.is(made.said(), inForce)
  })
