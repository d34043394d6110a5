/**
 * The `why` of a pass (api/whys.ts). A pass repairs where the wanted state is the same as when a pass last finished,
 * and something differs from it. Where that is unknown, as after a restart, only a missing object counts, since a newer
 * operator may want the rest otherwise. Pure.
 */
import { findCondition, isTrue } from '../../api/conditions.ts'
import type { TenantStatus } from '../../api/tenant.ts'
import type { Why } from '../../api/whys.ts'
import { accessListName, previewBindingName, suspensionQuotaName } from '../../api/names.ts'
import type { Action, Target } from '../model/action.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Since } from './wanted-digests.ts'
import type { Outlook } from '../model/outlook.ts'
import type { Did } from '../model/outcome.ts'
import { isSecretLost } from '../database/binding-secret-actions.ts'

export interface Occasion {
  /** The reason for everything in the pass, where it has a single one. */
  readonly lifeChange: Why | undefined
  readonly since: Since
  /** The reason where the wanted state has changed; for the database it may be another password. */
  readonly change: Why
  readonly rotating: boolean
  /** Whether everything was made for this very spec and plan, although the wanted state of then is unknown. */
  readonly made: boolean
  /** The password in the Secret differs from the server's, or was lost. */
  readonly passwordWrong: boolean
  /** The names that the tenant goes by. */
  readonly names: readonly (string | undefined)[]
}

export function occasionOf(snapshot: Snapshot, decision: Decision, since: Since): Occasion {
  const { login, names, tenant } = snapshot
  const { database } = tenant.status ?? {}
  return {
    lifeChange: lifeChangeOf(snapshot, decision),
    since,
    change: tenant.status?.cloudId === names.cloudId ? 'update' : 'rename',
    rotating: database?.rotation !== undefined || database?.formerLoginUntil !== undefined,
    made: wasMade(snapshot, decision),
    passwordWrong: login === 'Refused' || login === 'RefusedAgain' || isSecretLost(snapshot),
    names: [names.cloudId, names.host],
  }
}

/** The `why` that a change in the tenant's life gives. */
function lifeChangeOf({ tenant, identity, adoption }: Snapshot, { outlook, wanted, keeps }: Decision): Why | undefined {
  const { status, spec } = tenant
  if (outlook === undefined || outlook.phase === 'Deleting')
    return spec.deletion.policy === 'Retain' ? 'retain' : 'delete'
  if (keeps === true || outlook.phase === 'Purged') return 'purge'
  const provisioned = status?.database?.binding !== undefined
  if (!provisioned) return identity.formerUids.length > 0 || adoption !== undefined ? 'adopt' : 'provision'
  if (wanted === undefined) return undefined
  const off = outlook.off !== undefined
  if (off !== (status.suspendedAt !== undefined)) return off ? 'suspend' : 'resume'
  return changesSizeLevel(status, outlook) ? 'size' : undefined
}

/** The reported size level changes, and with it what the tenant may do. */
function changesSizeLevel({ conditions }: TenantStatus, { size }: Outlook): boolean {
  const before = findCondition(conditions, 'DatabaseOverSize')
  return size !== undefined && (size === 'Within' ? before !== undefined : before?.message !== size.message)
}

/** Whether everything was made for this very spec and plan. */
function wasMade({ tenant, names }: Snapshot, { outlook }: Decision): boolean {
  const { status, metadata } = tenant
  const ready = findCondition(status?.conditions, 'Ready')
  return (
    ready?.status === 'True' &&
    isTrue(status?.conditions, 'Available') &&
    ready.observedGeneration === metadata.generation &&
    status?.planRevision === outlook?.fields.planRevision &&
    status?.cloudId === names.cloudId
  )
}

/** Why this action did what it did. */
export function whyOf(action: Action, target: Target, did: Did, occasion: Occasion): Why {
  const { lifeChange, change } = occasion
  const always = alwaysBecause[action.kind]
  if (always !== undefined) return always
  if (lifeChange !== undefined) return lifeChange
  if (ending.has(action.kind)) return 'suspend'
  if (action.kind === 'ClaimName') return isLostClaim(action, did, occasion) ? 'repair' : 'rename'
  if (target === 'Names') return 'rename'
  if (isRepair(action, target, did, occasion))
    return action.kind === 'SetPassword' && !occasion.passwordWrong ? 'recover' : 'repair'
  if (occasion.rotating && target === 'Database') return 'rotate'
  return isAccess(action) ? 'access' : change
}

function isRepair(action: Action, target: Target, did: Did, { since, made }: Occasion): boolean {
  if (passes(action)) return false
  const part = since[target === 'Database' ? 'database' : 'content']
  return part === 'Same' || (part === 'Unknown' && made && did === 'Created' && isFixed(action))
}

const alwaysBecause: Readonly<Partial<Record<Action['kind'], Why>>> = {
  PrepareLogin: 'rotate',
  SwitchBinding: 'rotate',
  EndOtherSessions: 'rotate',
  ResumeWorkloads: 'resume',
  BindClaim: 'rename',
  UnbindClaim: 'rename',
  DecideSwap: 'rename',
  HandOver: 'rename',
  AliasClaim: 'rename',
}

/** The actions that turn a tenant off, unless a change in its life gives another `why`. */
const ending: ReadonlySet<Action['kind']> = new Set<Action['kind']>(['StopWorkloads', 'TerminateSessions'])

function isLostClaim(
  { claim }: Extract<Action, { kind: 'ClaimName' }>,
  did: Did,
  { names, since, made }: Occasion,
): boolean {
  return did === 'Created' && names.includes(claim.data['value']) && (since.content === 'Same' || made)
}

/** Actions that come and go with time, or have a reason of their own. */
function passes(action: Action): boolean {
  if (action.kind === 'EnsureChild') return action.child.object.metadata.name === previewBindingName
  if (action.kind === 'DeleteChild') return action.name === previewBindingName
  return action.kind === 'WriteDirectory' || action.kind === 'EndDump' || action.kind === 'GiveToOwner'
}

/** What each tenant has, whatever its admins and its state. */
function isFixed(action: Action): boolean {
  if (action.kind === 'EnsureNamespace' || action.kind === 'EnsureBinding') return true
  if (action.kind !== 'EnsureChild') return false
  const { childKind, object } = action.child
  return !['RoleBinding', 'ConfigMap'].includes(childKind) && object.metadata.name !== suspensionQuotaName
}

function isAccess(action: Action): boolean {
  if (action.kind === 'EnsureChild') return isOfAccess(action.child.childKind, action.child.object.metadata.name)
  if (action.kind === 'DeleteChild') return isOfAccess(action.childKind, action.name)
  return action.kind === 'WriteDirectory'
}

function isOfAccess(kind: string, name: string): boolean {
  return kind === 'RoleBinding' || name === accessListName
}
