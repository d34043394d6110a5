/** The Events when an AccessGrant begins, pauses, ends or is refused: on it, and on its Tenant. Pure. */
import type { AccessGrant, AccessGrantStatus } from '../api/accessgrant.ts'
import { findCondition } from '../api/conditions.ts'
import type { Tenant } from '../api/tenant.ts'
import type { EventReason, OperatorEvent } from '../api/events.ts'

/** Once per change: what the status said before is not repeated. */
export function eventsOf(
  grant: AccessGrant,
  tenant: Tenant | undefined,
  after: AccessGrantStatus,
): readonly OperatorEvent[] {
  const told = stageOf(grant.status) === stageOf(after) ? undefined : ofStage(grant, tenant, after)
  if (told === undefined) return []
  const onGrant: OperatorEvent = { regarding: grant, ...told, ...(tenant === undefined ? {} : { related: tenant }) }
  // A refused access is no news for the tenant.
  if (tenant === undefined || after.phase === 'Refused') return [onGrant]
  return [onGrant, { regarding: tenant, ...told, related: grant }]
}

type EventText = Pick<OperatorEvent, 'type' | 'reason' | 'action' | 'note'>

const normal = (reason: EventReason, action: string, note: string): EventText => ({
  type: 'Normal',
  reason,
  action,
  note,
})

/** The phase; a purge is final, though the phase has no word for it. Undefined: not in force, which may change. */
function stageOf(status: AccessGrantStatus | undefined): AccessGrantStatus['phase'] {
  return status?.phase ?? (isPurged(status) ? 'Ended' : undefined)
}

function isPurged(status: AccessGrantStatus | undefined): boolean {
  return findCondition(status?.conditions, 'Ready')?.reason === 'Purged'
}

function ofStage(
  { spec, status }: AccessGrant,
  tenant: Tenant | undefined,
  after: AccessGrantStatus,
): EventText | undefined {
  const [begun, paused, ended] =
    spec.type === 'Masquerade'
      ? (['MasqueradeBegan', 'MasqueradePaused', 'MasqueradeEnded'] as const)
      : (['AccessGranted', 'AccessPaused', 'AccessEnded'] as const)
  const words = accessWords({ spec, status: after }, tenant)
  switch (stageOf(after)) {
    case 'Active':
      return normal(begun, 'GiveAccess', `${words.given} ${untilOf(after)}.${because(spec.reason)}`)
    case 'Ended': {
      if (!isPurged(after)) return normal(ended, 'EndAccess', `${words.ended}: the time is over.`)
      // What never began has no end.
      return after.startedAt === undefined
        ? undefined
        : normal(ended, 'EndAccess', `${words.ended}. ${messageOf(after)}`)
    }
    case 'Refused':
      return { type: 'Warning', reason: 'GrantRefused', action: 'Refuse', note: messageOf(after) }
    default:
      return status?.phase === 'Active'
        ? normal(paused, 'PauseAccess', `${words.paused}. ${messageOf(after)}`)
        : undefined
  }
}

interface AccessWords {
  readonly given: string
  readonly paused: string
  readonly ended: string
}

/** With the user who acts, and the admin or Tenant that the access is for. */
function accessWords({ spec, status }: Pick<AccessGrant, 'spec' | 'status'>, tenant: Tenant | undefined): AccessWords {
  const user = status?.user ?? spec.username
  const admin = tenant?.status?.admin?.username
  if (spec.type === 'Masquerade') {
    const as = `as ${admin === undefined ? 'an admin' : `the admin ${admin}`} of the Tenant ${spec.tenantRef.name}`
    return {
      given: `${user} acts ${as}`,
      paused: `${user} cannot act ${as} now`,
      ended: `${user} no longer acts ${as}`,
    }
  }
  const technician = `technician ${spec.username} (${user})`
  const to = `to the Tenant ${spec.tenantRef.name}`
  return {
    given: `The ${technician} has access ${to}`,
    // The technician may still read.
    paused: `The access of the ${technician} ${to} is paused`,
    ended: `The ${technician} no longer has access ${to}`,
  }
}

function untilOf({ endsAt }: AccessGrantStatus): string {
  return endsAt === undefined ? 'without an end' : `until ${endsAt}`
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` Reason: ${reason}`
}

function messageOf({ conditions }: AccessGrantStatus): string {
  return findCondition(conditions, 'Ready')?.message ?? ''
}
