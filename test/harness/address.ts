/** Where the servers of this run are: the file that `TENANTRY_TEST_HARNESS` names. servers.ts writes it. */
import { readFileSync } from 'node:fs'
import type { ClusterAddress } from './cluster.ts'
import type { MailAddress } from './mail-inbox.ts'
import type { PostgresAddress } from './postgres-access.ts'
import type { OperatorAddress } from './shared-operator.ts'

export interface HarnessAddress {
  readonly cluster: ClusterAddress
  readonly postgres: PostgresAddress
  readonly mail: MailAddress
  /** Undefined where it could not be started; only those tests fail that need it. */
  readonly operator: OperatorAddress | undefined
  /** What etcd holds where the chart is installed, for clusters of single tests (installed.ts). Undefined for a cluster that is not ours. */
  readonly installed: string | undefined
}

/** Undefined outside of `npm test`. */
export function harnessAddress(): HarnessAddress | undefined {
  const path = process.env['TENANTRY_TEST_HARNESS']
  if (!path) return undefined
  return JSON.parse(readFileSync(path, 'utf8')) as HarnessAddress // written by servers.ts of this checkout
}
