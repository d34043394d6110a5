import test from 'ava'
import { Registry } from 'prom-client'
import { createStalledMetrics, createTenantMetrics } from '../../../operator/tenant/metrics.ts'
import type { Reason } from '../../../operator/api/reasons.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import { condition, tenant } from '../../gen.ts'

const line = 'tenantry_tenant_expires_timestamp_seconds{namespace="home",name="acme",cloud_id="acme1"} 1893456000'

test('each tenant that ends, on the leader, for as long as it is there', async (t) => {
  const registry = new Registry()
  const ends = { ...tenant(), status: { observedGeneration: 1, cloudId: 'acme1', expiresAt: '2030-01-01T00:00:00Z' } }
  let known: readonly Tenant[] = [ends, tenant({ name: 'forever' })]
  let leads = false
  createTenantMetrics(registry, { values: () => known.values() }, { isLeader: () => leads })
  const lines = async () => (await registry.metrics()).split('\n').filter((each) => each.startsWith('tenantry'))
  t.deepEqual(await lines(), [])
  leads = true
  t.deepEqual(await lines(), [line])
  known = []
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
  known = []
  t.deepEqual(await lines(), ['tenantry_tenants_stalled{reason="DatabaseMissing"} 0'])
})
