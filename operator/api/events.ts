/** The reasons of the Events that the operator records; those of conditions are in reasons.ts. Source of docs/reference/status.md. */
import type { NewEvent } from '../runtime/events/events.ts'
import type { Reason } from './reasons.ts'
import type { EventOfLoss } from './whys.ts'

/** The reasons that only Events have. An Event about a condition or a phase has the reason of the condition. */
export const eventReasons = {
  Activated: 'A tenant, or the access of an admin, was activated again.',
  Revived: 'An archived tenant was revived.',
  Available: 'A tenant can be used again after a failure.',
  Renamed: 'The Cloud ID of a tenant has changed.',
  ExpiresSoon: 'The tenant expires soon.',
  DumpKept: 'The last dump is stored, and the removal of the data begins.',
  DatabaseRestored: 'A database that was missing exists again.',
  DatabaseBegunEmpty: 'The tenant starts with an empty database in place of a lost one, as an annotation requested.',
  DatabaseWithinSize: "The size of a tenant's data is below its limit again.",
  DeletionPreviewed: 'The preview of a deletion is ready; the note summarizes it.',
  ServerAccepted: 'An administrator accepted the different PostgreSQL server.',
  ServerSetBack: 'The database server was set back to an earlier time, for example by a restore.',
  InviteSent: 'The mail relay accepted the invite.',
  InviteAccepted: 'The invite was accepted.',
  ExpiryWarningSent: 'The mail relay accepted the expiry warning.',
  AccessGranted: 'The access of an AccessGrant took effect.',
  AccessPaused: 'The access of an AccessGrant is paused, for example while the tenant is deactivated.',
  AccessEnded: 'The access of an AccessGrant ended.',
  MasqueradeBegan: 'A masquerade began: its user can act as an admin of the tenant.',
  MasqueradePaused: 'A masquerade is paused, for example while the tenant is deactivated.',
  MasqueradeEnded: 'A masquerade ended.',
  GrantRefused: 'An AccessGrant is refused; the note says why.',
} as const

export type EventReason = keyof typeof eventReasons | EventOfLoss | Reason

/** An Event whose reason has a row: here, in reasons.ts or in whys.ts. */
export type OperatorEvent = Omit<NewEvent, 'reason'> & { readonly reason: EventReason }

export interface RecordsEvents {
  record(event: OperatorEvent): void
}
