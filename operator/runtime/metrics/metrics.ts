/**
 * Metrics, under the names that controller-runtime and client-go use, so that dashboards and alerts for Go operators
 * work for this one.
 */
import { collectDefaultMetrics, Registry } from 'prom-client'

import { families } from './metric-families.ts'
import type { Queue } from '../queue/queue.ts'
import type { QueueObserver } from '../queue/queue-options.ts'

export type ReconcileOutcome = 'success' | 'error' | 'requeue_after'

export interface ControllerMetrics {
  readonly queue: QueueObserver
  /** Reads the queue's depth and age at each scrape. */
  watch(queue: Queue): void
  started(): void
  finished(outcome: ReconcileOutcome, milliseconds: number): void
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
  const queues = new Map<string, Queue>()
  const { reconcile, queue, client } = families(registry, queues, monotonic)
  return {
    registry,
    request: (code, method, host, milliseconds) => {
      client.requests.inc({ code, method, host })
      client.seconds.observe({ verb: method, host }, milliseconds / 1000)
    },
    leader: (name, leading) => client.leader.set({ name }, leading ? 1 : 0),
    controller: (name, concurrency) => {
      reconcile.concurrency.set({ controller: name }, concurrency)
      return {
        ...observeReconciles(reconcile, name),
        queue: observeQueue(queue, { name, controller: name }),
        watch: (watched) => void queues.set(name, watched),
      }
    },
  }
}

type Families = ReturnType<typeof families>

function observeReconciles(
  metrics: Families['reconcile'],
  controller: string,
): Pick<ControllerMetrics, 'started' | 'finished'> {
  // Series that exist from the start make rate() right for the first failure.
  for (const result of ['success', 'error', 'requeue', 'requeue_after']) metrics.total.inc({ controller, result }, 0)
  metrics.errors.inc({ controller }, 0)
  metrics.active.set({ controller }, 0)
  return {
    started: () => metrics.active.inc({ controller }),
    finished: (result, milliseconds) => {
      metrics.active.dec({ controller })
      metrics.seconds.observe({ controller }, milliseconds / 1000)
      metrics.total.inc({ controller, result })
      if (result === 'error') metrics.errors.inc({ controller })
    },
  }
}

function observeQueue(metrics: Families['queue'], labels: { name: string; controller: string }): QueueObserver {
  return {
    added: () => metrics.adds.inc(labels),
    retried: () => metrics.retries.inc(labels),
    taken: (waited) => metrics.waited.observe(labels, waited / 1000),
    finished: (worked) => metrics.worked.observe(labels, worked / 1000),
  }
}
