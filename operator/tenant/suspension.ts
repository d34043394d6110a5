/** The workloads of a tenant that is off, and of one that comes back. Pure. */
import type { TenantPlan } from '../api/tenantplan.ts'
import { timestamp } from '../runtime/clock.ts'
import type { Action } from './action.ts'
import { childActions } from './namespace.ts'
import { suspensionQuotaName } from './resources.ts'
import { childId } from './seen.ts'
import type { Seen } from './seen.ts'

/** Nothing runs, and nothing can start: no pod was left when what keeps new ones out was already in place. */
export function isStill(seen: Seen, plan: TenantPlan): boolean {
  return seen.stillness === 'Still' && childActions(seen, plan, true).length === 0
}

/** A sentence with the pods that are still there, or nothing. */
export function podsLeft({ stillness }: Seen): string {
  if (typeof stillness === 'string' || stillness.left.length === 0) return ''
  const names = stillness.left.map(({ name }) => name).toSorted()
  const more = names.length > 10 ? ` and ${names.length - 10} more` : ''
  return ` Waits for the pods ${names.slice(0, 10).join(', ')}${more} to be gone.`
}

/** After the quota is in place, or gone. `now`: milliseconds since the epoch. */
export function workloadActions(seen: Seen, plan: TenantPlan, suspended: boolean, now: number): readonly Action[] {
  const { namespace } = seen.names
  const { suspendedAt } = seen.tenant.status ?? {}
  if (suspended) {
    return isStill(seen, plan) ? [] : [{ kind: 'StopWorkloads', namespace, since: suspendedAt ?? timestamp(now) }]
  }
  const quota = seen.children[childId('ResourceQuota', suspensionQuotaName)]
  const stamp = suspendedAt ?? quota?.uid
  return stamp === undefined ? [] : [{ kind: 'WakeWorkloads', namespace, stamp }]
}
