/**
 * The wall clock, but never further on than the monotonic one since its creation: a clock that is set forward ends
 * nothing early.
 */
import type { Clock } from './clock.ts'

export class SteadyClock {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>
  readonly #began: { readonly wall: number; readonly monotonic: number }

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock
    this.#began = { wall: clock.now(), monotonic: clock.monotonic() }
  }

  /** Milliseconds since the epoch. */
  readonly now = (): number => {
    return Math.min(this.#clock.now(), this.#began.wall + this.#clock.monotonic() - this.#began.monotonic)
  }
}
