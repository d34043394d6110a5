/** The Events that the operator records, by their reasons. Conditions have theirs in reasons.ts. Source of docs/reference/status.md. */
import type { NewEvent } from '../runtime/events/events.ts'
import type { Reason } from './reasons.ts'
import type { EventOfLoss } from './whys.ts'

/** What only Events say; an Event that tells of a condition or of a phase has the reason of the condition. */
export const eventReasons = {
  Activated: 'A tenant, or the access of an admin, is on again.',
  Revived: 'An archived tenant is active again.',
  Available: 'A tenant can be used again after trouble.',
  Renamed: 'The Cloud ID of a tenant has changed.',
  ExpiresSoon: 'The account of a tenant ends soon.',
  DumpKept: 'The last dump is in its place; now the data is removed.',
  DatabaseRestored: 'A database that was lost is there again.',
  DatabaseBegunEmpty: 'In place of a database that was lost a person has let the tenant begin empty.',
  DatabaseWithinSize: 'The data of a tenant takes less than the size that it may have again.',
  DeletionPreviewed: 'What a deletion would do was asked for; the note sums it up.',
  ServerAccepted: 'A person has accepted that another PostgreSQL server answers.',
  ServerSetBack: 'The database server was restored from an earlier time.',
  InviteSent: 'The mail relay has taken the invite.',
  InviteAccepted: 'The invite was accepted.',
  ExpiryWarningSent: 'The mail relay has taken the mail that the account of a tenant ends soon.',
  AccessGranted: 'An AccessGrant is in force.',
  AccessPaused: 'An AccessGrant rests.',
  AccessEnded: 'An AccessGrant is over.',
  MasqueradeBegan: 'Somebody may act as the admin of a tenant.',
  MasqueradePaused: 'A masquerade rests.',
  MasqueradeEnded: 'A masquerade is over.',
  GrantRefused: 'An AccessGrant is refused; the note says why.',
} as const

export type EventReason = keyof typeof eventReasons | EventOfLoss | Reason

/** An Event whose reason has a row: here, in reasons.ts or in whys.ts. */
export type OperatorEvent = Omit<NewEvent, 'reason'> & { readonly reason: EventReason }

export interface RecordsEvents {
  record(event: OperatorEvent): void
}
