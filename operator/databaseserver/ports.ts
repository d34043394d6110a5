/** The ports of the reconciler of DatabaseServers. */
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Kube } from '../kube/port.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { Clock } from '../runtime/base/clock.ts'
import type { RecordsEvents } from '../api/events.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { NameClaim } from '../domain/caches.ts'
import type { Catalogues } from './catalogue-cache.ts'
import type { LastLooks } from './progress.ts'
import type { ServerPool } from './server-pool.ts'
import type { Waiting } from './waiting.ts'

export interface DatabaseServerPorts {
  readonly caches: {
    readonly servers: Pick<Cache<DatabaseServer>, 'get' | 'values'>
    readonly claims: Pick<Cache<NameClaim, 'server' | 'holder'>, 'by'>
    readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
    readonly plans: Pick<Cache<TenantPlan>, 'get'>
  }
  readonly kube: Kube
  readonly clock: Pick<Clock, 'now'>
  readonly events: RecordsEvents
  readonly pool: ServerPool
  readonly catalogues: Catalogues
  readonly lastLooks: LastLooks
  readonly log: Logger
  readonly waiting: Pick<Waiting, 'looked' | 'pause' | 'forget'>
  /** Queues the Tenant with this uid, if there is one. */
  readonly wakeTenant: (uid: string) => void
}

export interface DatabaseServerSettings {
  /** Milliseconds between two looks at a healthy server. */
  readonly catalogueInterval: number
  /**
   * Milliseconds until the first new look at a server that needs a person; for one that does not answer, see Waiting.
   */
  readonly retryInterval: number
}
