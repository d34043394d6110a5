/**
 * When a new invite is called for: the first one, a requested one, one for another address, one whose signing key is
 * gone, or one that expired before any relay took it; and how long a request is put off. When an
 * invite expires: invite.ts. Pure.
 */
import { annotations } from '../../api/names.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import { isExpired, putOffUntil } from './invite.ts'
import type { Invite } from './invite.ts'
import { isPermanentFailure } from './sending.ts'
import type { TenantAdminSettings } from './settings.ts'

interface Present {
  /** The invite for the present tenant; undefined: there was none yet. */
  readonly invite: Invite | undefined
  /** Until when a requested new invite waits. */
  readonly putOff: number | undefined
}

/** Whether a new invite is to be issued, if the limits allow one. `keys.invite`: whether the key of the present one still verifies. */
export function calledFor(
  { admin, keys }: { readonly admin: TenantAdmin; readonly keys: { readonly invite: boolean } },
  { invite, putOff }: Present,
  now: number,
): boolean {
  if (invite === undefined) return putOff === undefined
  if (invite.acceptedAt !== undefined) return false
  if (isAskedFor(admin, invite) && putOff === undefined) return true
  if (isPermanentFailure(invite)) return false
  // An invite that expired before any relay took it never reached its recipient.
  if (isExpired(invite, now)) return invite.sentAt === undefined
  return !keys.invite
}

/** Whether the annotation, or another address, asks for a resend. */
function isAskedFor(admin: TenantAdmin, invite: Invite): boolean {
  return isResendRequested(admin, invite) || invite.address?.toLowerCase() !== admin.spec.email.toLowerCase()
}

/** Whether the annotation asks for a resend that was not handled yet. An accepted invite is not sent again. */
export function isResendRequested({ metadata }: TenantAdmin, invite: Partial<Invite>): boolean {
  const asked = metadata.annotations?.[annotations.resendRequestedAt]
  return asked !== undefined && invite.acceptedAt === undefined && asked !== invite.lastHandledResend
}

/**
 * Until when a new invite waits, in milliseconds since the epoch. An admin of an earlier tenant of this name
 * (`replaced`: its uid) has a mail as recent as that.
 */
export function putOffOf(
  admin: TenantAdmin,
  { invite, replaced }: { readonly invite: Invite | undefined; readonly replaced: string | undefined },
  now: number,
  { resendInterval }: Pick<TenantAdminSettings, 'resendInterval'>,
): number | undefined {
  if (invite === undefined)
    return replaced === undefined ? undefined : putOffUntil(admin.status?.invite ?? {}, now, resendInterval)
  if (invite.acceptedAt !== undefined || !isAskedFor(admin, invite)) return undefined
  return putOffUntil(invite, now, resendInterval)
}
