/** Everything that is known about one DatabaseServer at one moment. Frozen data. */
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import type { PassFailure } from '../domain/pass-failure.ts'
import type { Look } from './look-at-server.ts'

export interface ServerSnapshot extends Look {
  readonly server: DatabaseServer
  /** How many tenants are placed here. */
  readonly tenants: number
  /** The Tenants among them that exist. */
  readonly users: readonly Tenant[]
  /** The declared parameters that are left out here, in words. */
  readonly withheld?: string | undefined
  /** Why the finalizer that holds it for its users is not as it should be. */
  readonly unheld?: PassFailure | undefined
}
