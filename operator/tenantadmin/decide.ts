/** Decides about a TenantAdmin, in the order of an invite's life. */
import { annotations, finalizer } from '../api/names.ts'
import { hasFinalizer } from '../runtime/objects/finalizer.ts'
import { keyOf } from '../runtime/objects/object.ts'
import type { Acceptance } from '../domain/acceptance.ts'
import { adminProblemOf } from './admin-problems.ts'
import { inviteWaits } from '../domain/invite-waits.ts'
import { isWarningDue, warningMail } from './expiry-warning.ts'
import { accepted, isSendDue, issue } from './invite/invite.ts'
import type { Invite } from './invite/invite.ts'
import type { Action, Decision, Situation } from './decision.ts'
import { countOf, countedAdmin, replacedUid } from './replaced.ts'
import type { Gathered, Snapshot } from './snapshot.ts'
import { calledFor, putOffOf } from './invite/resend.ts'
import { attempted } from './invite/sending.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import { nextLook, statusOf } from './status.ts'
import { countAt, nextDay } from '../domain/invites-per-day.ts'

export function decide(snapshot: Snapshot, now: number, settings: TenantAdminSettings): Decision {
  if (snapshot.admin.metadata.deletionTimestamp !== undefined) return dismantle(snapshot, now)
  const situation = situate(snapshot, now, settings)
  const invite = renewed(snapshot, situation, now, settings)
  const free = [situation.problem, situation.notDue, snapshot.relay, snapshot.wait].every((each) => each === undefined)
  const send = free && snapshot.keys.current !== undefined && invite !== undefined && isSendDue(invite, now)
  const recorded = send ? attempted(invite, now, { ...settings, jitter: snapshot.jitter }) : invite
  const actions: Action[] = []
  if (recorded !== undefined && !hasFinalizer(snapshot.admin, finalizer)) actions.push({ kind: 'AddFinalizer' })
  const adopted = snapshot.inherited.find(({ name }) => name === situation.acceptance?.name)
  if (adopted !== undefined) actions.push({ kind: 'AdoptAcceptance', name: adopted.name })
  actions.push(...firstPasswordActions(snapshot, recorded !== undefined))
  if (send && recorded !== undefined) actions.push({ kind: 'SendInvite', invite: recorded })
  const warning = warned(snapshot, situation, now, settings, actions)
  const issued = invite !== situation.invite
  const putOff = putOffOf(snapshot.admin, { ...situation, invite: recorded }, now, settings)
  const heldUntil = issued ? undefined : situation.heldUntil
  const after = { ...situation, invite: recorded, putOff, heldUntil, warning }
  return { actions, status: statusOf(snapshot, after, now, settings), dueAt: nextLook(snapshot, after, now) }
}

/**
 * Before the mail goes: the page that its link leads to needs the hash. Without an invite there is no finalizer yet, and the
 * hash would outlive the TenantAdmin.
 */
function firstPasswordActions({ firstPassword: { source, kept } }: Snapshot, hasInvite: boolean): readonly Action[] {
  if (hasInvite && source !== undefined) return source === kept?.source ? [] : [{ kind: 'KeepFirstPassword' }]
  return kept === undefined ? [] : [{ kind: 'DropFirstPassword', name: kept.name, uid: kept.secretUid }]
}

/** The record of the warning, with the action that sends it where it is due. */
function warned(
  snapshot: Snapshot,
  situation: Situation,
  now: number,
  settings: TenantAdminSettings,
  actions: Action[],
): Situation['warning'] {
  const { warning } = situation
  const held = snapshot.relay !== undefined || snapshot.wait !== undefined
  if (warning === undefined || held || !isWarningDue(snapshot, warning, situation, now)) return warning
  const recorded = attempted(warning, now, { ...settings, jitter: snapshot.jitter })
  actions.push({ kind: 'SendWarning', warning: recorded })
  return recorded
}

/**
 * A deleted admin leaves nothing behind. But a deletion that follows from that of the CRD or the namespace was not
 * meant for what the person accepted: the records stay, to be found when the same tenant is declared again. The hash of a
 * first password goes in any case: it is of this TenantAdmin alone.
 */
function dismantle({ admin, live, invites, firstPassword: { kept: hash } }: Snapshot, now: number): Decision {
  if (!hasFinalizer(admin, finalizer)) return { actions: [], status: undefined, dueAt: undefined }
  const count = countAt(admin.status?.invite?.issued, now)
  const sender = invites?.sender.metadata.deletionTimestamp === undefined ? invites?.sender : undefined
  const kept: readonly Action[] =
    count === 0 || sender === undefined ? [] : [{ kind: 'KeepCount', tenant: keyOf(sender), count }]
  const records = live === undefined || live.deletionCause !== undefined ? [] : live.records
  const drops: readonly Action[] =
    hash === undefined || records.some(({ name }) => name === hash.name)
      ? []
      : [{ kind: 'DropFirstPassword', name: hash.name, uid: hash.secretUid }]
  const deletions = records.map((record): Action => ({ kind: 'DeleteRecord', ...record }))
  return {
    actions: [...kept, ...drops, ...deletions, { kind: 'RemoveFinalizer' }],
    status: undefined,
    dueAt: undefined,
  }
}

export function situate(snapshot: Snapshot, now: number, settings: TenantAdminSettings): Situation {
  const { admin, home } = snapshot
  const found = inviteOf(snapshot, now, settings)
  const { invite, replaced } = found
  const called = calledFor(snapshot, found, now)
  const due = called || (invite !== undefined && isSendDue(invite, now))
  return {
    ...found,
    count: countOf(snapshot),
    problem: adminProblemOf({ ...snapshot, admin: countedAdmin(snapshot) }),
    heldUntil: isOneTooMany(snapshot) && called ? nextDay(now) : undefined,
    paced: due ? snapshot.wait : undefined,
    notDue: inviteWaits(admin, home, invite !== undefined, now),
    warning: replaced === undefined ? warningMail(snapshot, settings) : undefined,
  }
}

/** Whether an invite is due, if the limits allow one. */
export function isCalledFor(snapshot: Gathered, now: number, settings: TenantAdminSettings): boolean {
  return calledFor(snapshot, inviteOf(snapshot, now, settings), now)
}

function inviteOf(
  snapshot: Gathered,
  now: number,
  settings: TenantAdminSettings,
): Pick<Situation, 'invite' | 'replaced' | 'acceptance' | 'putOff'> {
  const recorded = snapshot.admin.status?.invite
  const replaced = replacedUid(snapshot)
  const own = recorded?.sequence === undefined || replaced !== undefined ? undefined : recorded
  const acceptance = acceptanceOf(snapshot, own)
  const invite = acceptance !== undefined && own?.acceptedAt === undefined ? accepted(own ?? {}, acceptance) : own
  return { invite, replaced, acceptance, putOff: putOffOf(snapshot.admin, { invite, replaced }, now, settings) }
}

/**
 * The acceptance that counts: for this tenant, by the address that was invited. Also one of an earlier sequence,
 * accepted at the moment in which the next one was issued; and that of the same person in a tenant that was taken over.
 */
function acceptanceOf(
  { admin, home, acceptances, inherited }: Gathered,
  invite: Invite | undefined,
): Acceptance | undefined {
  if (home.kind === 'Missing') return undefined
  const address = (invite?.address ?? admin.spec.email).toLowerCase()
  const own = acceptances.filter((each) => home.uids.includes(each.tenantUid))
  return [...own, ...inherited.filter(({ username }) => username === undefined || username === admin.spec.username)]
    .filter((each) => each.address.toLowerCase() === address)
    .toSorted((one, other) => other.sequence - one.sequence)[0]
}

/** The invite, or its next sequence where one is due and may be issued. */
function renewed(
  snapshot: Snapshot,
  situation: Situation,
  now: number,
  settings: TenantAdminSettings,
): Invite | undefined {
  const { invite, count, replaced, problem, notDue: waiting } = situation
  const { admin, keys } = snapshot
  if (problem !== undefined || waiting !== undefined || keys.current === undefined) return invite
  if (situation.heldUntil !== undefined || situation.paced !== undefined) return invite
  if (!calledFor(snapshot, situation, now)) return invite
  const issued = {
    uid: admin.metadata.uid ?? '',
    keyId: keys.current,
    address: admin.spec.email,
    resend: admin.metadata.annotations?.[annotations.resendRequestedAt],
    mailDomain: settings.mailDomain,
    lifetime: settings.inviteLifetime,
    replacedTenantUid: replaced ?? invite?.replacedTenantUid,
  }
  return issue(count, issued, now)
}

function isOneTooMany({ invites }: Snapshot): boolean {
  return invites !== undefined && invites.today >= invites.perDay
}
