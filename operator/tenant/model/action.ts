/**
 * What can be done for a tenant. Actions are data: they name secrets and never hold them, so that a plan can be printed,
 * logged and compared. Each is one external effect, and done twice is done once.
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

/** A row of the directory whose password hash, if any, lies in this acceptance Secret of the operator's namespace. */
export interface PlannedEntry {
  readonly entry: Omit<DirectoryEntry, 'passwordHash'>
  readonly acceptance: string | undefined
}

export type PlannedChild = {
  readonly [Kind in Exclude<ChildKind, 'Secret'>]: { readonly childKind: Kind; readonly object: ChildObjects[Kind] }
}[Exclude<ChildKind, 'Secret'>]

/** `fresh`: nothing can be there yet, so that it is created without looking first. */
interface Fresh {
  readonly certainlyAbsent: boolean
}

/** Lets a deletion begin, where the record still has room for it; `over`: the uids of entries that count no longer. */
export interface RecordDeletion {
  readonly kind: 'RecordDeletion'
  readonly asked: AskedDeletion
  readonly deletion: BegunDeletion
  readonly over: readonly string[]
  readonly limits: DeletionBrakeSettings
}

export type ClaimAction =
  | ({ readonly kind: 'ClaimName'; readonly claim: ClaimContent } & Fresh)
  /** Writes down where the tenant is placed, before anything is made there. */
  | {
      readonly kind: 'RecordPlacement'
      readonly claim: string
      readonly server: string
      /** What the claim is to say of it. */
      readonly data: Readonly<Record<string, string>>
    }
  /** Makes a name of the tenant a former one, if it still is the `revision` that was seen. */
  | {
      readonly kind: 'AliasClaim'
      readonly claim: string
      readonly until: string
      readonly revision: number
      readonly cloudId: string
    }
  /** `seen`: only if the claim has this revision still, and `until` is what it was. */
  | {
      readonly kind: 'ReleaseClaim'
      readonly claim: string
      readonly seen?: { readonly revision: number; readonly until: string | undefined }
    }
  /** Releases the claim of an earlier Tenant of the same namespace and name, which is gone and had the uid `from`. */
  | { readonly kind: 'GiveUpClaim'; readonly claim: string; readonly from: string }
  /**
   * Writes on a claim that its tenant was kept; `provisioned`: and its data with it; `undoneIn`: for the Tenant of the same
   * name in the namespace with this uid.
   */
  | {
      readonly kind: 'MarkRetained'
      readonly claim: string
      readonly provisioned: boolean
      readonly undoneIn: string | undefined
    }
  /**
   * Claims the Cloud ID with the data of the Tenant with the uid `from`, which is gone with its claims; `earlier`: what it was
   * called (`namespace/name`) where that is known; `owner`: its role.
   */
  | {
      readonly kind: 'ClaimDatabase'
      readonly claim: ClaimContent
      readonly from: string
      readonly earlier: string | undefined
      readonly owner: string
    }
  /** Makes a claim of the Tenant with the uid `from`, which is gone, this one's. */
  | { readonly kind: 'AdoptClaim'; readonly claim: string; readonly from: string }

/** The steps of an exchange; `leader`: the name of the claim that leads it. */
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
  | ({ readonly kind: 'EnsureNamespace'; readonly object: Namespace } & Fresh)
  | { readonly kind: 'DeleteNamespace'; readonly namespace: string; readonly uid: string }
  /** Gives the binding Secret the content that `inputs` and its password make; a password that is missing is made up. */
  | ({ readonly kind: 'EnsureBinding'; readonly inputs: BindingInputs } & Fresh)
  /** Lets the binding Secret name another login role, with the password that {@link PlannedDatabaseAction} PrepareLogin made up. */
  | { readonly kind: 'SwitchBinding'; readonly inputs: BindingInputs }
  | ({ readonly kind: 'EnsureChild'; readonly child: PlannedChild } & Fresh)
  | {
      readonly kind: 'DeleteChild'
      readonly childKind: ChildKind
      readonly namespace: string
      readonly name: string
      readonly uid: string
    }
  /** Tells the pods of a suspended tenant to end; repeated until none is left. */
  | { readonly kind: 'StopWorkloads'; readonly namespace: string; readonly stops: readonly PodStop[] }
  /** Lets the controllers of a revived tenant's workloads look at them at once. The same `stamp` twice is once. */
  | {
      readonly kind: 'ResumeWorkloads'
      readonly namespace: string
      readonly stuckWorkloads: readonly StuckWorkload[]
      readonly stamp: string
    }
  /** Writes the status in between, where what follows may take long or cannot be undone. */
  | { readonly kind: 'WriteStatus'; readonly status: TenantStatus }

export type PlannedDatabaseAction = { readonly server: string; readonly target: TenantDatabase } &
  /** Not while this Secret names the other login: then somebody has rotated, and what is wanted here is out of date. */
  (
    | ({ readonly kind: 'EnsureRoles'; readonly secret: { readonly namespace: string; readonly name: string } } & Fresh)
    | ({ readonly kind: 'EnsureDatabase' } & Fresh)
    /** `entries`: what the directory holds then; undefined leaves it alone. */
    | ({ readonly kind: 'EnsureInside'; readonly entries: readonly PlannedEntry[] | undefined } & Fresh)
    /** The current login gets the password that this Secret holds then. */
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
  /** What is said while it is under way. */
  readonly underWay: Verdict
}

/** Begins to try whether a dump of the tenant's data would succeed; `key`: for which reason. Nothing waits for it. */
export interface RehearseDump extends Omit<DumpAction, 'kind' | 'underWay'> {
  readonly kind: 'RehearseDump'
  readonly key: string
}

/**
 * Records anew what the directory of an earlier tenant (its uid: `from`) tells of who has accepted, for those of whom there
 * is no record. `target`: its data; `at`: when this was decided (RFC 3339), as the directory does not tell when they accepted.
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
 * What an action works on; a failure is told in the condition of its target. `Content`: of the namespace. `Names`: their
 * change, where the tenant has some already.
 */
export type Target = 'Tenant' | 'Claims' | 'Names' | 'Namespace' | 'Content' | 'Database'

/** Actions in order; the first that fails ends the lane, and no other one but those that come after it. */
export interface Lane {
  readonly target: Target
  readonly actions: readonly Action[]
  /** What {@link after} of another lane calls this one. */
  readonly name?: string
  /** Lanes that stand before this one in its stage: it begins when they have succeeded. One that is not there has. */
  readonly after?: readonly string[]
}

/** Lanes that run side by side, but for those that wait for others. The next stage begins when all have succeeded. */
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

/** One tenant in an exchange, and the claim of the name that it gives. */
export interface Member {
  readonly claim: string
  readonly holder: string
  readonly revision: number
}
