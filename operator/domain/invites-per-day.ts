/**
 * The number of invites issued on a day (UTC). A day in the future counts as today, so that a clock that is set back
 * allows no more invites, and one that was wrong for a moment forbids none for longer than a day. Pure.
 */
import type { Tally } from '../api/tally.ts'
import { timestamp } from '../runtime/base/clock.ts'

const dayLength = 86_400_000

const dayOf = (now: number): string => timestamp(now).slice(0, 10)

export function countAt(tally: Tally | undefined, now: number): number {
  return tally !== undefined && tally.day >= dayOf(now) ? tally.count : 0
}

/** The tally with `more` invites that were issued now. */
export function plus(tally: Tally | undefined, more: number, now: number): Tally {
  return { day: dayOf(now), count: countAt(tally, now) + more }
}

/** The tally as it is written back: a day in the future becomes today. */
export function settledTally(tally: Tally | undefined, now: number): Tally | undefined {
  return tally === undefined || tally.day <= dayOf(now) ? tally : { ...tally, day: dayOf(now) }
}

/** Whether the tally no longer counts. */
export function isPast(tally: Tally | undefined, now: number): boolean {
  return tally !== undefined && tally.day < dayOf(now)
}

/** The next midnight, in milliseconds since the epoch. */
export function nextDay(now: number): number {
  return (Math.floor(now / dayLength) + 1) * dayLength
}
