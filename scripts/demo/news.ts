/** What happened to a tenant or an admin, in lines for people. Pure. */
import { findCondition } from '../../operator/api/conditions.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import type { Change } from '../../operator/runtime/cache/object-store.ts'

export interface News {
  readonly tone: 'good' | 'bad' | 'plain'
  readonly subject: string
  readonly text: string
}

export function tenantNews({ before, after }: Change<Tenant>): readonly News[] {
  const tenant = after ?? before
  if (tenant === undefined) return []
  const subject = `Tenant ${tenant.metadata.name}`
  if (after === undefined) return [{ tone: 'plain', subject, text: 'is gone, with all that was made for it' }]
  if (before === undefined) return [{ tone: 'plain', subject, text: `is declared: ${after.spec.displayName}` }]
  const asked = before.metadata.deletionTimestamp === undefined && after.metadata.deletionTimestamp !== undefined
  return [
    ...(asked ? [{ tone: 'plain' as const, subject, text: 'shall be deleted' }] : []),
    ...phaseChange(subject, before, after),
    ...messageChange(subject, before, after),
  ]
}

function phaseChange(subject: string, before: Tenant, after: Tenant): readonly News[] {
  const [old, now] = [before.status?.phase, after.status?.phase]
  if (now === undefined || old === now) return []
  const where = now === 'Active' && after.status?.url !== undefined ? `, ${after.status.url}` : ''
  return [{ tone: now === 'Active' ? 'good' : 'plain', subject, text: `${old ?? 'new'} → ${now}${where}` }]
}

/** Why it is not ready, whenever that changes: the steps of a deletion, what is missing, what is in conflict. */
function messageChange(subject: string, before: Tenant, after: Tenant): readonly News[] {
  const [old, now] = [before, after].map(({ status }) => findCondition(status?.conditions, 'Ready'))
  if (now === undefined || now.message === old?.message || now.reason === 'Provisioned') return []
  const stalled = findCondition(after.status?.conditions, 'Stalled') !== undefined
  return [{ tone: stalled ? 'bad' : 'plain', subject, text: now.message }]
}

export function adminNews({ before, after }: Change<TenantAdmin>): readonly News[] {
  const admin = after ?? before
  if (admin === undefined) return []
  const subject = `Admin ${admin.spec.username}`
  if (after === undefined) return [{ tone: 'plain', subject, text: 'is gone' }]
  if (before === undefined) return []
  const [old, now] = [before.status?.invite, after.status?.invite]
  const issued = now?.sequence !== old?.sequence && now?.sequence !== undefined && now.sequence > 1
  const sent = now?.sentAt !== undefined && (now.sentAt !== old?.sentAt || now.sequence !== old?.sequence)
  return [
    ...(issued ? [{ tone: 'plain' as const, subject, text: 'gets a new invite; the old link is dead' }] : []),
    ...(sent ? [{ tone: 'plain' as const, subject, text: `invite to ${now.address ?? ''} is in the mailbox` }] : []),
    ...(now?.status === old?.status ? [] : inviteChange(subject, after)),
  ]
}

function inviteChange(subject: string, { status }: TenantAdmin): readonly News[] {
  switch (status?.invite?.status) {
    case 'Accepted':
      return [{ tone: 'good', subject, text: 'has accepted the invite' }]
    case 'EmailSendingFailed':
      return [{ tone: 'bad', subject, text: `invite could not be sent: ${status.invite.lastError?.message ?? ''}` }]
    case 'Expired':
      return [{ tone: 'bad', subject, text: 'invite has expired' }]
    default:
      return []
  }
}
