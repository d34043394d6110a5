/** The one operator that all integration tests share: the chart's cluster-wide objects exist once in a cluster. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issuer } from '../licenses.ts'
import type { Progress } from './binaries.ts'
import type { Cluster } from './cluster.ts'
import { temporaryFolder } from './folder.ts'
import { install } from './installation.ts'
import type { Installation } from './installation.ts'
import { startOperator } from './operator.ts'
import { startWeb } from './web.ts'
import type { OperatorOptions } from './operator.ts'
import type { PostgresAddress } from './postgres-access.ts'

/** Where it is: plain data, that one process can tell another. */
export interface OperatorAddress extends Installation {
  /** `http://127.0.0.1:<port>` of the pages. */
  readonly web: string
  /** `http://127.0.0.1:<port>` of /healthz, /readyz and /metrics. */
  readonly health: string
  /** `system:serviceaccount:…`, as the audit log has it. */
  readonly user: string
  readonly logPath: string
  /** The private key (PEM) of the licenses that it takes. */
  readonly licenseKey: string
}

/**
 * What is healed by looking now and then is looked at often, so that tests need not wait for it; but each tenant not so
 * often that what a watch should have told would be found within two seconds anyhow.
 */
export const sharedIntervals = { catalogue: 1000, probe: 6000, eviction: 20_000 } as const

export interface SharedOperatorOptions {
  readonly cluster: Cluster
  readonly postgres: PostgresAddress
  readonly mail: NonNullable<OperatorOptions['mail']>
  /** Called when Tenantry is installed and its operator has not begun. */
  readonly onInstalled: () => Promise<void>
  readonly onProgress: Progress
}

/** Its disposal may be asked for more than once. */
export interface SharedOperator extends AsyncDisposable {
  readonly address: OperatorAddress
}

/** Installs Tenantry and starts its operator, until it is disposed of. */
export async function startSharedOperator(options: SharedOperatorOptions): Promise<SharedOperator> {
  const { cluster, postgres, mail, onInstalled, onProgress } = options
  onProgress('installing Tenantry and starting the operator that the integration tests share')
  const installation = await install({ cluster, postgres })
  await onInstalled()
  const folder = await temporaryFolder('licenses')
  const licenses = issuer()
  const publicKeys = join(folder.path, 'license.pub')
  await writeFile(publicKeys, licenses.pem)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => folder.remove())
  const pages = stack.use(await startWeb({ cluster }))
  const operator = stack.use(
    await startOperator({
      cluster,
      mail,
      web: pages,
      unready: true,
      env: {
        TENANTRY_LICENSE_PUBLIC_KEYS_FILE: publicKeys,
        TENANTRY_CATALOGUE_INTERVAL: `${sharedIntervals.catalogue}ms`,
        TENANTRY_SIZE_INTERVAL: `${sharedIntervals.catalogue}ms`,
        TENANTRY_PROBE_INTERVAL: `${sharedIntervals.probe}ms`,
        // Budgets are respected for long enough to be seen, by a test that does not get its turn at once too.
        TENANTRY_EVICTION_TIMEOUT: `${sharedIntervals.eviction}ms`,
      },
    }),
  )
  await operator.ready(180_000)
  const { web, health, user } = operator
  const licenseKey = licenses.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const address = { ...installation, web, health, user, logPath: operator.process.logPath, licenseKey }
  const started = stack.move()
  return { address, [Symbol.asyncDispose]: () => started.disposeAsync() }
}
