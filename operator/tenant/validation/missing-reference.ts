/**
 * Verdicts on a tenant whose TenantPlan or DatabaseServer object is gone. The tenant keeps all that was made, and its
 * users go on using it. Pure.
 */
import { findCondition } from '../../api/conditions.ts'
import type { TenantConditionType } from '../../api/conditions.ts'
import type { Reason } from '../../api/reasons.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Tenant } from '../../api/tenant.ts'
import { isWhole } from '../../domain/usable.ts'

/** The part of a tenant that carries its status. */
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

/** Whether the verdict is about a missing object, which says nothing about the tenant itself. */
export function isMissingReference({ reason }: Pick<Verdict, 'reason'>): boolean {
  return missing.has(reason)
}

/**
 * Whether a tenant that was usable still is, although this verdict blocks work on it. A server that refuses the
 * operator's queries answers, and the tenant's logins work.
 */
export function isUsableWithout({ tenant }: Recorded, blocker: Verdict | undefined): boolean {
  const keeps = blocker !== undefined && (isMissingReference(blocker) || blocker.reason === 'DatabaseRefused')
  return keeps && isWhole(tenant)
}

/** Whether a part of the tenant was complete after the last work on it. */
export function wasComplete({ tenant }: Recorded, type: TenantConditionType): boolean {
  const condition = findCondition(tenant.status?.conditions, type)
  if (condition?.status === 'True' || condition?.reason === 'Contested') return true
  return condition !== undefined && isUsableWithout({ tenant }, condition)
}

export function serverGone(server: string): Verdict {
  return {
    reason: 'DatabaseServerNotFound',
    message: `The tenant is placed on the DatabaseServer ${server}, which does not exist. Create it again under this name. Until then Tenantry leaves the tenant's database as it is: it repairs nothing there, changes no password, and turns no login on or off.`,
  }
}

/** The consequence of a missing plan for an existing tenant. */
export function withoutPlan({ reason, message }: Verdict): Verdict {
  return {
    reason,
    message: `${message} Until then Tenantry leaves the tenant as it is: it neither repairs nor changes the namespace, quota, limits and network policy, the roles of sub-admins, the database and its password, and does not turn a suspended tenant on again.`,
  }
}
