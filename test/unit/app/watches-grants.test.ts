/** Whom a change wakes where access is granted: the tenant that binds it, the AccessGrant that says so, and its rivals. */
import test from 'ava'
import type { ExecutionContext } from 'ava'

import { accessGrants } from '../../../operator/api/accessgrant.ts'
import { annotations, grantedBindingName } from '../../../operator/api/names.ts'
import { tenantAdmins } from '../../../operator/api/tenantadmin.ts'
import { tenants } from '../../../operator/api/tenant.ts'
import { roleBindings } from '../../../operator/kube/resources.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { Pace } from '../../../operator/runtime/base/pace.ts'
import { createSources } from '../../../operator/app/sources.ts'
import { identityOf } from '../../../operator/domain/marks.ts'
import { accessBinding } from '../../../operator/tenant/namespace/objects.ts'
import { watchTable } from '../../../operator/app/watches.ts'
import { accessGrant, tenant, tenantAdmin, tenantSettings } from '../../gen.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { FakeKube } from '../runtime/fake-kube.ts'

const root = { type: 'Masquerade', username: 'root', reason: 'Ticket 1' }

/** An MSP acme with the technician tom and the customers globex and initech. */
async function scene(t: ExecutionContext) {
  const { operatorNamespace, webNamespace, installation } = tenantSettings
  const kube = new FakeKube()
  const clock = new FakeClock()
  const sources = createSources(
    { watcher: kube, clock, random: seededRandom(), log: silent },
    { namespace: operatorNamespace, webNamespace },
    installation,
  )
  await kube.create(tenants, {
    ...tenant({ spec: { type: 'MSP' } }),
    status: { observedGeneration: 1, namespace: 'tenant-acme' },
  })
  const globex = await kube.create(tenants, tenant({ name: 'globex', namespace: 'tenant-acme' }))
  await kube.create(tenants, tenant({ name: 'initech', namespace: 'tenant-acme' }))
  await kube.create(tenantAdmins, tenantAdmin({ name: 'tom', spec: { role: 'Technician' } }))
  await kube.create(accessGrants, accessGrant())
  const woken: string[] = []
  for (const row of watchTable(sources, new Pace(clock, 10)))
    row.connect(({ controller, key }) => void woken.push(`${controller} ${key}`))
  const ending = new AbortController()
  const followed = [sources.tenants, sources.admins, sources.grants, sources.children.RoleBinding]
  const running = followed.map((source) => source.run(ending.signal))
  await clock.advance(0)
  t.teardown(async () => {
    ending.abort()
    await Promise.all(running)
  })
  woken.length = 0
  const heard = async (change: Promise<unknown>): Promise<readonly string[]> => {
    await change
    await clock.advance(0)
    return [...new Set(woken.splice(0))].toSorted()
  }
  return { kube, globex, heard }
}

test('an AccessGrant wakes itself and its tenant; its own message nobody but itself', async (t) => {
  const { kube, heard } = await scene(t)
  const other = accessGrant({ name: 'other', uid: 'uid-other', spec: { tenantRef: { name: 'initech' } } })
  t.deepEqual(await heard(kube.create(accessGrants, other)), [
    'accessgrant tenant-acme/other',
    'tenant tenant-acme/initech',
  ])
  const key = { namespace: 'tenant-acme', name: 'other' }
  const uid = (await kube.get(accessGrants, key))?.metadata.uid ?? ''
  t.deepEqual(await heard(kube.patch(accessGrants, key, { status: { user: 'tom' } })), [
    'accessgrant tenant-acme/other',
  ])
  t.deepEqual(await heard(kube.delete(accessGrants, key, { uid })), [
    'accessgrant tenant-acme/other',
    'tenant tenant-acme/initech',
  ])
})

test('a masquerade wakes the other masquerades of the same user, and their tenants', async (t) => {
  const { kube, heard } = await scene(t)
  const [one, two] = ['globex', 'initech'].map((name) =>
    accessGrant({ name: `at-${name}`, uid: `uid-at-${name}`, spec: { ...root, tenantRef: { name } } }),
  )
  t.truthy(one && two)
  if (one === undefined || two === undefined) return
  await heard(kube.create(accessGrants, one))
  t.deepEqual(await heard(kube.create(accessGrants, two)), [
    'accessgrant tenant-acme/at-globex',
    'accessgrant tenant-acme/at-initech',
    'tenant tenant-acme/globex',
    'tenant tenant-acme/initech',
  ])
})

test('a technician wakes the AccessGrants of the customers, and the tenants that bind them', async (t) => {
  const { kube, heard } = await scene(t)
  const key = { namespace: 'home', name: 'tom' }
  const woken = await heard(
    kube.patch(tenantAdmins, key, { spec: { state: 'Deactivated' }, metadata: { generation: 2 } }),
  )
  t.true(woken.includes('accessgrant tenant-acme/grant'))
  t.true(woken.includes('tenant tenant-acme/globex'))
})

test('a tenant wakes the AccessGrants to it, and an MSP those to its customers', async (t) => {
  const { kube, heard } = await scene(t)
  for (const [namespace, name] of [
    ['tenant-acme', 'globex'],
    ['home', 'acme'],
  ] as const) {
    const patch = { spec: { state: 'Deactivated' }, metadata: { generation: 2 } }
    const woken = await heard(kube.patch(tenants, { namespace, name }, patch))
    t.true(woken.includes('accessgrant tenant-acme/grant'), name)
  }
})

test('the RoleBinding wakes the AccessGrants of its tenant', async (t) => {
  const { kube, globex, heard } = await scene(t)
  const access = {
    name: grantedBindingName,
    clusterRole: 'tenantry-tenant-granted',
    users: ['oidc:tom@acme.example.com'],
    annotations: { [annotations.grants]: '[{"uid":"uid-grant"}]' },
  }
  const binding = accessBinding(identityOf(globex, tenantSettings.installation), 'tenant-globex', access)
  t.deepEqual(await heard(kube.create(roleBindings, binding)), [
    'accessgrant tenant-acme/grant',
    'tenant tenant-acme/globex',
  ])
})
