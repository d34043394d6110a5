/** Spreads many calls over time: each gets the next slot in a row, so many per second. */
import type { Clock } from './clock.ts'

export class Pace {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #interval: number
  #next = -Infinity

  /** `perSecond`: slots per second. */
  constructor(clock: Pick<Clock, 'monotonic'>, perSecond: number) {
    this.#clock = clock
    this.#interval = 1_000 / perSecond
  }

  /** Takes the next slot: milliseconds from now, 0 for the first after an idle time. */
  next(): number {
    const now = this.#clock.monotonic()
    const place = Math.max(now, this.#next)
    this.#next = place + this.#interval
    return place - now
  }
}
