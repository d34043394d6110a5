/** Spreads many things over time: each caller gets the next place in a row, so many a second. */
import type { Clock } from './clock.ts'

export class Pace {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #interval: number
  #next = -Infinity

  /** `perSecond`: how many places there are in a second. */
  constructor(clock: Pick<Clock, 'monotonic'>, perSecond: number) {
    this.#clock = clock
    this.#interval = 1_000 / perSecond
  }

  /** Takes the next place: milliseconds from now, 0 for the first after a while in which nobody asked. */
  next(): number {
    const now = this.#clock.monotonic()
    const place = Math.max(now, this.#next)
    this.#next = place + this.#interval
    return place - now
  }
}
