/** The facts about the earlier tenant that a Tenant takes over. Frozen data. */
import type { NameClaim } from '../../domain/caches.ts'
import type { DatabaseNames } from '../../api/names.ts'
import type { Isolation } from '../../api/phases.ts'

/** What the servers say about the earlier tenant. */
export interface OrphanedData {
  readonly databases: readonly MarkedDatabase[]
  readonly unseen: readonly UnseenServer[]
}

/** A server that did not tell what it has. */
export interface UnseenServer {
  readonly server: string
  /** The error of a server that answers and refuses the query. */
  readonly refusal?: string
}

/** What is known of the earlier tenant that a Tenant asks for. */
export interface Adoption extends OrphanedData {
  /** The annotation's value. */
  readonly asked: string
  /** This installation. */
  readonly installation: string
  /** The claims that the earlier tenant still holds. */
  readonly claims: readonly NameClaim[]
  /** The existing Tenant that holds them, `namespace/name`. */
  readonly living: string | undefined
  /** Whether this Tenant has names of its own already. */
  readonly settled: boolean
  /** Whether the claims say where the data is; otherwise the servers are asked. */
  readonly recorded: boolean
  /** Whether another Tenant's claims hold what the servers report. */
  readonly contested: boolean
}

/** A tenant's database on a server, by its mark. */
export interface MarkedDatabase {
  /** The name of the DatabaseServer. */
  readonly server: string
  /** The uid of the Tenant that the database was made for. */
  readonly uid: string
  readonly names: DatabaseNames
  readonly isolation: Isolation
}
