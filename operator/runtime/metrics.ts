/**
 * Metrics, under the names that controller-runtime and client-go use, so that dashboards and alerts made for Go operators
 * work for this one.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { Queue, QueueObserver } from './queue.ts'

/** controller-runtime's buckets for the time of a reconcile, in seconds. */
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
]

/** Powers of ten from 10 ns to 1000 s, as client-go has them for work queues. */
const queueBuckets = Array.from({ length: 12 }, (_, power) => Number(`1e${power - 8}`))

export type ReconcileOutcome = 'success' | 'error' | 'requeue_after'

export interface ControllerMetrics {
  readonly queue: QueueObserver
  /** Reads the queue's depth and age when the metrics are asked for. */
  watch(queue: Queue): void
  started(): void
  finished(outcome: ReconcileOutcome, terminal: boolean, milliseconds: number): void
}

export interface Metrics {
  readonly registry: Registry
  controller(name: string, concurrency: number): ControllerMetrics
  /** One request of the Kubernetes client; `code` is the HTTP status or `<error>`. */
  request(code: string, method: string, host: string, milliseconds: number): void
  leader(name: string, leading: boolean): void
}

/** @param monotonic the clock's, for the age of work in progress. */
export function createMetrics(monotonic: () => number, options: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry()
  if (options.process === true) collectDefaultMetrics({ register: registry })
  const client = clientMetrics(registry)
  const reconcile = reconcileMetrics(registry)
  const queue = queueMetrics(registry)
  const queues = new Map<string, Queue>()
  readWhenAsked(registry, queues, monotonic)
  return {
    registry,
    controller: (name, concurrency) => {
      for (const result of ['success', 'error', 'requeue', 'requeue_after'])
        reconcile.total.inc({ controller: name, result }, 0)
      for (const counter of [reconcile.errors, reconcile.terminal]) counter.inc({ controller: name }, 0)
      reconcile.concurrency.set({ controller: name }, concurrency)
      reconcile.active.set({ controller: name }, 0)
      const labels = { name, controller: name }
      return {
        queue: {
          added: () => queue.adds.inc(labels),
          retried: () => queue.retries.inc(labels),
          taken: (waited) => queue.waited.observe(labels, waited / 1000),
          finished: (worked) => queue.worked.observe(labels, worked / 1000),
        },
        watch: (watched) => void queues.set(name, watched),
        started: () => reconcile.active.inc({ controller: name }),
        finished: (result, terminal, milliseconds) => {
          reconcile.active.dec({ controller: name })
          reconcile.seconds.observe({ controller: name }, milliseconds / 1000)
          reconcile.total.inc({ controller: name, result })
          if (result === 'error') reconcile.errors.inc({ controller: name })
          if (terminal) reconcile.terminal.inc({ controller: name })
        },
      }
    },
    ...client,
  }
}

function clientMetrics(registry: Registry): Pick<Metrics, 'request' | 'leader'> {
  const registers = [registry]
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labelNames: ['code', 'method', 'host'],
    registers,
  })
  const seconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Request latency in seconds, to the headers of the answer. Broken down by verb and host.',
    labelNames: ['verb', 'host'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
    registers,
  })
  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: 'Whether this process is the leader of the lease: 1 when it is, 0 when it stands by.',
    labelNames: ['name'],
    registers,
  })
  return {
    request: (code, method, host, milliseconds) => {
      requests.inc({ code, method, host })
      seconds.observe({ verb: method, host }, milliseconds / 1000)
    },
    leader: (name, leading) => leader.set({ name }, leading ? 1 : 0),
  }
}

function reconcileMetrics(registry: Registry) {
  const labelNames = ['controller'] as const
  const registers = [registry]
  const prefix = 'controller_runtime_'
  return {
    total: new Counter({
      name: `${prefix}reconcile_total`,
      help: 'Total number of reconciliations per controller',
      labelNames: ['controller', 'result'],
      registers,
    }),
    errors: new Counter({
      name: `${prefix}reconcile_errors_total`,
      help: 'Total number of reconciliation errors per controller',
      labelNames,
      registers,
    }),
    terminal: new Counter({
      name: `${prefix}terminal_reconcile_errors_total`,
      help: 'Total number of terminal reconciliation errors per controller',
      labelNames,
      registers,
    }),
    seconds: new Histogram({
      name: `${prefix}reconcile_time_seconds`,
      help: 'Length of time per reconciliation per controller',
      labelNames,
      buckets: reconcileBuckets,
      registers,
    }),
    concurrency: new Gauge({
      name: `${prefix}max_concurrent_reconciles`,
      help: 'Maximum number of concurrent reconciles per controller',
      labelNames,
      registers,
    }),
    active: new Gauge({
      name: `${prefix}active_workers`,
      help: 'Number of currently used workers per controller',
      labelNames,
      registers,
    }),
  }
}

function queueMetrics(registry: Registry) {
  const labelNames = ['name', 'controller'] as const
  const registers = [registry]
  return {
    adds: new Counter({
      name: 'workqueue_adds_total',
      help: 'Total number of adds handled by workqueue',
      labelNames,
      registers,
    }),
    retries: new Counter({
      name: 'workqueue_retries_total',
      help: 'Total number of retries handled by workqueue',
      labelNames,
      registers,
    }),
    waited: new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long in seconds an item stays in workqueue before being requested',
      labelNames,
      buckets: queueBuckets,
      registers,
    }),
    worked: new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long in seconds processing an item from workqueue takes.',
      labelNames,
      buckets: queueBuckets,
      registers,
    }),
  }
}

function readWhenAsked(registry: Registry, queues: ReadonlyMap<string, Queue>, monotonic: () => number): void {
  const gauge = (name: string, help: string, read: (queue: Queue) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['name', 'controller'],
      registers: [registry],
      collect() {
        for (const [queue, watched] of queues) this.set({ name: queue, controller: queue }, read(watched))
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
