/** Spreads many calls over time: each takes its turn, so many per second. */
import type { Clock } from './clock.ts'

export class Pace {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #interval: number
  #next = -Infinity

  /** `perSecond`: calls per second. */
  constructor(clock: Pick<Clock, 'monotonic'>, perSecond: number) {
    this.#clock = clock
    this.#interval = 1_000 / perSecond
  }

  /** Takes the next turn: milliseconds from now, 0 for the first after an idle time. */
  next(): number {
    const now = this.#clock.monotonic()
    const turn = Math.max(now, this.#next)
    this.#next = turn + this.#interval
    return turn - now
  }
}
