/** Dashboards for Go operators read these series: the names, labels and units of controller-runtime and client-go. */
import test from 'ava'
import { createMetrics } from '../../../../operator/runtime/metrics/metrics.ts'
import { Queue } from '../../../../operator/runtime/queue/queue.ts'
import { FakeClock, seededRandom } from '../fake-clock.ts'

async function scraped(metrics: ReturnType<typeof createMetrics>): Promise<readonly string[]> {
  return (await metrics.registry.metrics()).split('\n')
}

test('every outcome of a controller has its series from the start', async (t) => {
  const metrics = createMetrics(() => 0)
  metrics.controller('tenant', 4)
  const lines = await scraped(metrics)
  for (const result of ['success', 'error', 'requeue', 'requeue_after'])
    t.true(lines.includes(`controller_runtime_reconcile_total{controller="tenant",result="${result}"} 0`), result)
  t.true(lines.includes('controller_runtime_reconcile_errors_total{controller="tenant"} 0'))
  t.true(lines.includes('controller_runtime_max_concurrent_reconciles{controller="tenant"} 4'))
})

test('a failed reconciliation counts as an error, and ends the active worker', async (t) => {
  const metrics = createMetrics(() => 0)
  const controller = metrics.controller('tenant', 1)
  controller.started()
  t.true((await scraped(metrics)).includes('controller_runtime_active_workers{controller="tenant"} 1'))
  controller.finished('error', 2000)
  const lines = await scraped(metrics)
  t.true(lines.includes('controller_runtime_active_workers{controller="tenant"} 0'))
  t.true(lines.includes('controller_runtime_reconcile_total{controller="tenant",result="error"} 1'))
  t.true(lines.includes('controller_runtime_reconcile_errors_total{controller="tenant"} 1'))
  t.true(lines.includes('controller_runtime_reconcile_time_seconds_sum{controller="tenant"} 2'))
})

test('depth and age of a queue are those at the scrape, in seconds', async (t) => {
  const clock = new FakeClock()
  const queue = new Queue({ clock, random: seededRandom() })
  const metrics = createMetrics(() => clock.monotonic())
  metrics.controller('tenant', 1).watch(queue)
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
  await queue.take()
  await clock.advance(2000)
  await queue.take()
  await clock.advance(2000)
  const lines = await scraped(metrics)
  const labels = '{name="tenant",controller="tenant"}'
  t.true(lines.includes(`workqueue_depth${labels} 2`))
  t.true(lines.includes(`workqueue_unfinished_work_seconds${labels} 6`))
  t.true(lines.includes(`workqueue_longest_running_processor_seconds${labels} 4`))
})

test('a request counts by code, and its time is in seconds', async (t) => {
  const metrics = createMetrics(() => 0)
  metrics.request('<error>', 'GET', 'api', 1500)
  const lines = await scraped(metrics)
  t.true(lines.includes('rest_client_requests_total{code="<error>",method="GET",host="api"} 1'))
  t.true(lines.includes('rest_client_request_duration_seconds_sum{verb="GET",host="api"} 1.5'))
})

test('the leader is 1, a standby 0', async (t) => {
  const metrics = createMetrics(() => 0)
  metrics.leader('tenantry', true)
  t.true((await scraped(metrics)).includes('leader_election_master_status{name="tenantry"} 1'))
  metrics.leader('tenantry', false)
  t.true((await scraped(metrics)).includes('leader_election_master_status{name="tenantry"} 0'))
})
