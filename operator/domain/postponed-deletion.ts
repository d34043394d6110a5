/** The condition of a Tenant whose deletion waits for the end of its grace period. Pure. */
import { findCondition } from '../api/conditions.ts'
import type { Condition } from '../api/conditions.ts'
import type { TenantStatus } from '../api/tenant.ts'

export function toldPostponed(status: Pick<TenantStatus, 'conditions'> | undefined): Condition | undefined {
  const told = findCondition(status?.conditions, 'Reconciling')
  return told?.reason === 'DeletionPostponed' ? told : undefined
}
