/** What the operator needs to run: a cluster, PostgreSQL, a mailbox; and its objects in the cluster. */
import { startCluster } from '../../test/harness/cluster-choice.ts'
import type { Cluster } from '../../test/harness/cluster.ts'
import { install } from '../../test/harness/installation.ts'
import { defaultPlanSpec } from '../../test/harness/chart.ts'
import type { Postgres } from '../../test/harness/postgres.ts'
import { startPostgres } from '../../test/harness/postgres.ts'
import type { ServerProcess } from '../../test/harness/process.ts'
import { startMailbox } from './mailbox.ts'
import type { Mailbox } from './mailbox.ts'
import { step } from './step.ts'
import type { Terminal } from './terminal.ts'
import { refuseTakenName, takeAway } from './named-cluster.ts'

export interface Servers {
  readonly cluster: Cluster
  /** Whether it is somebody's own, which the demo leaves as it found it. */
  readonly named: boolean
  readonly postgres: Postgres
  readonly mailbox: Mailbox
}

/** All three side by side. All settle before a failure is told, so that none is left half started. */
export async function startServers(
  terminal: Terminal,
  mailboxPort: number,
  stack: AsyncDisposableStack,
  noteLog: (server: ServerProcess) => void,
): Promise<Servers> {
  const named = Boolean(process.env['TENANTRY_TEST_KUBECONFIG'])
  const controlPlane = named ? 'Connecting to the cluster' : 'Starting a Kubernetes control plane'
  const [cluster, postgres, mailbox] = await Promise.allSettled([
    step(terminal, controlPlane, async (detail) => stack.use(await startCluster({ onProgress: detail }))),
    step(terminal, 'Starting PostgreSQL', async () => {
      const started = stack.use(await startPostgres({ settings: { reserved_connections: '8' } }))
      noteLog(started.server)
      await started.query(`GRANT pg_use_reserved_connections TO "${started.operator.user}"`)
      return started
    }),
    step(terminal, 'Starting the mailbox', async () => {
      const started = stack.use(await startMailbox(mailboxPort))
      noteLog(started.process)
      return started
    }),
  ])
  return { cluster: valueOf(cluster), named, postgres: valueOf(postgres), mailbox: valueOf(mailbox) }
}

/** The chart's objects, a DatabaseServer, a plan and a home; in a named cluster they go when the demo ends. */
export async function declareInstallation(
  { cluster, named, postgres }: Servers,
  stack: AsyncDisposableStack,
): Promise<void> {
  if (named) {
    await refuseTakenName(cluster)
    stack.defer(() => takeAway(cluster))
  }
  await install({ cluster, postgres, plan: await demoPlan() })
}

/** The chart's default plan, but for the limit that takes a GRANT. */
async function demoPlan(): Promise<object> {
  const { database, ...given } = await defaultPlanSpec()
  const { temp_file_limit: _grantable, ...parameters } = database.parameters
  return { ...given, database: { ...database, parameters } }
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason
  return result.value
}
