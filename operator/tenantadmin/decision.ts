/** What is decided about a TenantAdmin. Frozen data: it can be printed, logged and compared. */
import type { TenantAdminStatus } from '../api/tenantadmin.ts'
import type { Wait } from '../mail/mail-pace.ts'
import type { Acceptance } from '../domain/acceptance.ts'
import type { InviteVerdict } from '../domain/invite-due.ts'
import type { Count, Invite } from './invite/invite.ts'

/** Data only: no key, no token, no password. */
export type Action =
  | { readonly kind: 'AddFinalizer' }
  | { readonly kind: 'RemoveFinalizer' }
  /** The invites of the day of an admin who goes are counted at this Tenant (`namespace/name`) from now on. */
  | { readonly kind: 'KeepCount'; readonly tenant: string; readonly count: number }
  | { readonly kind: 'DeleteAcceptance'; readonly name: string; readonly uid: string }
  /** Makes the acceptance `name` of a person of an earlier tenant that of this TenantAdmin. */
  | { readonly kind: 'AdoptAcceptance'; readonly name: string }
  /** Sends the invite that `status` of the plan records; the record is written first. */
  | { readonly kind: 'SendInvite'; readonly invite: Invite }
  /** Sends the warning of the tenant's end in the same way. */
  | { readonly kind: 'SendWarning'; readonly warning: WarningMail }

export interface Decision {
  readonly actions: readonly Action[]
  /** The status before anything is sent; undefined: it is left alone. */
  readonly status: TenantAdminStatus | undefined
  /** Milliseconds since the epoch at which the admin is to be looked at again without any event. */
  readonly dueAt: number | undefined
}

/** The invite at the moment, and whatever keeps a new one from being issued. */
export interface Situation {
  /** Of the present tenant; undefined: there was none yet. */
  readonly invite: Invite | undefined
  readonly count: Count
  /** The uid of an earlier tenant of the same name that the recorded invite was for. */
  readonly replaced: string | undefined
  /** The acceptance that was found now or earlier. */
  readonly acceptance: Acceptance | undefined
  readonly problem: InviteVerdict | undefined
  /** A new invite is asked for and waits until then: milliseconds since the epoch. */
  readonly putOff: number | undefined
  /** An invite is called for and would be one too many today; it waits until then: milliseconds since the epoch. */
  readonly heldUntil: number | undefined
  /** A mail is due and would come too soon after others. */
  readonly paced: Wait | undefined
  readonly notDue: InviteVerdict | undefined
  /** The mail that warns of the tenant's end, as it is recorded. */
  readonly warning: WarningMail | undefined
}

export type WarningMail = NonNullable<TenantAdminStatus['expiryWarning']>
