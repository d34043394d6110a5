/** The Events when the invite's status changes. No address, no link. Pure. */
import { findCondition } from '../api/conditions.ts'
import type { TenantAdmin, TenantAdminStatus } from '../api/tenantadmin.ts'
import type { EventReason, OperatorEvent } from '../api/events.ts'

type ToEvents = (
  type: OperatorEvent['type'],
  reason: EventReason,
  action: string,
  note: string,
) => readonly OperatorEvent[]

export function eventsOf(
  admin: TenantAdmin,
  before: TenantAdminStatus | undefined,
  after: TenantAdminStatus,
): readonly OperatorEvent[] {
  const event: ToEvents = (type, reason, action, note) => [{ regarding: admin, type, reason, action, note }]
  return [
    ...ofTenant(before, after, event),
    ...ofLimit(before, after, event),
    ...ofInvite(before, after, event),
    ...ofState(before, after, event),
    ...ofWarning(before, after, event),
  ]
}

/** Once for each tenant that replaced another. */
function ofTenant(
  before: TenantAdminStatus | undefined,
  after: TenantAdminStatus,
  event: ToEvents,
): readonly OperatorEvent[] {
  const said = findCondition(after.conditions, 'Ready')
  const toldBefore = findCondition(before?.conditions, 'Ready')?.reason === 'TenantReplaced'
  const [was, is] = [before?.invite?.replacedTenantUid, after.invite?.replacedTenantUid]
  const known = was === undefined ? toldBefore : is === undefined || is === was
  if (said?.reason !== 'TenantReplaced' || known) return []
  return event('Warning', 'TenantReplaced', 'InviteAnew', said.message)
}

/** Once each time a limit is met. */
function ofLimit(
  before: TenantAdminStatus | undefined,
  after: TenantAdminStatus,
  event: ToEvents,
): readonly OperatorEvent[] {
  const said = findCondition(after.conditions, 'Ready')
  if (said?.reason !== 'AdminLimitReached' && said?.reason !== 'InviteLimitReached') return []
  const told = findCondition(before?.conditions, 'Ready')?.reason === said.reason
  return told ? [] : event('Warning', said.reason, 'SendInvite', said.message)
}

/** The Event on a link that is dead before its time. */
export function keyLost(admin: TenantAdmin): OperatorEvent {
  const note =
    'The key that the invite was signed with is gone, so its link is dead: a new invite goes out. The recipient of the old one should wait for it.'
  return { regarding: admin, type: 'Warning', reason: 'InviteKeyLost', action: 'SendInvite', note }
}

function ofInvite(
  before: TenantAdminStatus | undefined,
  after: TenantAdminStatus,
  event: ToEvents,
): readonly OperatorEvent[] {
  const [old, next] = [before?.invite, after.invite]
  if (next?.acceptedAt !== undefined && old?.acceptedAt === undefined)
    return event('Normal', 'InviteAccepted', 'CarryOver', 'The invite was accepted.')
  if (next?.sentAt !== undefined && (old?.sentAt === undefined || old.sequence !== next.sequence))
    return event('Normal', 'InviteSent', 'SendInvite', 'The mail relay has taken the invite.')
  if (next?.status === old?.status && next?.lastError?.class === old?.lastError?.class) return []
  if (next?.status === 'EmailSendingFailed' && next.lastError !== undefined)
    return event('Warning', `Mail${next.lastError.class}Error`, 'SendInvite', next.lastError.message)
  if (next?.status === 'Expired')
    return event('Warning', 'InviteExpired', 'Expire', 'The invite was not accepted in time.')
  return []
}

/** Only for an admin who has accepted: no other admin has access that could end. */
function ofState(
  before: TenantAdminStatus | undefined,
  after: TenantAdminStatus,
  event: ToEvents,
): readonly OperatorEvent[] {
  if (before?.invite?.acceptedAt === undefined || before.phase === after.phase) return []
  switch (after.phase) {
    case 'Deactivated':
      return event('Normal', 'Deactivated', 'EndAccess', 'spec.state is Deactivated: the access of the admin ends.')
    case 'Archived':
      return event('Normal', 'Archived', 'EndAccess', 'spec.state is Archived: the access of the admin ends.')
    case 'Accepted':
      return event('Normal', 'Activated', 'GiveAccess', 'spec.state is Active: the admin has access again.')
    default:
      return []
  }
}

function ofWarning(
  before: TenantAdminStatus | undefined,
  after: TenantAdminStatus,
  event: ToEvents,
): readonly OperatorEvent[] {
  const next = after.expiryWarning
  const old = before?.expiryWarning?.messageId === next?.messageId ? before?.expiryWarning : undefined
  if (next?.sentAt !== undefined && old?.sentAt === undefined)
    return event(
      'Normal',
      'ExpiryWarningSent',
      'SendWarning',
      `The warning that the tenant expires at ${next.expiresAt} has been sent.`,
    )
  if (next?.lastError === undefined || next.lastError.class === old?.lastError?.class) return []
  return event('Warning', `Mail${next.lastError.class}Error`, 'SendWarning', next.lastError.message)
}
