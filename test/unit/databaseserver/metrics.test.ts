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
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((each) => each.startsWith('tenantry_server_leftovers'))
  t.deepEqual(await lines(), [])
  leads = true
  t.deepEqual(await lines(), [
    'tenantry_server_leftovers{server="main"} 0',
    'tenantry_server_leftovers{server="old"} 2',
  ])
})

test('whether each server has connections for all, on the leader; one that was not looked at is not told of', async (t) => {
  const registry = new Registry()
  const [known, certainlyAbsent] = [databaseServer(), databaseServer({ name: 'fresh' })]
  const condition = {
    type: 'ConnectionsSufficient',
    status: 'False',
    reason: 'ConnectionsOvercommitted',
    message: 'as told',
    observedGeneration: 1,
    lastTransitionTime: '2030-01-01T00:00:00Z',
  } as const
  const short = { ...known, status: { observedGeneration: 1, conditions: [condition] } }
  createServerMetrics(registry, { values: () => [short, certainlyAbsent].values() }, { isLeader: () => true })
  const name = 'tenantry_database_server_connections_sufficient'
  const lines = (await registry.metrics()).split('\n').filter((each) => each.startsWith(name))
  t.deepEqual(lines, [`${name}{name="main",reason="ConnectionsOvercommitted"} 0`])
})

test('whether each server is ready, why not, and when it was set back; on the leader', async (t) => {
  const registry = new Registry()
  const other = databaseServer({ name: 'other', reason: 'AnotherServer' })
  const setBack = { noticedAt: '2030-01-01T00:00:00Z', seenUntil: '2029-12-31T00:00:00Z' }
  const restored = { ...other, status: { observedGeneration: 1, ...other.status, setBack } }
  let leads = false
  const servers = { values: () => [databaseServer(), restored].values() }
  createServerMetrics(registry, servers, { isLeader: () => leads })
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((each) => each.startsWith('tenantry_database'))
  t.deepEqual(await lines(), [])
  leads = true
  t.deepEqual(await lines(), [
    'tenantry_database_server_ready{name="main",reason="Connected"} 1',
    'tenantry_database_server_ready{name="other",reason="AnotherServer"} 0',
    'tenantry_database_server_set_back_timestamp_seconds{name="other"} 1893456000',
  ])
})
