/**
 * The metrics of controllers, queues, API client and lease: names, labels, help texts and buckets as controller-runtime
 * and client-go have them; metrics.ts counts in them. Tenantry's own are in tenant/report/metrics.ts,
 * databaseserver/metrics.ts, mail/metrics.ts and runtime/controller/status-guard.ts; docs/reference/metrics.md lists all.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

import type { Queue } from '../queue/queue.ts'

/** controller-runtime's buckets for the time of a reconcile, in seconds. */
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
]

/** Powers of ten from 10 ns to 1000 s, as client-go has them for work queues. */
const queueBuckets = Array.from({ length: 12 }, (_, power) => Number(`1e${power - 8}`))

const requestBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]

/** Registers all of them. Depth and age of `queues` are read at each scrape. */
export function families(registry: Registry, queues: ReadonlyMap<string, Queue>, monotonic: () => number) {
  const make = makers(registry)
  readWhenAsked(registry, queues, monotonic)
  return { reconcile: reconcileFamily(make), queue: queueFamily(make), client: clientFamily(make) }
}

type Makers = ReturnType<typeof makers>

function makers(registry: Registry) {
  const registers = [registry]
  return {
    counter: <L extends string>(name: string, labelNames: readonly L[], help: string) =>
      new Counter({ name, help, labelNames, registers }),
    gauge: <L extends string>(name: string, labelNames: readonly L[], help: string) =>
      new Gauge({ name, help, labelNames, registers }),
    histogram: <L extends string>(name: string, labelNames: readonly L[], buckets: number[], help: string) =>
      new Histogram({ name, help, labelNames, buckets, registers }),
  }
}

function reconcileFamily({ counter, gauge, histogram }: Makers) {
  const prefix = 'controller_runtime_'
  const labels = ['controller'] as const
  return {
    total: counter(
      `${prefix}reconcile_total`,
      ['controller', 'result'],
      'Total number of reconciliations per controller',
    ),
    errors: counter(`${prefix}reconcile_errors_total`, labels, 'Total number of reconciliation errors per controller'),
    seconds: histogram(
      `${prefix}reconcile_time_seconds`,
      labels,
      reconcileBuckets,
      'Length of time per reconciliation per controller',
    ),
    concurrency: gauge(
      `${prefix}max_concurrent_reconciles`,
      labels,
      'Maximum number of concurrent reconciles per controller',
    ),
    active: gauge(`${prefix}active_workers`, labels, 'Number of currently used workers per controller'),
  }
}

function queueFamily({ counter, histogram }: Makers) {
  const labels = ['name', 'controller'] as const
  return {
    adds: counter('workqueue_adds_total', labels, 'Total number of adds handled by workqueue'),
    retries: counter('workqueue_retries_total', labels, 'Total number of retries handled by workqueue'),
    waited: histogram(
      'workqueue_queue_duration_seconds',
      labels,
      queueBuckets,
      'How long in seconds an item stays in workqueue before being requested',
    ),
    worked: histogram(
      'workqueue_work_duration_seconds',
      labels,
      queueBuckets,
      'How long in seconds processing an item from workqueue takes.',
    ),
  }
}

function clientFamily({ counter, gauge, histogram }: Makers) {
  return {
    requests: counter(
      'rest_client_requests_total',
      ['code', 'method', 'host'],
      'Number of HTTP requests, partitioned by status code, method, and host.',
    ),
    seconds: histogram(
      'rest_client_request_duration_seconds',
      ['verb', 'host'],
      requestBuckets,
      'Request latency in seconds, to the headers of the answer. Broken down by verb and host.',
    ),
    leader: gauge(
      'leader_election_master_status',
      ['name'],
      'Whether this process is the leader of the lease: 1 when it is, 0 when it stands by.',
    ),
  }
}

function readWhenAsked(registry: Registry, queues: ReadonlyMap<string, Queue>, monotonic: () => number): void {
  const gauge = (metric: string, help: string, read: (queue: Queue) => number) =>
    new Gauge({
      name: metric,
      help,
      labelNames: ['name', 'controller'],
      registers: [registry],
      collect() {
        for (const [name, watched] of queues) this.set({ name, controller: name }, read(watched))
      },
    })
  const ages = (queue: Queue) => queue.started.map((since) => (monotonic() - since) / 1000)
  gauge('workqueue_depth', 'Current depth of workqueue', (queue) => queue.depth)
  gauge(
    'workqueue_unfinished_work_seconds',
    'How many seconds of work has been done that is in progress and has not been observed by work_duration.',
    (queue) => ages(queue).reduce((sum, age) => sum + age, 0),
  )
  gauge(
    'workqueue_longest_running_processor_seconds',
    'How many seconds has the longest running processor for workqueue been running.',
    (queue) => Math.max(0, ...ages(queue)),
  )
}
