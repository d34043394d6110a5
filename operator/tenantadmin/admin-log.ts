/** The log lines about a TenantAdmin, without address, username and link. */
import { writeLine } from '../api/log-lines.ts'
import type { LineWriter } from '../api/log-lines.ts'
import type { Why } from '../api/whys.ts'
import type { TenantAdminStatus } from '../api/tenantadmin.ts'
import { keyOf } from '../runtime/objects/object.ts'
import type { Action } from './decision.ts'
import type { Snapshot } from './snapshot.ts'
import { isSameFailure } from './invite/sending.ts'
import type { Sending } from './invite/sending.ts'

/** An action that took effect. */
export function logAction(log: LineWriter, snapshot: Snapshot, action: Action, milliseconds: number): void {
  const about = (why: Why) => ({ ...subject(snapshot, why), durationMs: Math.round(milliseconds) })
  switch (action.kind) {
    case 'SendInvite': {
      const { sequence, messageId } = action.invite
      return writeLine(log, 'TenantAdmin', 'InviteSent', { ...about('invite'), sequence, messageId })
    }
    case 'SendWarning':
      return writeLine(log, 'TenantAdmin', 'WarningSent', { ...about('warn'), messageId: action.warning.messageId })
    case 'AdoptAcceptance':
      return writeLine(log, 'TenantAdmin', 'AcceptanceAdopted', about('adopt'))
    case 'DeleteRecord':
      return action.isAcceptance ? writeLine(log, 'TenantAdmin', 'AcceptanceDeleted', about('delete')) : undefined
    default:
  }
}

/** What the status says now and did not say before. */
export function logChange(log: LineWriter, snapshot: Snapshot, after: TenantAdminStatus): void {
  const [old, next] = [snapshot.admin.status?.invite, after.invite]
  const sequence = next?.sequence
  if (next?.acceptedAt !== undefined && old?.acceptedAt === undefined)
    writeLine(log, 'TenantAdmin', 'AcceptanceCarried', { ...subject(snapshot, 'invite'), sequence })
  logMailRefusal(log, snapshot, 'invite', old, next)
  logMailRefusal(log, snapshot, 'warn', snapshot.admin.status?.expiryWarning, after.expiryWarning)
  if (isKeyLost(snapshot, after))
    writeLine(log, 'TenantAdmin', 'InviteKeyLost', { ...subject(snapshot, 'repair'), sequence })
}

type Mail = Sending & { readonly messageId?: string | undefined }

/** Once for each answer to a mail, however often it comes. Without the relay's words: they name addresses. */
function logMailRefusal(
  log: LineWriter,
  snapshot: Snapshot,
  why: Why,
  old: Mail | undefined,
  next: Mail | undefined,
): void {
  const error = next?.lastError
  if (error === undefined || (old?.messageId === next?.messageId && isSameFailure(old?.lastError, error))) return
  const { class: errorClass, code } = error
  const fields = { messageId: next?.messageId, class: errorClass, code }
  writeLine(log, 'TenantAdmin', 'MailRefused', { ...subject(snapshot, why), ...fields })
}

/** Whether the new invite replaces one whose signing key is gone. */
export function isKeyLost(
  { admin, keys }: Pick<Snapshot, 'admin' | 'keys'>,
  { invite: next }: TenantAdminStatus,
): boolean {
  const old = admin.status?.invite
  const isOut = old?.keyId !== undefined && old.acceptedAt === undefined
  return isOut && !keys.invite && next?.sequence !== old.sequence && next?.keyId !== old.keyId
}

function subject({ admin, home }: Snapshot, why: Why) {
  const tenant = home.kind === 'Found' ? keyOf(home.tenant) : admin.status?.tenant?.name
  return { admin: keyOf(admin), uid: admin.metadata.uid, tenant, why }
}
