/**
 * The warnings before an expiry: which are due, and which were given. Each threshold warns once, and only the nearest.
 * Pure.
 */
import type { TenantStatus } from '../../api/tenant.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Expiry } from '../../domain/expiry.ts'

export type Warning = NonNullable<TenantStatus['warnings']>[number]

/** Days before the expiry, the first warning first. */
export const warningDays = [30, 7, 1] as const

const day = 86_400_000

/**
 * The warnings of this expiry, with the one that is due now. A missed warning, because the operator was down or the
 * tenant is younger than it, gives way to the nearest; a warning for another date is forgotten. `active`: whether the
 * tenant is to be on, as a suspended tenant is warned when it comes back.
 */
export function warningsAt(
  expiry: Expiry | undefined,
  given: readonly Warning[] | undefined,
  active: boolean,
  now: number,
): readonly Warning[] {
  if (expiry === undefined) return []
  const expiresAt = timestamp(expiry.at)
  const kept = (given ?? []).filter((each) => each.expiresAt === expiresAt)
  const due = now < expiry.at ? warningDays.findLast((days) => expiry.at - days * day <= now) : undefined
  if (!active || due === undefined || kept.some(({ daysBefore }) => daysBefore <= due)) return kept
  return [...kept, { daysBefore: due, expiresAt, sentAt: timestamp(now) }]
}

/** Milliseconds until the next warning or the expiry itself; undefined where neither lies ahead. */
export function nextExpiryLook(expiry: Expiry | undefined, now: number): number | undefined {
  if (expiry === undefined) return undefined
  const ahead = [...warningDays, 0].map((days) => expiry.at - days * day - now).filter((left) => left > 0)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}
