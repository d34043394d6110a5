/** What is read live: from the tenant's server, and from the cluster before something is removed. Frozen data. */
import type { DumpFailure } from '../../dump/port.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { DeletionCause } from '../../runtime/objects/deletion-cause.ts'
import type { NameClaim, NamespaceView } from '../../domain/caches.ts'
import type { Contents } from '../../kube/contents.ts'
import type { Rehearsal } from '../../dump/rehearsals.ts'
import type { ObservedDatabase } from '../../postgres/model/observed-database.ts'

/** The tenant's corner of its database server. */
export type DatabaseState =
  /** Nothing was ever made there, or it is not looked at. */
  | { readonly kind: 'NotLookedAt' }
  /** What our own last action left, not contradicted since; `target` is what it was to be, the size from before. */
  | { readonly kind: 'Assumed'; readonly target: TenantDatabase; readonly sizeBytes?: number }
  | { readonly kind: 'Observed'; readonly observed: ObservedDatabase | undefined }
  /** `another`: it is not the server on which the tenant was placed. */
  | { readonly kind: 'Unreachable'; readonly another?: true }

/** What a try to log in with the tenant's credentials said, if one was due; `RefusedAgain`: after they had been set anew. */
export type Login = 'NotDue' | 'Accepted' | 'Refused' | 'RefusedAgain'

/** What a deletion has to know from the live cluster and not from a cache. */
export interface LiveCheck {
  /** The definition of our kind, or the namespace the Tenant lies in, is going: the deletion was not meant for the data. */
  readonly deletionCause: DeletionCause | undefined
  /** The tenant's namespace. */
  readonly namespace: NamespaceView | undefined
  readonly claims: readonly NameClaim[]
  /** Whether the last dump is where the status records it, or why that is not known; undefined where none counts. */
  readonly dump?: 'There' | 'Gone' | DumpFailure
}

/** What was found; `Waiting`: it is looked at again in a moment. */
export type Preview = 'Waiting' | PreviewFacts

export interface PreviewFacts {
  /** What it answers. */
  readonly request: string
  readonly databaseState: DatabaseState
  readonly live: LiveCheck
  /** Undefined where the tenant has no namespace. */
  readonly contents: Contents | undefined
  /** Whether there is a target for dumps. */
  readonly keepsDumps: boolean
}

/** What is known of it; `NoTarget`: dumps are kept nowhere. */
export type RehearsalState = Rehearsal | 'NoTarget' | undefined
