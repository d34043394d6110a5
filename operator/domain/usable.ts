/** Whether a tenant can be used, as its status says. Pure. */
import { findCondition, isTrue } from '../api/conditions.ts'
import type { Condition } from '../api/conditions.ts'
import type { Tenant } from '../api/tenant.ts'

type Recorded = Pick<Tenant, 'status'>

/** Why its logins are off because of the size of its data; undefined where they are not. */
export function closedForSize({ status }: Recorded): Condition | undefined {
  const available = findCondition(status?.conditions, 'Available')
  return available?.reason === 'DatabaseOverSize' ? available : undefined
}

/** Whether everything exists and works; closed logins because of the size are a limit that was met, not a failure. */
export function isWhole(tenant: Recorded): boolean {
  return isTrue(tenant.status?.conditions, 'Available') || closedForSize(tenant) !== undefined
}
