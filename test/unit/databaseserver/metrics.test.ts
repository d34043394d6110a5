import test from 'ava'
import { Registry } from 'prom-client'

import { createServerMetrics } from '../../../operator/databaseserver/metrics.ts'
import { databaseServer } from '../../gen.ts'

test('what is left on each server, on the leader', async (t) => {
  const registry = new Registry()
  const well = databaseServer()
  const left = { ...databaseServer({ name: 'old' }), status: { observedGeneration: 1, leftovers: 2 } }
  let leads = false
  createServerMetrics(registry, { values: () => [well, left].values() }, { isLeader: () => leads })
  const lines = async () => (await registry.metrics()).split('\n').filter((each) => each.startsWith('tenantry'))
  t.deepEqual(await lines(), [])
  leads = true
  t.deepEqual(await lines(), [
    'tenantry_server_leftovers{server="main"} 0',
    'tenantry_server_leftovers{server="old"} 2',
  ])
})
