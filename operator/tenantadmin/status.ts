/** Builds the status of a TenantAdmin, and says when to look again. Pure. */
import { signingKeysName } from '../api/names.ts'
import type { TenantAdmin, TenantAdminStatus } from '../api/tenantadmin.ts'
import type { Pause } from '../mail/breaker.ts'
import type { MailError } from '../mail/port.ts'
import { reconciling } from '../domain/invite-waits.ts'
import type { InviteVerdict } from '../domain/invite-waits.ts'
import { inviteStatusOf } from './invite/invite.ts'
import type { Invite } from './invite/invite.ts'
import type { Decision, Situation } from './decision.ts'
import {
  acceptedVerdict,
  conditionsOf,
  deliveryOf,
  heldVerdict,
  pacedVerdict,
  pendingVerdict,
  putOffVerdict,
  stateNotAllowed,
} from './invite/invite-outlook.ts'
import { userOf } from '../domain/person.ts'
import { askedAnew, earlierUid } from './replaced.ts'
import type { Snapshot } from './snapshot.ts'
import { delivered, failed, isAttemptDue, postponed } from './invite/sending.ts'
import type { Pauses, Sending } from './invite/sending.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import { settledTally } from '../domain/invites-per-day.ts'
import type { AdminTenant } from '../domain/admin-tenant.ts'

/** The outcome of a send. */
export type Outcome =
  | { readonly kind: 'Sent' }
  | { readonly kind: 'Failed'; readonly error: MailError }
  | { readonly kind: 'Paused'; readonly pause: Pause }

export function statusOf(
  snapshot: Snapshot,
  situation: Situation,
  now: number,
  settings: TenantAdminSettings,
): TenantAdminStatus {
  const { admin, home } = snapshot
  const verdict = verdictOf(snapshot, situation, now)
  const waits = situation.notDue !== undefined
  const status = inviteStatusOf(situation.invite, waits, now)
  // An invite for another tenant stays recorded until the next sequence: this tenant may still take that one over.
  const last: Invite = situation.invite ?? admin.status?.invite ?? {}
  const issued = settledTally(last.issued, now)
  const invite: Invite = { ...last, status, ...(issued === undefined ? {} : { issued }) }
  const tenant = tenantOf(home, keptFor(situation)) ?? admin.status?.tenant
  const user = userOf(admin, situation.invite, settings.userPrefix)
  const consent = consentOf(admin, situation)
  return {
    observedGeneration: admin.metadata.generation ?? 0,
    phase: admin.spec.state === 'Active' ? status : admin.spec.state,
    ...(tenant === undefined ? {} : { tenant }),
    ...(user === undefined ? {} : { user }),
    invite,
    ...(consent === undefined ? {} : { consent }),
    ...(situation.warning === undefined ? {} : { expiryWarning: situation.warning }),
    conditions: conditionsOf(admin, verdict, deliveryOf(admin, situation.invite, verdict), now),
  }
}

/** The decision's status and next look once its mail has an outcome. */
export function settled(
  snapshot: Snapshot,
  situation: Situation,
  outcome: Outcome,
  now: number,
  settings: TenantAdminSettings,
): Pick<Decision, 'status' | 'dueAt'> {
  const { admin } = snapshot
  const { invite, warning } = situation
  const pauses = { ...settings, jitter: snapshot.jitter }
  // Only admins who have accepted are warned, and only others are invited.
  const after: Situation =
    invite?.acceptedAt === undefined
      ? { ...situation, invite: mailAfter(invite, admin.status?.invite, outcome, now, pauses) }
      : { ...situation, warning: mailAfter(warning, admin.status?.expiryWarning, outcome, now, pauses) }
  const relay = outcome.kind === 'Paused' ? outcome.pause : undefined
  const told = { ...snapshot, relay }
  return { status: statusOf(told, after, now, settings), dueAt: nextLook(told, after, now) }
}

type Mail = Sending & { readonly messageId?: string | undefined }

/** `before`: the record at the beginning; an attempt that was not let through leaves none. */
function mailAfter<T extends Mail>(
  mail: T | undefined,
  before: T | undefined,
  outcome: Outcome,
  now: number,
  pauses: Pauses,
) {
  if (mail === undefined) return undefined
  if (outcome.kind === 'Sent') return delivered(mail, now)
  if (outcome.kind === 'Failed') return failed(mail, outcome.error, now, pauses)
  return before?.messageId === mail.messageId ? before : postponed(mail)
}

function verdictOf(snapshot: Snapshot, situation: Situation, now: number): InviteVerdict {
  const { admin, home } = snapshot
  const { invite, problem, notDue } = situation
  if (notDue !== undefined && admin.spec.state !== 'Active') return stateNotAllowed(admin, invite) ?? notDue
  if (problem !== undefined) return problem
  if (invite?.acceptedAt !== undefined && home.kind === 'Found') return acceptedVerdict(admin, invite)
  const verdict = openVerdict(snapshot, situation, now)
  const earlier = earlierUid(snapshot, invite)
  return earlier === undefined || home.kind === 'Missing' ? verdict : askedAnew(verdict, home.tenant, earlier)
}

/** The verdict on an invite that is not accepted, or is yet to be issued. */
function openVerdict(
  snapshot: Snapshot,
  { invite, notDue, putOff, heldUntil, paced }: Situation,
  now: number,
): InviteVerdict {
  if (notDue !== undefined) return notDue
  if (heldUntil !== undefined && snapshot.invites !== undefined) return heldVerdict(snapshot.invites, heldUntil)
  if (paced !== undefined) return pacedVerdict(paced)
  if (snapshot.keys.current === undefined || (invite === undefined && putOff === undefined))
    return reconciling('SecretNotFound', `The Secret ${signingKeysName} with the keys that sign invites is being made.`)
  if (putOff !== undefined) return putOffVerdict(putOff)
  return pendingVerdict(invite ?? {}, snapshot.trouble, now)
}

/** The earliest moment, after now, at which something changes without an event. */
export function nextLook(snapshot: Snapshot, situation: Situation, now: number): number | undefined {
  const { invite, notDue, problem, putOff, heldUntil, paced } = situation
  const { notBefore } = snapshot.admin.spec
  const times: number[] = notBefore === undefined ? [] : [Date.parse(notBefore)]
  if (putOff !== undefined) times.push(putOff)
  if (heldUntil !== undefined) times.push(heldUntil)
  if (paced !== undefined) times.push(now + paced.dueIn)
  times.push(...warningLooks(snapshot, situation, now))
  const open = invite !== undefined && invite.acceptedAt === undefined
  if (open && invite.expiresAt !== undefined) times.push(Date.parse(invite.expiresAt))
  if (open && invite.sentAt === undefined && notDue === undefined && problem === undefined) {
    if (invite.nextAttemptAt !== undefined) times.push(Date.parse(invite.nextAttemptAt))
    if (snapshot.relay !== undefined) times.push(now + snapshot.relay.retryAfter)
  }
  if (snapshot.keys.current === undefined && invite?.acceptedAt === undefined) times.push(now + 2000)
  // Only Secrets of Tenantry's own type are watched, and these may be of another one.
  if (problem?.reason === 'SecretNotFound' || problem?.reason === 'PasswordSecretInvalid') times.push(now + 15_000)
  const ahead = times.filter((time) => time > now)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}

/** When an unsent warning is tried again. */
function warningLooks(snapshot: Snapshot, { warning, notDue }: Situation, now: number): readonly number[] {
  if (warning === undefined || notDue !== undefined || now >= Date.parse(warning.expiresAt)) return []
  if (warning.sentAt !== undefined) return []
  if (!isAttemptDue(warning, now)) return [Date.parse(warning.nextAttemptAt ?? '')]
  const waits = [snapshot.relay?.retryAfter, snapshot.wait?.dueIn].filter((wait) => wait !== undefined)
  return waits.length === 0 ? [] : [now + Math.max(...waits)]
}

/** The uid of the earlier tenant of this name that the record is for, until an invite is issued for this one. */
function keptFor({ invite, replaced }: Situation): string | undefined {
  return invite === undefined ? replaced : undefined
}

function tenantOf(home: AdminTenant, earlier: string | undefined): TenantAdminStatus['tenant'] {
  if (home.kind === 'Missing') return undefined
  const { namespace = '', name, uid = '' } = home.tenant.metadata
  return { namespace, name, uid: earlier ?? uid }
}

function consentOf({ status }: TenantAdmin, situation: Situation): TenantAdminStatus['consent'] {
  if (keptFor(situation) !== undefined) return status?.consent
  const { invite, acceptance } = situation
  if (invite?.acceptedAt === undefined) return undefined
  if (acceptance === undefined) return status?.consent
  if (acceptance.consent === undefined) return undefined
  const { digest } = acceptance.consent
  return { given: true, at: acceptance.acceptedAt, ...(digest === undefined ? {} : { digest }) }
}
