/** The ports of the whole operator; app/adapters.ts has the real ones. */
import type { DumpTarget } from '../dump/port.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeConfig } from '../kube/kubeconfig.ts'
import type { CountContents } from '../kube/namespace-contents.ts'
import type { MailTemplates } from '../mail/templates.ts'
import type { Mailer } from '../mail/port.ts'
import type { PostgresOptions } from '../postgres/adapter.ts'
import type { ConnectPostgres } from '../postgres/model/port.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { Metrics } from '../runtime/metrics/metrics.ts'

/** Everything that reaches outside. Fault tests pass decorated ones. */
export interface Adapters {
  readonly kubeConfig: KubeConfig
  readonly kube: KubeClient
  readonly contents: CountContents
  readonly postgres: (options: Pick<PostgresOptions, 'installation' | 'mayWrite'>) => ConnectPostgres
  readonly mailer: Mailer
  /** Undefined: none is configured. */
  readonly dumpTarget: DumpTarget | undefined
  readonly templates: MailTemplates
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  /** Ends the connections to the cluster; the very last thing. */
  readonly close: () => Promise<void>
}
