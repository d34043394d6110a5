/** Everything that is known about one AccessGrant at one moment, read before anything is decided. Frozen data. */
import type { AccessGrant } from '../../api/accessgrant.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { Home } from '../../domain/hierarchy.ts'

/** The tenant that spec.tenantRef names. */
export interface TenantSnapshot {
  readonly tenant: Tenant
  /** The tenant's uid, and those of the tenants that it has taken over. */
  readonly uids: readonly string[]
  readonly home: Home
  /** The admins, sub-admins and technicians of the parent MSP. */
  readonly staff: readonly TenantAdmin[]
  /** Whether the tenant's RoleBinding names this AccessGrant. */
  readonly named: boolean
  /** Whether it does, and allows more than reading. */
  readonly bound: boolean
}

export interface Snapshot {
  readonly grant: AccessGrant
  readonly target: TenantSnapshot | undefined
  /** All masquerades of the same user; none for a delegation. */
  readonly masquerades: readonly AccessGrant[]
}
