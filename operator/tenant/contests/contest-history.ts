/**
 * What is remembered of one field that does not stay as it was written, and what follows from it: how long the next write
 * waits, and whether people are told. Times are monotonic milliseconds. Pure.
 */
import { doubled } from '../../runtime/base/backoff.ts'

export interface FieldHistory {
  /** How often it was put back after it had been right. */
  readonly putBack: number
  /** How many writes in a row were answered with something else than was written. */
  readonly refused: number
  /** The last write. */
  readonly last: number
  /** Between the last two writes; 0 where there was one. */
  readonly interval: number
  /** Isolation, roles or access: it never waits long. */
  readonly guards: boolean
  /** It is not as it should be, and waits. */
  readonly postponed: boolean
}

/** So often it is put back at once: a person who tries things is no contest. */
const atOnce = 3
const firstPause = 500
const longestPause = { guard: 2_000, other: 300_000 } as const
/** Writing sooner gains nothing while each write is changed on its way. */
const refusedPause = { first: 1_000, guard: 30_000, other: 300_000 } as const
/** People are told for twice as long as it took to come back, and no shorter and no longer than this. */
const shortestHold = 10_000
export const longestHold = 600_000

/** Milliseconds from the last write to the next. */
export function pauseOf({ putBack, refused, guards }: FieldHistory): number {
  const kind = guards ? 'guard' : 'other'
  if (refused > 0) return doubled(refused, { base: refusedPause.first, cap: refusedPause[kind] })
  return putBack < atOnce ? 0 : doubled(putBack - atOnce + 1, { base: firstPause, cap: longestPause[kind] })
}

/** Another writer has changed, for worse or better, what an admission plugin changes at each write: it waits as after any writer. */
export function afterOther(history: FieldHistory): FieldHistory {
  const putBack = history.guards ? Infinity : atOnce + history.refused
  return { ...history, putBack, refused: 0, postponed: false }
}

export function mayWrite(history: FieldHistory, now: number): boolean {
  return now >= history.last + pauseOf(history)
}

/** Until when people are told of it where nothing happens any more; undefined where they are not told. */
export function toldUntil(history: FieldHistory): number | undefined {
  const { putBack, refused, last, interval, postponed } = history
  const hold = Math.min(longestHold, Math.max(shortestHold, 2 * interval))
  if (refused > 0 || postponed) return last + pauseOf(history) + hold
  return putBack > atOnce ? last + hold : undefined
}

export function isOver(history: FieldHistory, now: number): boolean {
  return now >= Math.max(toldUntil(history) ?? 0, history.last + longestHold)
}

/** Milliseconds in which a pass has come that takes back what people were told. */
const takenBack = 5_000

/** The next time at which something becomes of it by itself. */
export function dueAt(history: FieldHistory, now: number): number | undefined {
  if (history.refused > 0 || history.postponed) return history.last + pauseOf(history)
  const until = toldUntil(history)
  return until === undefined || now >= until + takenBack ? undefined : until
}

/** It was written, and the answer was as it should be. `isRepeat`: it had been right before. */
export function afterPutBack(
  before: FieldHistory | undefined,
  { isRepeat, guards, now }: { readonly isRepeat: boolean; readonly guards: boolean; readonly now: number },
): FieldHistory {
  return {
    putBack: (before?.putBack ?? 0) + (isRepeat ? 1 : 0),
    refused: 0,
    last: now,
    interval: before === undefined ? 0 : now - before.last,
    guards,
    postponed: false,
  }
}

/** It was written, and the answer was something else: it never was right. */
export function afterRefusal(before: FieldHistory | undefined, guards: boolean, now: number): FieldHistory {
  const refused = (before?.refused ?? 0) + 1
  return { putBack: 0, refused, last: now, interval: 0, guards, postponed: false }
}
