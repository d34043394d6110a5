/** The report on an invite: the verdict for Ready, Reconciling and Stalled, and whether it was delivered. Pure. */
import { nextConditions } from '../../api/conditions.ts'
import type { Condition, NewCondition, TenantAdminConditionType } from '../../api/conditions.ts'
import { failureVerdict } from '../../api/failures.ts'
import { failuresOfMail, resendHint } from '../../api/failures-mail.ts'
import { annotations } from '../../api/names.ts'
import type { Reason } from '../../api/reasons.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Trouble } from '../../mail/breaker.ts'
import type { Wait } from '../../mail/mail-pace.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import { ready, reconciling, stalled } from '../../domain/invite-waits.ts'
import type { InviteVerdict } from '../../domain/invite-waits.ts'
import { isExpired } from './invite.ts'
import type { Invite } from './invite.ts'

export function acceptedVerdict({ spec }: TenantAdmin, invite: Invite): InviteVerdict {
  const { address = spec.email } = invite
  if (address.toLowerCase() === spec.email.toLowerCase()) return ready('Accepted', 'The admin has accepted the invite.')
  return stalled(
    'AddressChanged',
    `spec.email is not ${address}, which accepted the invite and still counts. Set spec.email back, or delete this TenantAdmin and create a new one to invite the other address.`,
  )
}

/** A new invite is requested, and the last one is too recent. `until`: milliseconds since the epoch. */
export function putOffVerdict(until: number): InviteVerdict {
  return reconciling(
    'ResendPostponed',
    `A new invite was requested too soon after the last one; it goes out at ${timestamp(until)}.`,
  )
}

/** The plan that sets the tenant's limits. */
export function planInWords({ status }: Tenant): string {
  return status?.plan === undefined ? 'its TenantPlan' : `the TenantPlan ${status.plan}`
}

/** The limit of the day is reached. `until`: milliseconds since the epoch. */
export function heldVerdict({ sender, perDay }: Invites, until: number): InviteVerdict {
  return reconciling(
    'InviteLimitReached',
    `No more invites go out today in the name of the Tenant ${sender.metadata.name}: spec.admins.invitesPerDay of ${planInWords(sender)} allows ${perDay}. This one goes out from ${timestamp(until)} on, or as soon as the plan allows more.`,
  )
}

/** The same from pass to pass, whenever its turn comes. */
export function pacedVerdict(wait: Wait): InviteVerdict {
  const whose = wait.for === 'Address' ? 'to this address' : 'in the name of the tenant'
  return reconciling(
    'InvitePostponed',
    `Too many mails went ${whose} lately, so the next one waits. Tenantry sends the invite automatically.`,
  )
}

/**
 * Only an accepted admin can be turned off. A TenantAdmin that was declared off and never invited is no contradiction.
 */
export function stateNotAllowed({ spec }: TenantAdmin, invite: Invite | undefined): InviteVerdict | undefined {
  if (invite === undefined || invite.acceptedAt !== undefined) return undefined
  return stalled(
    'StateNotAllowed',
    `spec.state is ${spec.state}, but the invite was not accepted, so there is no access to revoke; its link does not work meanwhile. Set spec.state to Active to continue with the invite, or delete this TenantAdmin.`,
  )
}

/** The verdict on an invite that is due and not accepted. */
export function pendingVerdict(invite: Invite, relay: Trouble | undefined, now: number): InviteVerdict {
  if (invite.sentAt === undefined) return undeliveredVerdict(invite, relay)
  if (isExpired(invite, now)) return stalled('InviteExpired', `The invite was not accepted in time. ${resendHint}`)
  return ready('AwaitingAnswer', 'The invite is out; the admin has not answered yet.')
}

function undeliveredVerdict(invite: Invite, relay: Trouble | undefined): InviteVerdict {
  const errorClass = invite.lastError?.class
  if (errorClass === 'Permanent') return mailVerdict('MailAddressRefused')
  if (relay !== undefined && relay.class !== 'configuration') return mailVerdict('MailRelayDown')
  if (errorClass === 'Configuration') return mailVerdict('MailSenderRefused', 'status.invite.lastError')
  if (relay !== undefined) return mailVerdict('MailSenderRefused', 'the log of the operator')
  if (errorClass === 'Transient') return mailVerdict('MailPutOff')
  return reconciling('Sending', 'The invite is being sent.')
}

/** `name`: of what tells the cause. */
function mailVerdict(row: keyof typeof failuresOfMail, name = ''): InviteVerdict {
  const { reason, message } = failureVerdict(row, { name })
  return failuresOfMail[row].told === 'Stalled' ? stalled(reason, message) : reconciling(reason, message)
}

interface Delivery {
  readonly status: 'True' | 'False'
  readonly reason: Reason
  readonly message: string
}

export function deliveryOf(admin: TenantAdmin, invite: Invite | undefined, verdict: InviteVerdict): Delivery {
  const asked = admin.metadata.annotations?.[annotations.resendRequestedAt]
  if (invite?.acceptedAt !== undefined && asked !== undefined && asked !== invite.lastHandledResend)
    return {
      status: 'True',
      reason: 'ResendRefused',
      message: `The invite is accepted and cannot be sent again. Remove the annotation ${annotations.resendRequestedAt}.`,
    }
  if (invite?.acceptedAt !== undefined || invite?.sentAt !== undefined)
    return { status: 'True', reason: 'Delivered', message: 'The mail relay has taken the invite.' }
  return { status: 'False', reason: verdict.reason, message: verdict.message }
}

/** The admin's conditions; unchanged ones stay as they were. */
export function conditionsOf(
  admin: TenantAdmin,
  verdict: InviteVerdict,
  delivery: Delivery,
  now: number,
): readonly Condition[] {
  const observedGeneration = admin.metadata.generation ?? 0
  const make = (
    type: TenantAdminConditionType,
    status: 'True' | 'False',
    said: Omit<Delivery, 'status'>,
  ): NewCondition => ({
    type,
    status,
    reason: said.reason,
    message: said.message,
    observedGeneration,
  })
  const next = [
    make('Ready', verdict.kind === 'Ready' ? 'True' : 'False', verdict),
    ...(verdict.kind === 'Ready' ? [] : [make(verdict.kind, 'True', verdict)]),
    make('InviteDelivered', delivery.status, delivery),
  ]
  return nextConditions(admin.status?.conditions, next, now)
}

/** The day's invites of all that go out in the name of one tenant. */
export interface Invites {
  readonly sender: Tenant
  /** How many were issued today. */
  readonly today: number
  readonly perDay: number
}
