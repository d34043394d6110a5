/** A TenantPlan that tenants have is held, and only as long as they have it. */
import test from 'ava'

import type { TenantPlan } from '../../../operator/api/tenantplan.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import { createTenantPlanReconciler } from '../../../operator/tenantplan/reconciler.ts'
import { definitionOf, tenant, tenantPlan, tenantSettings } from '../../gen.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { Cluster } from '../tenant/cluster.ts'

function setUp() {
  const cluster = new Cluster()
  cluster.triesPlans = false
  cluster.put(definitionOf('tenantplans'))
  cluster.put(tenantPlan())
  const { kube, caches } = cluster
  const reconcile = createTenantPlanReconciler(
    { caches, kube, clock: new FakeClock(), events: { record: () => {} } },
    { ...tenantSettings, bindableRoles: [] },
  )
  const pass = () => reconcile('standard', new AbortController().signal)
  const plan = () => cluster.find<TenantPlan>('TenantPlan', 'standard')
  const have = (name: string, status: object = {}) =>
    cluster.put({
      ...tenant({ name, uid: `uid-${name}` }),
      status: { observedGeneration: 1, plan: 'standard', ...status },
    })
  return { cluster, pass, plan, have }
}

test('held from the first tenant to the last, at one write each', async (t) => {
  const { cluster, pass, plan, have } = setUp()
  await pass()
  t.is(plan()?.metadata.finalizers, undefined)
  have('acme')
  await pass()
  t.deepEqual(plan()?.metadata.finalizers, ['tenantry.dev/in-use'])
  const { length } = cluster.writes
  await pass()
  t.is(cluster.writes.length, length)
  cluster.remove('Tenant', 'home/acme')
  await pass()
  t.deepEqual(plan()?.metadata.finalizers, [])
})

test('deleted while in use: it stays, names who has it and both ways out, and goes with the last', async (t) => {
  const { cluster, pass, plan, have } = setUp()
  have('acme')
  await pass()
  cluster.remove('TenantPlan', 'standard')
  await pass()
  const stalled = plan()?.status?.conditions?.find(({ type }) => type === 'Stalled')
  t.is(stalled?.reason, 'InUse')
  t.regex(stalled?.message ?? '', /use it: home\/acme\..*spec\.plan\. .*tenantry\.dev\/allow-deletion: standard\.$/)
  cluster.remove('Tenant', 'home/acme')
  await pass()
  t.is(plan(), undefined)
})

test('a tenant whose data is gone for good holds no plan', async (t) => {
  const { pass, plan, have } = setUp()
  have('acme', { purge: { startedAt: '2030-01-01T00:00:00Z', finishedAt: '2030-01-01T00:00:01Z' } })
  await pass()
  t.is(plan()?.metadata.finalizers, undefined)
})

test('a finalizer that is refused: an edit is tried and followed all the same, and the refusal is told until it is written', async (t) => {
  const { cluster, pass, plan, have } = setUp()
  have('acme')
  const denial = 'admission webhook "rules.example.com" denied the request: no finalizers here'
  cluster.before = (write) => {
    if (write === 'patch TenantPlan standard')
      throw new KubeError('Forbidden', denial, 403, { refusal: denial, refusedBy: 'Webhook' })
  }
  await pass()
  t.is(plan()?.metadata.finalizers, undefined)
  t.is(plan()?.status?.observedGeneration, plan()?.metadata.generation)
  const stalled = () => plan()?.status?.conditions?.find(({ type }) => type === 'Stalled')
  t.is(stalled()?.reason, 'ApiServerRefused')
  t.regex(stalled()?.message ?? '', /no finalizers here\. .*does not wait for the Tenants that use it\.$/)
  cluster.before = () => {}
  await pass()
  t.deepEqual(plan()?.metadata.finalizers, ['tenantry.dev/in-use'])
  t.is(stalled(), undefined)
})
