/** The ports of the process that serves the pages; pages/pages-adapters.ts has the real ones. */
import type { KubeClient } from '../kube/client.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { Metrics } from '../runtime/metrics/metrics.ts'

export interface PagesAdapters {
  readonly kube: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  /** Ends the connections to the cluster; the very last thing. */
  readonly close: () => Promise<void>
}
