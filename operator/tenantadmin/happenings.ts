/** What people are told in Events when the invite's status changes. No address, no link. Pure. */
import type { TenantAdmin, TenantAdminStatus } from '../api/tenantadmin.ts'
import type { Happening } from '../runtime/events.ts'

export function happenings(
  admin: TenantAdmin,
  before: TenantAdminStatus | undefined,
  after: TenantAdminStatus,
): readonly Happening[] {
  const [old, next] = [before?.invite, after.invite]
  const tell = (type: Happening['type'], reason: string, action: string, note: string): readonly Happening[] => [
    { regarding: admin, type, reason, action, note },
  ]
  if (next?.acceptedAt !== undefined && old?.acceptedAt === undefined)
    return tell('Normal', 'InviteAccepted', 'CarryOver', 'The invite was accepted.')
  if (next?.sentAt !== undefined && (old?.sentAt === undefined || old.sequence !== next.sequence))
    return tell('Normal', 'InviteSent', 'SendInvite', 'The mail relay has taken the invite.')
  if (next?.status === old?.status && next?.lastError?.class === old?.lastError?.class) return []
  if (next?.status === 'EmailSendingFailed' && next.lastError !== undefined)
    return tell('Warning', `Mail${next.lastError.class}Error`, 'SendInvite', next.lastError.message)
  if (next?.status === 'Expired')
    return tell('Warning', 'InviteExpired', 'Expire', 'The invite was not accepted in time.')
  return []
}
