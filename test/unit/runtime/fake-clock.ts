import type { Clock, Random } from '../../../operator/runtime/base/clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/**
 * A clock whose time stands still until it is advanced by hand. What is due then runs in order of time, and what that sets
 * off (promises, new timers) is let run in between.
 */
export class FakeClock implements Clock {
  #wall: number
  #monotonic = 0
  #order = 0
  readonly #timers = new Set<Timer>()

  constructor(wall = Date.UTC(2030, 0, 1)) {
    this.#wall = wall
  }

  readonly now = (): number => this.#wall
  readonly monotonic = (): number => this.#monotonic
  readonly after = (delay: number, run: () => void): (() => void) => {
    // As setTimeout does: what is longer than it can count fires at once.
    const counted = delay > 2 ** 31 - 1 ? 1 : Math.max(0, delay)
    const timer = { at: this.#monotonic + counted, order: (this.#order += 1), run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size
  }

  /** Lets `milliseconds` pass. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#monotonic + milliseconds
    await settle()
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#wall += timer.at - this.#monotonic
      this.#monotonic = timer.at
      timer.run()
      await settle()
    }
    this.#wall += end - this.#monotonic
    this.#monotonic = end
    await settle()
  }

  /** Sets the wall clock, as an administrator or NTP does; monotonic time goes on as it was. */
  setWall(milliseconds: number): void {
    this.#wall = milliseconds
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer
    }
    return first
  }
}

/** Lets all promises that can go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The machine's clock, for tests against real servers. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delay, run) => {
    const timer = setTimeout(run, delay)
    return () => clearTimeout(timer)
  },
}

/** Repeatable randomness: a small linear congruential generator (Numerical Recipes' constants). */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return {
    fraction: next,
    bytes: (size) => Buffer.from(Array.from({ length: size }, () => Math.floor(next() * 256))),
  }
}
