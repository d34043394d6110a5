/** When a tenant is looked at again without an event. Pure. */
import type { Tenant } from '../../api/tenant.ts'
import { expiryOf } from '../../domain/expiry.ts'
import type { Result } from '../../runtime/queue/reconcile.ts'
import { nextExpiryLook } from '../lifecycle/expiry-warnings.ts'
import { purgeIn } from '../lifecycle/life-fields.ts'
import { requeue } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import type { Outcome } from '../model/outcome.ts'
import type { TenantSettings } from '../model/settings.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { againAfter } from '../status/row-of-failure.ts'

/** Milliseconds until a pass with outdated facts is repeated. */
export const staleReadPause = 200

/** Milliseconds until a server is asked again for what it has refused. An edit is tried at once. */
const rarely = 600_000

/**
 * A blocked tenant is retried with growing pauses. So is one whose reads are always stale, as that would be a loop
 * without a pause.
 */
export function pauses(
  { stuck }: Decision,
  { failures }: Outcome,
  { retryInterval }: TenantSettings,
): Pick<Result, 'stuck'> {
  const again = new Set(failures.map(againAfter))
  if (again.has('WhenWoken')) return {}
  if (again.has('Soon')) return { stuck: { base: staleReadPause, cap: retryInterval } }
  if (again.has('Later')) return { stuck: { base: 10 * staleReadPause, cap: 10 * retryInterval } }
  return failures.length > 0 || stuck === true ? { stuck: { base: retryInterval, cap: 10 * retryInterval } } : {}
}

/** Milliseconds until the next due time of the decision and its outcome. */
export function dueIn(
  { requeueAfter }: Decision,
  { failures, refusedParameters }: Outcome,
): readonly (number | undefined)[] {
  const isWoken = failures.some((failure) => againAfter(failure) === 'WhenWoken')
  return [
    isWoken ? rarely : undefined,
    // The decision's own next look was for after its success.
    failures.length > 0 ? undefined : requeueAfter,
    refusedParameters && rarely,
  ]
}

/** Milliseconds from `now` until the license, the account, the retention or a granted access begins or ends. */
export function nextChange(snapshot: Snapshot, tenant: Tenant | undefined, now: number): number | undefined {
  const purge = tenant && purgeIn({ ...snapshot, tenant }, now)
  const times = [snapshot.license.changesAt, snapshot.grants.changesAt, purge && now + purge]
  const ahead = times.flatMap((at) => (typeof at === 'number' && at > now ? [at - now] : []))
  return requeue(...ahead, nextExpiryLook(expiryOf(snapshot), now)).requeueAfter
}

/** Milliseconds until the next test login. An overdue one could not be made: it waits for its blocker. */
export function nextLogin({ live, settings }: Snapshot, due: number | undefined): number | undefined {
  if (live !== undefined) return undefined
  return due === 0 ? settings.retryInterval : due
}
