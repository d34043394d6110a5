/** The decision about a TenantAdmin. Frozen data: it can be printed, logged and compared. */
import type { TenantAdminStatus } from '../api/tenantadmin.ts'
import type { Wait } from '../mail/mail-pace.ts'
import type { Acceptance } from '../domain/acceptance.ts'
import type { InviteVerdict } from '../domain/invite-waits.ts'
import type { Count, Invite } from './invite/invite.ts'

/** Data only: no key, no token, no password. */
export type Action =
  | { readonly kind: 'AddFinalizer' }
  | { readonly kind: 'RemoveFinalizer' }
  /** From now on this Tenant (`namespace/name`) counts the day's invites of an admin who is deleted. */
  | { readonly kind: 'KeepCount'; readonly tenant: string; readonly count: number }
  /** Deletes a Secret of this person in the namespace of the pages. */
  | { readonly kind: 'DeleteRecord'; readonly name: string; readonly uid: string; readonly isAcceptance: boolean }
  /** Gives the acceptance `name` of a person of an earlier tenant to this TenantAdmin. */
  | { readonly kind: 'AdoptAcceptance'; readonly name: string }
  /** Keeps the hash of the first password for the accept page. */
  | { readonly kind: 'KeepFirstPassword' }
  /** The hash is not needed any more, or its Secret is not usable. */
  | { readonly kind: 'DropFirstPassword'; readonly name: string; readonly uid: string }
  /** Sends the invite that the decision's `status` records; the record is written first. */
  | { readonly kind: 'SendInvite'; readonly invite: Invite }
  /** Sends the warning of the expiry in the same way. */
  | { readonly kind: 'SendWarning'; readonly warning: WarningMail }

export interface Decision {
  readonly actions: readonly Action[]
  /** The status before anything is sent; undefined: it stays as it is. */
  readonly status: TenantAdminStatus | undefined
  /** When the admin is to be looked at again without any event: milliseconds since the epoch. */
  readonly dueAt: number | undefined
}

/** The present invite, and what keeps a new one from being issued. */
export interface Situation {
  /** The invite for the present tenant; undefined: there was none yet. */
  readonly invite: Invite | undefined
  readonly count: Count
  /** The uid of an earlier tenant of the same name that the recorded invite was for. */
  readonly replaced: string | undefined
  /** The acceptance that was found now or earlier. */
  readonly acceptance: Acceptance | undefined
  readonly problem: InviteVerdict | undefined
  /** A requested new invite waits until then: milliseconds since the epoch. */
  readonly putOff: number | undefined
  /** A due invite exceeds today's limit, and waits until then: milliseconds since the epoch. */
  readonly heldUntil: number | undefined
  /** A mail is due and would follow others too soon. */
  readonly paced: Wait | undefined
  readonly notDue: InviteVerdict | undefined
  /** The warning of the expiry, as it is recorded. */
  readonly warning: WarningMail | undefined
}

export type WarningMail = NonNullable<TenantAdminStatus['expiryWarning']>
