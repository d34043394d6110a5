/**
 * What can be done for a tenant. Actions are data: they name secrets and never hold them, so that a decision can be
 * printed, logged and compared. Each is one external effect, and idempotent.
 */
import type { TenantStatus } from '../../api/tenant.ts'
import type { Namespace } from '../../kube/resources.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { DirectoryEntry, TenantDatabase } from '../../postgres/model/port.ts'
import type { BindingInputs } from './binding-secret.ts'
import type { ChildKind, ChildObjects } from '../../domain/fingerprint.ts'
import type { ClaimContent } from './name-claim.ts'
import type { DeletionBrakeSettings } from './settings.ts'
import type { PodStop, StuckWorkload } from './workloads.ts'
import type { AskedDeletion, BegunDeletion } from './deletion-hold.ts'

/** A row of the directory, and the Secret in the namespace of the pages with its password hash, if any. */
export interface PlannedEntry {
  readonly entry: Omit<DirectoryEntry, 'passwordHash'>
  /** The name of the acceptance. */
  readonly acceptance: string | undefined
  /** The password was changed since. */
  readonly changed?: { readonly name: string; readonly at: string }
}

export type PlannedChild = {
  readonly [Kind in Exclude<ChildKind, 'Secret'>]: { readonly childKind: Kind; readonly object: ChildObjects[Kind] }
}[Exclude<ChildKind, 'Secret'>]

/** `certainlyAbsent`: nothing can exist yet, so the object is created without a read first. */
interface Creation {
  readonly certainlyAbsent: boolean
}

/** Lets a deletion begin, if the record still has capacity; `over`: the uids of entries that no longer count. */
export interface RecordDeletion {
  readonly kind: 'RecordDeletion'
  readonly asked: AskedDeletion
  readonly deletion: BegunDeletion
  readonly over: readonly string[]
  readonly limits: DeletionBrakeSettings
}

export type ClaimAction =
  | ({ readonly kind: 'ClaimName'; readonly claim: ClaimContent } & Creation)
  /** Records the tenant's server before anything is made there. */
  | {
      readonly kind: 'RecordPlacement'
      readonly claim: string
      readonly server: string
      /** What the claim says of the server. */
      readonly data: Readonly<Record<string, string>>
    }
  /** Makes a name of the tenant a former one, if its revision is still `revision`. */
  | {
      readonly kind: 'AliasClaim'
      readonly claim: string
      readonly until: string
      readonly revision: number
      readonly cloudId: string
    }
  /** `seen`: only if the claim still has this revision, and `until` is unchanged. */
  | {
      readonly kind: 'ReleaseClaim'
      readonly claim: string
      readonly seen?: { readonly revision: number; readonly until: string | undefined }
    }
  /** Releases the claim of an earlier Tenant of the same namespace and name, which is gone and had the uid `from`. */
  | { readonly kind: 'GiveUpClaim'; readonly claim: string; readonly from: string }
  /**
   * Records on a claim that its tenant was kept; `provisioned`: with its data; `undoneIn`: for the Tenant of the same
   * name in the namespace with this uid.
   */
  | {
      readonly kind: 'MarkRetained'
      readonly claim: string
      readonly provisioned: boolean
      readonly undoneIn: string | undefined
    }
  /**
   * Claims the Cloud ID with the data of the Tenant with the uid `from`, which is gone with its claims; `earlier`: its
   * `namespace/name`, where known; `owner`: its role.
   */
  | {
      readonly kind: 'ClaimDatabase'
      readonly claim: ClaimContent
      readonly from: string
      readonly earlier: string | undefined
      readonly owner: string
    }
  /** Makes a claim of the Tenant with the uid `from`, which is gone, this tenant's. */
  | { readonly kind: 'AdoptClaim'; readonly claim: string; readonly from: string }

/** The steps of a name swap; `leader`: the name of the leading claim. */
export type SwapAction = { readonly leader: string } & (
  | ({ readonly kind: 'BindClaim' } & Member)
  | { readonly kind: 'UnbindClaim'; readonly claim: string }
  | { readonly kind: 'DecideSwap'; readonly members: readonly Member[] }
  | { readonly kind: 'HandOver'; readonly claim: string }
)

export type KubeAction =
  | ClaimAction
  | SwapAction
  | RecordDeletion
  | { readonly kind: 'AddFinalizer' }
  | { readonly kind: 'RemoveFinalizer' }
  | ({ readonly kind: 'EnsureNamespace'; readonly object: Namespace } & Creation)
  | { readonly kind: 'DeleteNamespace'; readonly namespace: string; readonly uid: string }
  /**
   * Gives the binding Secret the content that follows from `inputs` and its password; a missing password is generated.
   */
  | ({ readonly kind: 'EnsureBinding'; readonly inputs: BindingInputs } & Creation)
  /**
   * Points the binding Secret at another login role, with the password that {@link PlannedDatabaseAction} PrepareLogin
   * generated.
   */
  | { readonly kind: 'SwitchBinding'; readonly inputs: BindingInputs }
  | ({ readonly kind: 'EnsureChild'; readonly child: PlannedChild } & Creation)
  | {
      readonly kind: 'DeleteChild'
      readonly childKind: ChildKind
      readonly namespace: string
      readonly name: string
      readonly uid: string
    }
  /** Tells the pods of a suspended tenant to end; repeated until none is left. */
  | { readonly kind: 'StopWorkloads'; readonly namespace: string; readonly stops: readonly PodStop[] }
  /** Makes the controllers of a revived tenant's workloads look at them at once. The same `stamp` twice counts once. */
  | {
      readonly kind: 'ResumeWorkloads'
      readonly namespace: string
      readonly stuckWorkloads: readonly StuckWorkload[]
      readonly stamp: string
    }
  /** Writes the status before the end of the pass, where the next action may take long or cannot be undone. */
  | { readonly kind: 'WriteStatus'; readonly status: TenantStatus }

export type PlannedDatabaseAction = { readonly server: string; readonly target: TenantDatabase } &
  /** Fails while this Secret names the other login: then the login was rotated, and the decision is out of date. */
  (
    | ({
        readonly kind: 'EnsureRoles'
        readonly secret: { readonly namespace: string; readonly name: string }
      } & Creation)
    | ({ readonly kind: 'EnsureDatabase' } & Creation)
    /** `entries`: the directory's new content; undefined leaves it alone. */
    | ({ readonly kind: 'EnsureInside'; readonly entries: readonly PlannedEntry[] | undefined } & Creation)
    /** The current login gets the password that this Secret holds at that moment. */
    | { readonly kind: 'SetPassword'; readonly passwordOf: { readonly namespace: string; readonly name: string } }
    /** Gives the login that is not current a new password, as long as this Secret names the current one. */
    | { readonly kind: 'PrepareLogin'; readonly secret: { readonly namespace: string; readonly name: string } }
    | { readonly kind: 'WriteDirectory'; readonly entries: readonly PlannedEntry[] }
    | {
        readonly kind:
          | 'GiveToOwner'
          | 'EndOtherSessions'
          | 'DisableLogins'
          | 'TerminateSessions'
          | 'EndDump'
          | 'DropDatabase'
          | 'DropRoles'
      }
  )

/** A dump of the tenant's data at `path` of the configured target, verified by restoring it. */
export interface DumpAction {
  readonly kind: 'Dump'
  readonly server: string
  readonly target: TenantDatabase
  readonly path: string
  /** The verdict while the dump is under way. */
  readonly underWay: Verdict
}

/** Begins to try whether a dump of the tenant's data would succeed; `key`: the reason for it. Nothing waits for it. */
export interface RehearseDump extends Omit<DumpAction, 'kind' | 'underWay'> {
  readonly kind: 'RehearseDump'
  readonly key: string
}

/**
 * Restores missing acceptance records from the directory of an earlier tenant (its uid: `from`). `target`: its data;
 * `at`: when this was decided (RFC 3339), as the directory does not tell when a person accepted.
 */
export interface RestoreAcceptances {
  readonly kind: 'RestoreAcceptances'
  readonly server: string
  readonly target: TenantDatabase
  readonly from: string
  readonly at: string
}

export type Action = KubeAction | PlannedDatabaseAction | DumpAction | RehearseDump | RestoreAcceptances

/**
 * What an action works on; a failure is reported in the condition of its target. `Content`: of the namespace. `Names`:
 * their change, where the tenant has names already.
 */
export type Target = 'Tenant' | 'Claims' | 'Names' | 'Namespace' | 'Content' | 'Database'

/** Actions in order; the first failure ends the lane, and of the other lanes only those that wait for it. */
export interface Lane {
  readonly target: Target
  readonly actions: readonly Action[]
  /** The name by which another lane's {@link after} refers to this one. */
  readonly name?: string
  /**
   * Lanes earlier in the same stage: this lane begins when they have succeeded. A lane that does not exist counts as
   * succeeded.
   */
  readonly after?: readonly string[]
}

/** Lanes that run side by side, except those that wait for others. The next stage begins when all have succeeded. */
export type Stage = readonly Lane[]

const databaseKinds = [
  'EnsureRoles',
  'SetPassword',
  'EnsureDatabase',
  'EnsureInside',
  'WriteDirectory',
  'PrepareLogin',
  'GiveToOwner',
  'EndOtherSessions',
  'DisableLogins',
  'TerminateSessions',
  'DropDatabase',
  'DropRoles',
  'EndDump',
] as const satisfies readonly PlannedDatabaseAction['kind'][]

export function isDatabaseAction(action: Action): action is PlannedDatabaseAction {
  const kinds: readonly string[] = databaseKinds
  return kinds.includes(action.kind)
}

/** One tenant in a swap, and the claim of the name that it gives. */
export interface Member {
  readonly claim: string
  readonly holder: string
  readonly revision: number
}
