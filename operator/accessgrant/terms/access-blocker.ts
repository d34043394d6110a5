/** What blocks the access of an entitled user: the tenant is off, archived or purged, or does not exist yet. Pure. */
import { findCondition, isTrue } from '../../api/conditions.ts'
import type { Tenant } from '../../api/tenant.ts'
import { suspendingAncestor } from '../../domain/expiry.ts'
import { resting, underWay } from './verdicts.ts'
import type { GrantVerdict } from './verdicts.ts'
import type { Home } from '../../domain/hierarchy.ts'
import { toldPostponed } from '../../domain/postponed-deletion.ts'

interface StateFacts {
  readonly tenant: Tenant
  readonly home: Home
  /** Whether the tenant's RoleBinding names this AccessGrant, and allows more than reading. */
  readonly bound: boolean
}

/** `now`: milliseconds since the epoch. Undefined where the access is in force. */
export function accessBlocker({ tenant, home, bound }: StateFacts, now: number): GrantVerdict | undefined {
  return off(tenant, home, now) ?? missing(tenant) ?? (bound ? undefined : beingBound(tenant))
}

/**
 * Whether the tenant is being deleted. A tenant whose deletion is refused, or waits for the end of a grace period,
 * lives on.
 */
export function isBeingDeleted({ metadata, status }: Tenant): boolean {
  const livesOn = isTrue(status?.conditions, 'Stalled') || toldPostponed(status) !== undefined
  return metadata.deletionTimestamp !== undefined && !livesOn
}

function off(tenant: Tenant, home: Home, now: number): GrantVerdict | undefined {
  const { metadata, spec, status } = tenant
  const { name } = metadata
  if (isBeingDeleted(tenant))
    return underWay('TenantDeleting', `The Tenant ${name} is being deleted, and the access with it.`)
  if (status?.purge?.startedAt !== undefined)
    return resting('Purged', `The data of the Tenant ${name} is gone; nothing is left to access.`)
  if (spec.state !== 'Active')
    return resting(spec.state, `The Tenant ${name} is ${spec.state}: users can only read until it is Active.`)
  const ancestor = suspendingAncestor({ home }, now)
  if (ancestor !== undefined || (status?.state !== undefined && status.state !== 'Active'))
    return resting(
      'ParentSuspended',
      `The parent MSP of the Tenant ${name} is not active: users can only read until it is.`,
    )
  const { expiresAt, phase } = status ?? {}
  const over = phase === 'Expired' || (expiresAt !== undefined && Date.parse(expiresAt) <= now)
  if (!over) return undefined
  return resting('Expired', `The Tenant ${name} has expired: users can only read until its expiry is moved.`)
}

function missing({ metadata, status }: Tenant): GrantVerdict | undefined {
  const { name } = metadata
  if (findCondition(status?.conditions, 'Ready')?.reason === 'AwaitingAcceptance')
    return resting('AwaitingAcceptance', `The Tenant ${name} is made when its first admin accepts the invite.`)
  return status?.namespace === undefined ? beingBound({ metadata }) : undefined
}

function beingBound({ metadata }: Pick<Tenant, 'metadata'>): GrantVerdict {
  return underWay(
    'Provisioning',
    `The access begins as soon as the Tenant ${metadata.name} has its namespace and RoleBindings; its own conditions name the cause.`,
  )
}
