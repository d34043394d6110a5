/** The workloads of a tenant that is off, and of one that comes back. Pure. */
import { suspensionQuotaName } from '../../api/names.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Action } from '../model/action.ts'
import type { Fingerprint } from '../../domain/fingerprint.ts'
import { childWork } from './namespace-actions.ts'
import { isOwnChild } from '../../domain/marks.ts'
import { childId } from '../model/snapshot.ts'
import type { Seen } from '../model/snapshot.ts'
import { endingPods, hangingMessage, hangingPods, podStops } from '../model/workloads.ts'
import type { Verdict } from '../../api/verdict.ts'

/** Nothing runs, and nothing can start: no pod was left when what keeps new ones out was already in place. */
export function isStill(seen: Seen, plan: TenantPlan | undefined): boolean {
  return seen.stillness === 'Still' && childWork(seen, plan, true).actions.length === 0
}

/** Why the workloads are not yet as they are to be; undefined when they are. */
export function changing(
  seen: Seen,
  plan: TenantPlan | undefined,
  suspended: boolean,
  now: number,
): Verdict | undefined {
  if (suspended && !isStill(seen, plan)) {
    return { reason: 'Suspending', message: `The workloads are being stopped.${podsLeft(seen, now)}` }
  }
  if (suspended || quotaOf(seen) === undefined) return undefined
  return { reason: 'Reviving', message: 'The workloads are being let in and woken.' }
}

/** A sentence on the pods that are still there, or nothing. */
function podsLeft(seen: Seen, now: number): string {
  const { stillness } = seen
  if (typeof stillness === 'string' || stillness.left.length === 0) return ''
  const hanging = hangingPods(stillness.left, now)
  const deadline = timestamp(deadlineOf(seen, now))
  return ` ${hanging.length > 0 ? hangingMessage(hanging) : endingPods(stillness.left, deadline)}`
}

/** Until when a PodDisruptionBudget is respected. */
function deadlineOf({ tenant, settings }: Seen, now: number): number {
  const { suspendedAt } = tenant.status ?? {}
  return (suspendedAt === undefined ? now : Date.parse(suspendedAt)) + settings.evictionTimeout
}

/** Our quota that lets no pod in, whatever became of it. */
export function quotaOf({ children, identity }: Pick<Seen, 'children' | 'identity'>): Fingerprint | undefined {
  const quota = children[childId('ResourceQuota', suspensionQuotaName)]
  return quota !== undefined && isOwnChild(quota, identity) ? quota : undefined
}

/** After the quota is in place, or once it is gone. `now`: milliseconds since the epoch. */
export function workloadActions(seen: Seen, suspended: boolean, now: number): readonly Action[] {
  const { namespace } = seen.names
  if (!suspended) {
    const { sleepers } = seen
    return sleepers.length === 0 ? [] : [{ kind: 'WakeWorkloads', namespace, sleepers, stamp: timestamp(now) }]
  }
  if (typeof seen.stillness === 'string') return []
  const stops = podStops(seen.stillness.left, deadlineOf(seen, now), now)
  return stops.length === 0 ? [] : [{ kind: 'StopWorkloads', namespace, stops }]
}
