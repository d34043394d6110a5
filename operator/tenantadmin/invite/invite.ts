/** The life of one invite as a series of values: issued, attempted, delivered or failed, accepted. Pure. */
import type { InviteStatus } from '../../api/phases.ts'
import type { TenantAdminStatus } from '../../api/tenantadmin.ts'
import { inviteMessageId } from '../../mail/message.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Acceptance } from '../../domain/acceptance.ts'
import { plus } from '../../domain/invites-per-day.ts'
import { isAttemptDue, isPermanentFailure } from './sending.ts'

export type Invite = NonNullable<TenantAdminStatus['invite']>

export interface Issue {
  readonly uid: string
  readonly keyId: string
  readonly address: string
  /** The value of the resend annotation that this invite answers. */
  readonly resend: string | undefined
  readonly mailDomain: string
  /** Milliseconds. */
  readonly lifetime: number
  /** The uid of the earlier tenant of the same name whose admin this invite replaces. */
  readonly replacedTenantUid: string | undefined
}

/**
 * What outlives a sequence: the counts, so that no Message-ID is used twice and no day exceeds its limit, and the
 * answered annotation.
 */
export type Count = Pick<Invite, 'sequence' | 'lastHandledResend' | 'issued'>

/** A new sequence: a new link, a new time, a new Message-ID. The link of the sequence before is dead from here on. */
export function issue(count: Count, issued: Issue, now: number): Invite {
  const sequence = (count.sequence ?? 0) + 1
  const handled = issued.resend ?? count.lastHandledResend
  // Whole seconds, as a metav1.Time holds them: the link carries the same moment as the status.
  const issuedAt = Math.floor(now / 1000) * 1000
  return {
    status: 'Pending',
    address: issued.address,
    sequence,
    issued: plus(count.issued, 1, now),
    keyId: issued.keyId,
    issuedAt: timestamp(issuedAt),
    expiresAt: timestamp(issuedAt + issued.lifetime),
    attempts: 0,
    messageId: inviteMessageId(issued.uid, sequence, issued.mailDomain),
    ...(issued.replacedTenantUid === undefined ? {} : { replacedTenantUid: issued.replacedTenantUid }),
    ...(handled === undefined ? {} : { lastHandledResend: handled }),
  }
}

export function accepted(
  { lastError: _error, nextAttemptAt: _due, replacedTenantUid: _earlier, ...invite }: Invite,
  { sequence, address, acceptedAt }: Acceptance,
): Invite {
  return { ...invite, sequence, address, acceptedAt }
}

export function isExpired(invite: Invite, now: number): boolean {
  return invite.expiresAt !== undefined && Date.parse(invite.expiresAt) <= now
}

/**
 * Until when a requested new invite waits, as the last one is too recent: no mailbox is to be flooded. An invite that
 * the relay refused for good reached no mailbox. `interval` in milliseconds.
 */
export function putOffUntil(invite: Invite, now: number, interval: number): number | undefined {
  if (invite.issuedAt === undefined || isPermanentFailure(invite)) return undefined
  const issuedAt = Date.parse(invite.issuedAt)
  // A clock that was set back must not delay anything for longer than the interval.
  return issuedAt <= now && now < issuedAt + interval ? issuedAt + interval : undefined
}

/** Whether it is time for an attempt, and not too late for one. */
export function isSendDue(invite: Invite, now: number): boolean {
  return invite.acceptedAt === undefined && isAttemptDue(invite, now) && !isExpired(invite, now)
}

/** The invite status that follows from the facts. `waits`: the invite is not due, or none may be issued. */
export function inviteStatusOf(invite: Invite | undefined, waits: boolean, now: number): InviteStatus {
  if (invite?.acceptedAt !== undefined) return 'Accepted'
  if (waits || invite?.sequence === undefined) return 'NotYetActive'
  if (invite.sentAt === undefined) return invite.lastError === undefined ? 'Pending' : 'EmailSendingFailed'
  return isExpired(invite, now) ? 'Expired' : 'Pending'
}
