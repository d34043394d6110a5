/**
 * The workloads of a suspended tenant: a quota of no pods, then evictions; and of one that is resumed. Whether a tenant is
 * suspended: lifecycle/effective-state-rules.ts. Pure.
 */
import { suspensionQuotaName } from '../../api/names.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Action } from '../model/action.ts'
import type { Fingerprint } from '../../domain/fingerprint.ts'
import { childWork } from './namespace-actions.ts'
import { isOwnChild } from '../../domain/marks.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { endingPods, hangingMessage, hangingPods, podStops } from '../model/workloads.ts'
import type { Verdict } from '../../api/verdict.ts'

/** Nothing runs, and nothing can start: no pod was left when the quota against new ones was already in place. */
export function isDrained(snapshot: Snapshot, plan: TenantPlan | undefined): boolean {
  return snapshot.drain === 'Drained' && childWork(snapshot, plan, true).actions.length === 0
}

/** Why the workloads are not yet as they are to be; undefined when they are. */
export function changing(
  snapshot: Snapshot,
  plan: TenantPlan | undefined,
  suspended: boolean,
  now: number,
): Verdict | undefined {
  if (suspended && !isDrained(snapshot, plan)) {
    return { reason: 'Suspending', message: `The workloads are being stopped.${podsLeft(snapshot, now)}` }
  }
  if (suspended || quotaOf(snapshot) === undefined) return undefined
  return { reason: 'Reviving', message: 'The workloads are being allowed and resumed.' }
}

/** A sentence on the remaining pods, or nothing. */
function podsLeft(snapshot: Snapshot, now: number): string {
  const { drain } = snapshot
  if (typeof drain === 'string' || drain.left.length === 0) return ''
  const hanging = hangingPods(drain.left, now)
  const deadline = timestamp(deadlineOf(snapshot, now))
  return ` ${hanging.length > 0 ? hangingMessage(hanging) : endingPods(drain.left, deadline)}`
}

/** Until when a PodDisruptionBudget is respected. */
function deadlineOf({ tenant, settings }: Snapshot, now: number): number {
  const { suspendedAt } = tenant.status ?? {}
  return (suspendedAt === undefined ? now : Date.parse(suspendedAt)) + settings.evictionTimeout
}

/** Tenantry's quota that admits no pod, whatever its state. */
export function quotaOf({ children, identity }: Pick<Snapshot, 'children' | 'identity'>): Fingerprint | undefined {
  const quota = children[childId('ResourceQuota', suspensionQuotaName)]
  return quota !== undefined && isOwnChild(quota, identity) ? quota : undefined
}

/** The actions after the quota is in place, or once it is gone. `now`: milliseconds since the epoch. */
export function workloadActions(snapshot: Snapshot, suspended: boolean, now: number): readonly Action[] {
  const { namespace } = snapshot.names
  if (!suspended) {
    const { stuckWorkloads } = snapshot
    return stuckWorkloads.length === 0
      ? []
      : [{ kind: 'ResumeWorkloads', namespace, stuckWorkloads, stamp: timestamp(now) }]
  }
  if (typeof snapshot.drain === 'string') return []
  const stops = podStops(snapshot.drain.left, deadlineOf(snapshot, now), now)
  return stops.length === 0 ? [] : [{ kind: 'StopWorkloads', namespace, stops }]
}
