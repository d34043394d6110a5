/** What is known of the earlier tenant that a Tenant takes over. Frozen data. */
import type { NameClaim } from '../../domain/caches.ts'
import type { DatabaseNames } from '../../api/names.ts'
import type { Isolation } from '../../api/phases.ts'

/** What the servers say of the earlier tenant. */
export interface OrphanedData {
  readonly databases: readonly MarkedDatabase[]
  /** Servers that could not be asked. */
  readonly unseen: readonly string[]
}

/** What is known of the earlier tenant that a Tenant asks for. */
export interface Adoption extends OrphanedData {
  /** The annotation's value. */
  readonly asked: string
  /** The installation that this is. */
  readonly installation: string
  /** The claims that are still the earlier one's. */
  readonly claims: readonly NameClaim[]
  /** The Tenant that still holds them, `namespace/name`, if it is there. */
  readonly living: string | undefined
  /** Whether this Tenant goes by names of its own already. */
  readonly settled: boolean
  /** Whether the claims tell where the data is; else the servers are asked. */
  readonly recorded: boolean
  /** Whether the claims of another Tenant have what the servers tell of. */
  readonly contested: boolean
}

/** A tenant's corner of a server, by its mark. */
export interface MarkedDatabase {
  /** The name of the DatabaseServer. */
  readonly server: string
  /** The uid of the Tenant that it was made for. */
  readonly uid: string
  readonly names: DatabaseNames
  readonly isolation: Isolation
}
