import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HarnessAddress } from './address.ts'
import { toxiproxyBinary, versitygwBinary } from './binaries.ts'
import type { Progress } from './binaries.ts'
import { startCluster } from './cluster-choice.ts'
import { clusterAt } from './cluster.ts'
import type { ClusterAddress } from './cluster.ts'
import { temporaryFolder } from './folder.ts'
import { keepInstalled } from './installed.ts'
import { startMail } from './mail.ts'
import { postgresClients } from './postgres-clients.ts'
import { startPostgres } from './postgres.ts'
import type { PostgresAddress } from './postgres-access.ts'
import { shareMail } from './mail-inbox.ts'
import { startSharedOperator } from './shared-operator.ts'
import type { SharedOperator } from './shared-operator.ts'
import { slapdFiles } from './slapd.ts'
import { allOf } from './wait.ts'

export interface Servers extends AsyncDisposable {
  readonly address: HarnessAddress
  /** Of the file with the address, for TENANTRY_TEST_HARNESS. */
  readonly path: string
  /** It looks after all that the integration tests have left, often: what comes after them has operators of its own. */
  endOperator(): Promise<void>
}

/** Starts what all integration tests share: a cluster with an audit log, PostgreSQL that logs each statement, mail, an operator. */
export async function startServers(onProgress: Progress): Promise<Servers> {
  await using stack = new AsyncDisposableStack()
  const folder = await temporaryFolder('harness')
  stack.defer(() => folder.remove())
  const settings = { log_statement: 'all' }
  // Together, as building and starting the control plane takes longest.
  const [cluster, postgres, mail] = await allOf([
    startCluster({ audit: true, onProgress }).then(async (started) => {
      stack.use(started)
      await prepare(onProgress)
      return started
    }),
    startPostgres({ maxConnections: 300, settings, onProgress }).then((started) => stack.use(started)),
    startMail().then(async (started) => stack.use(await shareMail(started))),
  ])
  const addresses = {
    cluster: clusterAddress(cluster),
    postgres: postgresAddress(postgres),
    mail: mail.address,
  }
  let installed: string | undefined
  const keep = async (): Promise<void> => {
    if (cluster.etcd === undefined) return
    installed = join(folder.path, 'installed.json')
    await keepInstalled(cluster.etcd, installed)
  }
  const operator = await operatorFor(addresses, onProgress, keep)
  stack.defer(() => operator?.[Symbol.asyncDispose]())
  const address: HarnessAddress = { ...addresses, operator: operator?.address, installed }
  const path = join(folder.path, 'harness.json')
  await writeFile(path, JSON.stringify(address, undefined, 2), { mode: 0o600 })
  const started = stack.move()
  return {
    address,
    path,
    endOperator: async () => operator?.[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** Before the tests, whose time is limited. Only those that need a program fail where it cannot be had. */
async function prepare(progress: Progress): Promise<void> {
  const programs = {
    toxiproxy: toxiproxyBinary,
    versitygw: versitygwBinary,
    pg_dump: postgresClients,
    slapd: slapdFiles,
  }
  for (const [name, get] of Object.entries(programs)) {
    await get(progress).catch((error: unknown) =>
      progress(`no ${name}: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
}

async function operatorFor(
  { cluster, postgres, mail }: Omit<HarnessAddress, 'operator' | 'installed'>,
  onProgress: Progress,
  onInstalled: () => Promise<void>,
): Promise<SharedOperator | undefined> {
  try {
    const options = { cluster: clusterAt(cluster), postgres, mail, onInstalled, onProgress }
    return await startSharedOperator(options)
  } catch (error) {
    onProgress(`no operator: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function clusterAddress(from: ClusterAddress): ClusterAddress {
  const { kubeconfigPath, server, ca, kubectlPath, auditLogPath, etcd, folder } = from
  return { kubeconfigPath, server, ca, kubectlPath, auditLogPath, etcd, folder }
}

function postgresAddress(from: PostgresAddress): PostgresAddress {
  const { host, port, ca, caPath, superuser, operator, logPath } = from
  return { host, port, ca, caPath, superuser, operator, logPath }
}
