/**
 * The history of one field that does not stay as it was written, and what follows from it: the pause before the next
 * write, and whether it is reported. Times are monotonic milliseconds. Pure.
 */
import { doubled } from '../../runtime/base/backoff.ts'

export interface FieldHistory {
  /** How often the field was put back after it had been right. */
  readonly putBack: number
  /** How many writes in a row were answered with another value than the written one. */
  readonly refusedWrites: number
  /** The last write. */
  readonly last: number
  /** Milliseconds between the last two writes; 0 after only one. */
  readonly interval: number
  /** The field belongs to isolation, roles or access: it never waits long. */
  readonly guards: boolean
  /** The field is not as it should be, and waits. */
  readonly postponed: boolean
}

/** This often it is put back at once: a person who tries things is no contest. */
const atOnce = 3
const firstPause = 500
const longestPause = { guard: 2_000, other: 300_000 } as const
/** An earlier write gains nothing while an admission plugin changes each one. */
const refusedWritePause = { first: 1_000, guard: 30_000, other: 300_000 } as const
/** A contest is reported for twice as long as the field took to change back, within these limits. */
const shortestHold = 10_000
export const longestHold = 600_000

/** Milliseconds from the last write to the next. */
export function pauseOf({ putBack, refusedWrites, guards }: FieldHistory): number {
  const kind = guards ? 'guard' : 'other'
  if (refusedWrites > 0) return doubled(refusedWrites, { base: refusedWritePause.first, cap: refusedWritePause[kind] })
  return putBack < atOnce ? 0 : doubled(putBack - atOnce + 1, { base: firstPause, cap: longestPause[kind] })
}

/**
 * Another writer has changed, for better or worse, what an admission plugin changes at each write: the pause is that
 * after any writer.
 */
export function afterOther(history: FieldHistory): FieldHistory {
  const putBack = history.guards ? Infinity : atOnce + history.refusedWrites
  return { ...history, putBack, refusedWrites: 0, postponed: false }
}

export function mayWrite(history: FieldHistory, now: number): boolean {
  return now >= history.last + pauseOf(history)
}

/** Until when a contest is reported without anything new; undefined where it is not reported. */
export function toldUntil(history: FieldHistory): number | undefined {
  const { putBack, refusedWrites, last, interval, postponed } = history
  const hold = Math.min(longestHold, Math.max(shortestHold, 2 * interval))
  if (refusedWrites > 0 || postponed) return last + pauseOf(history) + hold
  return putBack > atOnce ? last + hold : undefined
}

export function isOver(history: FieldHistory, now: number): boolean {
  return now >= Math.max(toldUntil(history) ?? 0, history.last + longestHold)
}

/** Milliseconds within which a pass comes that withdraws the report. */
const takenBack = 5_000

/** The next time at which the history changes without an event. */
export function dueAt(history: FieldHistory, now: number): number | undefined {
  if (history.refusedWrites > 0 || history.postponed) return history.last + pauseOf(history)
  const until = toldUntil(history)
  return until === undefined || now >= until + takenBack ? undefined : until
}

/** The history after a write whose answer was as it should be. `isRepeat`: the field had been right before. */
export function afterPutBack(
  before: FieldHistory | undefined,
  { isRepeat, guards, now }: { readonly isRepeat: boolean; readonly guards: boolean; readonly now: number },
): FieldHistory {
  return {
    putBack: (before?.putBack ?? 0) + (isRepeat ? 1 : 0),
    refusedWrites: 0,
    last: now,
    interval: before === undefined ? 0 : now - before.last,
    guards,
    postponed: false,
  }
}

/** The history after a write whose answer was another value: the field never was right. */
export function afterRefusedWrite(before: FieldHistory | undefined, guards: boolean, now: number): FieldHistory {
  const refusedWrites = (before?.refusedWrites ?? 0) + 1
  return { putBack: 0, refusedWrites, last: now, interval: 0, guards, postponed: false }
}
