/** The Events when the status of a Tenant changes: `kubectl describe` shows its history. Pure. */
import { findCondition, isTrue } from '../../api/conditions.ts'
import type { TenantPhase } from '../../api/phases.ts'
import type { Tenant, TenantStatus } from '../../api/tenant.ts'
import type { EventReason, OperatorEvent } from '../../api/events.ts'
import { isUsableWithout } from '../validation/missing-reference.ts'
import { toldMissing } from '../model/data-loss.ts'
import { toldPostponed } from '../../domain/postponed-deletion.ts'

/** Once per change: what the status said before is not told again. */
export function eventsOf(
  tenant: Tenant,
  before: TenantStatus | undefined,
  after: TenantStatus,
): readonly OperatorEvent[] {
  const told = [
    ofPhase(tenant, before, after),
    ofLoss(before, after),
    ofTrouble(before, after),
    ofPostponement(before, after),
    ofLastDump(before, after),
    ofReturn(before, after),
    ofSize(before, after),
    ofName(before, after),
    ...ofWarnings(before, after),
    ofPreview(before, after),
  ]
  return told.filter((each) => each !== undefined).map((each) => ({ regarding: tenant, ...each }))
}

type EventText = Omit<OperatorEvent, 'regarding'>

const normal = (reason: EventReason, action: string, note: string): EventText => ({
  type: 'Normal',
  reason,
  action,
  note,
})
const warning = (reason: EventReason, action: string, note: string): EventText => ({
  type: 'Warning',
  reason,
  action,
  note,
})

const suspended: readonly (TenantPhase | undefined)[] = ['Deactivated', 'Archived', 'Expired']

function ofPhase({ spec }: Tenant, before: TenantStatus | undefined, after: TenantStatus): EventText | undefined {
  if (before?.phase === after.phase) return isBack(before, after) ? usableAgain : undefined
  switch (after.phase) {
    case 'Active':
      return begun(before, after)
    case 'Deactivated':
      return spec.state === 'Deactivated'
        ? normal('Deactivated', 'Suspend', 'spec.state is Deactivated: logins and workloads go off.')
        : normal('ParentSuspended', 'Suspend', 'The parent MSP is not active: logins and workloads are turned off.')
    case 'Archived':
      return normal('Archived', 'Suspend', archivedNote(after))
    case 'Expired':
      return warning('Expired', 'Suspend', 'The account has ended: logins and workloads go off, everything is kept.')
    case 'Purged':
      return normal('Purged', 'Purge', 'The retention of the archived tenant is over, and its data is removed.')
    case 'Deleting':
      return normal('Deleting', 'Delete', 'The Tenant is being deleted.')
    default:
      return undefined
  }
}

function archivedNote({ purgeAfter }: TenantStatus): string {
  const until = purgeAfter === undefined ? '' : ` It can be revived until ${purgeAfter}.`
  return `spec.state is Archived: logins and workloads go off.${until}`
}

/** Active: for the first time, after a suspension, or after a failure. */
function begun(before: TenantStatus | undefined, { conditions }: TenantStatus): EventText | undefined {
  if (before?.phase === 'Archived') return normal('Revived', 'Resume', 'The archived tenant is active again.')
  if (suspended.includes(before?.phase)) return normal('Activated', 'Resume', 'The tenant is active again.')
  const first = before?.database?.binding === undefined
  if (first) return normal('Provisioned', 'Provision', 'Namespace, database and Secret are in place.')
  // A tenant that is closed for its size is not usable again.
  return isTrue(conditions, 'Available') ? usableAgain : undefined
}

const usableAgain = normal('Available', 'Repair', 'The tenant can be used again.')

/** Whether a tenant that stayed Active is usable again. */
function isBack(before: TenantStatus | undefined, after: TenantStatus): boolean {
  return after.phase === 'Active' && isTrue(after.conditions, 'Available') && isOut(before)
}

/** Whether what should be usable is not. These have Events of their own: what is closed for its size, and a lost Secret or database. */
function isOut(status: TenantStatus | undefined): boolean {
  const available = findCondition(status?.conditions, 'Available')
  return available?.status === 'False' && !toldOtherwise.has(available.reason)
}

const toldOtherwise: ReadonlySet<string> = new Set(['DatabaseOverSize', 'DatabaseMissing', 'Updating'])

/** A loss, whatever else needs a person at the time. */
function ofLoss(before: TenantStatus | undefined, after: TenantStatus): EventText | undefined {
  const lost = toldMissing(after)
  return lost === undefined || toldMissing(before) !== undefined
    ? undefined
    : warning(lost.reason, 'Reconcile', lost.message)
}

/** What needs a person, and what takes a tenant from its users although it should be usable. */
function ofTrouble(before: TenantStatus | undefined, after: TenantStatus): EventText | undefined {
  const [old, stalled] = [before, after].map((status) => findCondition(status?.conditions, 'Stalled'))
  if (stalled !== undefined)
    return stalled.reason === old?.reason || stalled.reason === 'DatabaseMissing'
      ? undefined
      : warning(stalled.reason, 'Reconcile', stalled.message)
  const waits = findCondition(after.conditions, 'Reconciling')
  const waited = findCondition(before?.conditions, 'Reconciling')
  if (waits !== undefined && isUsableWithout({ tenant: { status: after } }, waits))
    return waits.reason === waited?.reason ? undefined : warning(waits.reason, 'Reconcile', waits.message)
  const available = findCondition(after.conditions, 'Available')
  const lost = isTrue(before?.conditions, 'Available') && available?.status === 'False'
  const isMeant = after.phase === 'Provisioning' || (after.phase === 'Active' && isOut(after))
  return lost && isMeant ? warning(available.reason, 'Reconcile', available.message) : undefined
}

/** The author of a deletion has to hear of it while it can be undone. */
function ofPostponement(before: TenantStatus | undefined, after: TenantStatus): EventText | undefined {
  const told = toldPostponed(after)
  if (told === undefined || toldPostponed(before)?.message === told.message) return undefined
  return warning(told.reason, 'Delete', told.message)
}

/** Apart from the log only this tells where the dump is once the Tenant is gone. */
function ofLastDump(before: TenantStatus | undefined, { deletion }: TenantStatus): EventText | undefined {
  if (deletion?.dump === undefined || deletion.dump === before?.deletion?.dump) return undefined
  return normal(
    'DumpKept',
    'Delete',
    `The last dump is ${deletion.dump} in the configured target; now the data is removed.`,
  )
}

/** A lost database was replaced. */
function ofReturn(before: TenantStatus | undefined, after: TenantStatus): EventText | undefined {
  const wasMissing = before?.database?.missingSince !== undefined
  if (!wasMissing || after.database?.missingSince !== undefined || !isTrue(after.conditions, 'DatabaseReady'))
    return undefined
  const isEmpty = after.database?.begunEmpty !== before?.database?.begunEmpty
  return isEmpty
    ? normal('DatabaseBegunEmpty', 'Provision', 'As requested, the tenant begins with an empty database.')
    : normal('DatabaseRestored', 'Repair', 'The database is back, and the tenant continues with it.')
}

/** Each time the size level rises, or another consequence follows; and its end, after it was too much. */
function ofSize(before: TenantStatus | undefined, after: TenantStatus): EventText | undefined {
  const [old, now] = [before, after].map((status) => findCondition(status?.conditions, 'DatabaseOverSize'))
  if (now?.reason === old?.reason) return undefined
  const [wasOver, isOver] = [old, now].map((each) => each !== undefined && each.reason !== 'DatabaseNearlyFull')
  if (now !== undefined && (isOver || !wasOver)) return warning(now.reason, 'Look', now.message)
  return wasOver ? normal('DatabaseWithinSize', 'Look', 'The data is within its size limit again.') : undefined
}

function ofName(before: TenantStatus | undefined, after: TenantStatus): EventText | undefined {
  const [old, name] = [before?.cloudId, after.cloudId]
  if (old === undefined || name === undefined || old === name) return undefined
  return normal('Renamed', 'Rename', `The Cloud ID was ${old} and is ${name} now.`)
}

function ofPreview(before: TenantStatus | undefined, { deletionPreview: now }: TenantStatus): EventText | undefined {
  if (now === undefined || now.request === before?.deletionPreview?.request) return undefined
  return normal('DeletionPreviewed', 'Preview', now.summary)
}

function ofWarnings(before: TenantStatus | undefined, after: TenantStatus): readonly EventText[] {
  const known = before?.warnings ?? []
  return (after.warnings ?? [])
    .filter((each) => !known.some((old) => old.daysBefore === each.daysBefore && old.expiresAt === each.expiresAt))
    .map(({ daysBefore, expiresAt }) =>
      warning(
        'ExpiresSoon',
        'Warn',
        `The account ends at ${expiresAt}, in ${daysBefore} ${daysBefore === 1 ? 'day' : 'days'} or less; then logins and workloads go off. Move the expiry to keep it on.`,
      ),
    )
}
