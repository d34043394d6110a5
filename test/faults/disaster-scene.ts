/** Clusters that come and go beside one PostgreSQL server and one relay. */
import { apiOf } from '../harness/api.ts'
import type { Api } from '../harness/api.ts'
import { startControlPlane } from '../harness/control-plane.ts'
import type { ControlPlane } from '../harness/control-plane.ts'
import { install } from '../harness/installation.ts'
import type { Installation } from '../harness/installation.ts'
import type { MailServer } from '../harness/mail.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import type { Postgres } from '../harness/postgres.ts'
import { startWeb } from '../harness/web.ts'

/** What no cluster takes with it. */
export interface Ground {
  readonly postgres: Postgres
  readonly mail: MailServer
  /** Where backups lie. */
  readonly folder: string
}

export interface Cluster extends AsyncDisposable {
  readonly controlPlane: ControlPlane
  readonly api: Api
  readonly installation: Installation
  readonly operator: OperatorProcess
}

export interface Life {
  /** Before the chart is there; then before the operator is. */
  readonly first?: (controlPlane: ControlPlane) => Promise<unknown>
  readonly second?: (controlPlane: ControlPlane) => Promise<unknown>
}

/** A new etcd, a new apiserver, and Tenantry in them. */
export async function newCluster({ postgres, mail }: Ground, { first, second }: Life = {}): Promise<Cluster> {
  const stack = new AsyncDisposableStack()
  try {
    const controlPlane = stack.use(await startControlPlane())
    const api = stack.use(await apiOf(controlPlane))
    await first?.(controlPlane)
    const installation = await install({ cluster: controlPlane, postgres })
    await second?.(controlPlane)
    const web = stack.use(await startWeb({ cluster: controlPlane }))
    const operator = stack.use(
      await startOperator({ cluster: controlPlane, mail, web, env: { TENANTRY_CATALOGUE_INTERVAL: '2s' } }),
    )
    return { controlPlane, api, installation, operator, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
