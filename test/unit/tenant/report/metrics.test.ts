import test from 'ava'
import { Registry } from 'prom-client'
import { createStalledMetrics, createTenantMetrics } from '../../../../operator/tenant/report/metrics.ts'
import type { Reason } from '../../../../operator/api/reasons.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import { condition, tenant } from '../../../gen.ts'

const line = 'tenantry_tenant_expires_timestamp_seconds{namespace="home",name="acme",cloud_id="acme1"} 1893456000'

test('each tenant that ends, and how many deletions are held or postponed, on the leader', async (t) => {
  const registry = new Registry()
  const ends = { ...tenant(), status: { observedGeneration: 1, cloudId: 'acme1', expiresAt: '2030-01-01T00:00:00Z' } }
  let known: readonly Tenant[] = [ends, tenant({ name: 'forever' })]
  let leads = false
  createTenantMetrics(registry, { values: () => known.values() }, { isLeader: () => leads })
  const lines = async () => (await registry.metrics()).split('\n').filter((each) => each.startsWith('tenantry'))
  t.deepEqual(await lines(), [])
  leads = true
  t.deepEqual(await lines(), [line, 'tenantry_deletions_held 0', 'tenantry_deletions_postponed 0'])
  const deletion = { heldAt: '2030-01-01T00:00:00Z', because: '5 deletions within 10m' }
  const held = { ...tenant({ deletionTimestamp: '2030-01-01T00:00:00Z' }), status: { observedGeneration: 1, deletion } }
  const begun = { ...held, status: { observedGeneration: 1, deletion: { startedAt: '2030-01-01T00:00:00Z' } } }
  const conditions = [condition('Reconciling', 'True', 'DeletionPostponed')]
  const released = { ...held, status: { observedGeneration: 1, deletion, conditions } }
  known = [held, begun, released]
  t.deepEqual(await lines(), ['tenantry_deletions_held 1', 'tenantry_deletions_postponed 1'])
  leads = false
  t.deepEqual(await lines(), [])
})

test('how many tenants need a person, by reason; a reason that is settled counts none', async (t) => {
  const registry = new Registry()
  const stalled = (name: string, reason: Reason) => ({
    ...tenant({ name }),
    status: { observedGeneration: 1, conditions: [condition('Stalled', 'True', reason)] },
  })
  let known: readonly Tenant[] = [stalled('one', 'DatabaseMissing'), stalled('two', 'DatabaseMissing'), tenant()]
  createStalledMetrics(registry, { values: () => known.values() }, { isLeader: () => true })
  const lines = async () => (await registry.metrics()).split('\n').filter((each) => each.startsWith('tenantry'))
  t.deepEqual(await lines(), ['tenantry_tenants_stalled{reason="DatabaseMissing"} 2'])
  const both = [condition('Stalled', 'True', 'DeletionHeld'), condition('DatabaseReady', 'False', 'DatabaseMissing')]
  known = [{ ...tenant({ name: 'three' }), status: { observedGeneration: 1, conditions: both } }]
  t.deepEqual(await lines(), [
    'tenantry_tenants_stalled{reason="DatabaseMissing"} 1',
    'tenantry_tenants_stalled{reason="DeletionHeld"} 1',
  ])
  known = []
  t.deepEqual(await lines(), [
    'tenantry_tenants_stalled{reason="DatabaseMissing"} 0',
    'tenantry_tenants_stalled{reason="DeletionHeld"} 0',
  ])
})

test('how many tenants take more than they may, by server; on the leader', async (t) => {
  const registry = new Registry()
  const full = (name: string, reason: Reason) => ({
    ...tenant({ name }),
    status: {
      observedGeneration: 1,
      database: { server: 'main' },
      conditions: [condition('DatabaseOverSize', 'True', reason)],
    },
  })
  const known = [
    full('one', 'DatabaseNearlyFull'),
    full('two', 'DatabaseOverSize'),
    full('three', 'DatabaseOverSize'),
    tenant(),
  ]
  let leads = true
  createTenantMetrics(registry, { values: () => known.values() }, { isLeader: () => leads })
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((each) => each.startsWith('tenantry_tenants_over_size'))
  t.deepEqual(await lines(), [
    'tenantry_tenants_over_size{server="main",reason="DatabaseNearlyFull"} 1',
    'tenantry_tenants_over_size{server="main",reason="DatabaseOverSize"} 2',
  ])
  leads = false
  t.deepEqual(await lines(), [])
})
