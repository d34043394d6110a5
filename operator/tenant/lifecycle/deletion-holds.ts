/**
 * What keeps a deletion from beginning that would lose data: the deletion brake, by the recent deletions, and the grace
 * period. Pure.
 */
import { timestamp } from '../../runtime/base/clock.ts'
import type { Tenant } from '../../api/tenant.ts'
import { askedDeletion, begin, expiredFor, limitOn } from './deletion-brake.ts'
import { isReleasedByName } from './deletion-grace.ts'
import { isLoss, losesData, mayLoseData } from './deletion-loss.ts'
import type { LossFacts } from './deletion-loss.ts'
import { isUndone } from './deletion-rules.ts'
import { deletionTerms } from './deletion-terms.ts'
import type { TermsFacts } from './deletion-terms.ts'
import type { Brake, Grace, RecentDeletions } from '../model/deletion-hold.ts'
import type { Snapshot } from '../model/snapshot.ts'

export type HoldFacts = LossFacts & TermsFacts & Pick<Snapshot, 'home' | 'deletionsReleased'>

/** Milliseconds since the epoch. */
export interface Instant {
  readonly now: number
  /** By the clock that is never ahead of the monotonic one. */
  readonly steady: number
}

/** `recent`: required where {@link isCounted}. */
export function holdsOn(
  facts: HoldFacts,
  recent: RecentDeletions | undefined,
  at: Instant,
): Pick<Snapshot, 'brake' | 'grace'> {
  if (!losesData(facts)) return { brake: undefined, grace: undefined }
  return { brake: brakeOn(facts, recent, at), grace: graceOn(facts, at.steady) }
}

/** Whether the brake counts the deletion: it is neither released nor held, and its Tenant's data may be lost. */
export function isCounted(facts: HoldFacts): boolean {
  const { installation, msp } = facts.settings.deletionBrake
  if (installation === 0 && msp === 0) return false
  return mayLoseData(facts) && !isReleased(facts) && facts.tenant.status?.deletion?.heldAt === undefined
}

/** Whether the brake has yet to judge the deletion of another Tenant, as far as the caches know. */
export function isUndecided(tenant: Tenant, customers: readonly Tenant[]): boolean {
  const { spec, status } = tenant
  const made = status?.namespace !== undefined || status?.database !== undefined
  const refused = spec.deletion.protected || customers.length > 0
  return made && !refused && !isUndone(tenant) && isLoss(tenant) && status?.deletion?.heldAt === undefined
}

/** An administrator released this Tenant, its namespace, or all deletions. */
function isReleased({ tenant, deletionsReleased }: HoldFacts): boolean {
  return isReleasedByName(tenant) || deletionsReleased
}

function brakeOn(facts: HoldFacts, recent: RecentDeletions | undefined, { now, steady }: Instant): Brake | undefined {
  const { tenant, home, settings } = facts
  const { deletionBrake: limits } = settings
  const { heldAt, because = '' } = tenant.status?.deletion ?? {}
  if (heldAt !== undefined && !isReleased(facts)) return hold(heldAt, because, limits.releaseAfter, steady)
  if (!isCounted(facts)) return undefined
  if (recent === undefined) throw new TypeError('the brake judges without the record of deletions')
  const own = askedDeletion(tenant, home.kind === 'Msp' ? home.parent : undefined)
  const { begun, asked, gone } = recent
  if (begun.some(({ uid }) => uid === own.uid)) return undefined
  const limit = limitOn(own, asked, begun, limits, now)
  if (limit !== undefined) return hold(timestamp(now), limit, limits.releaseAfter, steady)
  // A Tenant that still exists continues by its entry, however long it has to wait for its server.
  const over = expiredFor(own.deletedAt, begun, limits.window, now).filter((uid) => gone.has(uid))
  return { kind: 'Permit', asked: own, deletion: begin(own, now), over }
}

/** Undefined once its time is over. */
function hold(heldAt: string, because: string, releaseAfter: number | undefined, steady: number): Brake | undefined {
  if (releaseAfter === undefined) return { kind: 'Hold', heldAt, because, released: undefined }
  const at = Date.parse(heldAt) + releaseAfter
  const left = at - steady
  return left <= 0 ? undefined : { kind: 'Hold', heldAt, because, released: { at: timestamp(at), in: left } }
}

/**
 * By the API server's clock (the deletionTimestamp) and the operator's. Undefined once it is over. The reported time is
 * never brought forward, only put off.
 */
function graceOn(facts: TermsFacts, steady: number): Grace | undefined {
  const { tenant } = facts
  if (isReleasedByName(tenant)) return undefined
  const { grace, graceBy } = deletionTerms(facts)
  const told = tenant.status?.deletion?.notBefore
  if (grace === 0 && told === undefined) return undefined
  const due = Date.parse(tenant.metadata.deletionTimestamp ?? '') + grace
  const at = Math.max(due, told === undefined ? due : Date.parse(told))
  const left = at - steady
  return left <= 0 ? undefined : { until: timestamp(at), in: left, by: at === due ? graceBy : undefined }
}
