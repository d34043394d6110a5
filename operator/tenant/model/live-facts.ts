/**
 * The facts that are read live: from the tenant's server, and from the cluster before something is removed. Frozen
 * data.
 */
import type { DumpFailure } from '../../dump/port.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { RecentDeletions } from './deletion-hold.ts'
import type { DeletionCause } from '../../runtime/objects/deletion-cause.ts'
import type { NameClaim, NamespaceView } from '../../domain/caches.ts'
import type { Contents } from '../../kube/namespace-contents.ts'
import type { Rehearsal } from '../../dump/rehearsals.ts'
import type { ObservedDatabase } from '../../postgres/model/observed-database.ts'

/** The tenant's part of its database server, as the last look found it. */
export type DatabaseState =
  /** Nothing was ever made there, or the server was not asked. */
  | { readonly kind: 'NotLookedAt' }
  /**
   * What Tenantry's own last action left, not contradicted since; `target` is what the action aimed at, the size is
   * from before.
   */
  | { readonly kind: 'Assumed'; readonly target: TenantDatabase; readonly sizeBytes?: number }
  | { readonly kind: 'Observed'; readonly observed: ObservedDatabase | undefined }
  /**
   * `another`: it is not the server that the tenant was placed on. `refusal`: the server's error, where it answers and
   * permanently refuses the query.
   */
  | { readonly kind: 'Unreachable'; readonly another?: true; readonly refusal?: string }

/**
 * The outcome of a login with the tenant's credentials, if one was due; `RefusedAgain`: after they had been set again.
 */
export type Login = 'NotDue' | 'Accepted' | 'Refused' | 'RefusedAgain'

/** What a deletion has to know from the live cluster and not from a cache. */
export interface LiveCheck {
  /**
   * The CRD of Tenants, or the namespace that the Tenant lies in, is being deleted: that deletion was not meant for the
   * data.
   */
  readonly deletionCause: DeletionCause | undefined
  /** The tenant's namespace. */
  readonly namespace: NamespaceView | undefined
  readonly claims: readonly NameClaim[]
  /** Whether the last dump is where the status records it, or why that is not known; undefined where no dump counts. */
  readonly dump?: 'There' | 'Gone' | DumpFailure
}

/** What was found; `Waiting`: the next look follows in a moment. */
export type Preview = 'Waiting' | PreviewFacts

export interface PreviewFacts {
  /** The request that the preview answers. */
  readonly request: string
  readonly databaseState: DatabaseState
  readonly live: LiveCheck
  readonly recentDeletions: RecentDeletions
  /** Undefined where the tenant has no namespace. */
  readonly contents: Contents | undefined
  /** Whether a target for dumps is configured. */
  readonly keepsDumps: boolean
}

/** The state of a rehearsal; `NoTarget`: no target for dumps is configured. */
export type RehearsalState = Rehearsal | 'NoTarget' | undefined
