/**
 * A tenant whose TenantPlan or DatabaseServer object is gone: a record is missing, and nothing of what was made. Its people
 * go on using it. Pure.
 */
import { findCondition } from '../../api/conditions.ts'
import type { TenantConditionType } from '../../api/conditions.ts'
import type { Reason } from '../../api/reasons.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Tenant } from '../../api/tenant.ts'
import { isWhole } from '../../domain/usable.ts'

/** What the status says of a tenant. */
interface Recorded {
  readonly tenant: Pick<Tenant, 'status'>
}

const missing: ReadonlySet<Reason> = new Set<Reason>([
  'PlanNotFound',
  'PlanNotReady',
  'NoDefaultPlan',
  'MultipleDefaultPlans',
  'DatabaseServerNotFound',
])

/** Whether what is in the way is that an object is not there, which says nothing about the tenant. */
export function isMissingReference({ reason }: Pick<Verdict, 'reason'>): boolean {
  return missing.has(reason)
}

/** Whether a tenant that was usable is so still, although this is in the way of work on it. */
export function isUsableWithout({ tenant }: Recorded, problem: Verdict | undefined): boolean {
  return problem !== undefined && isMissingReference(problem) && isWhole(tenant)
}

/** Whether a part of the tenant was complete when it was last worked on. */
export function wasComplete({ tenant }: Recorded, type: TenantConditionType): boolean {
  const condition = findCondition(tenant.status?.conditions, type)
  if (condition?.status === 'True' || condition?.reason === 'Contested') return true
  return condition !== undefined && isUsableWithout({ tenant }, condition)
}

export function serverGone(server: string): Verdict {
  return {
    reason: 'DatabaseServerNotFound',
    message: `The tenant is placed on the DatabaseServer ${server}, which does not exist. Create it again under this name. Until then its database is left as it is: nothing in it is mended, no password is changed, no login is turned on or off.`,
  }
}

/** What the lack of a plan means for a tenant that is there. */
export function withoutPlan({ reason, message }: Verdict): Verdict {
  return {
    reason,
    message: `${message} Until then the tenant is left as it is: its namespace, quota, limits and network policy, the roles of sub-admins, its database and password are neither mended nor changed, and one that was turned off is not turned on again.`,
  }
}
