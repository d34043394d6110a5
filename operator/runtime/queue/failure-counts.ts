/** How often keys have failed in a row, and how long they pause for that. */
import { backoff } from '../base/backoff.ts'
import type { BackoffOptions } from '../base/backoff.ts'
import type { Random } from '../base/clock.ts'
import type { Key } from './reconcile.ts'

/** Failures in a row, and their backoff: another backoff resets the count. */
interface Failed {
  readonly times: number
  readonly backoff: BackoffOptions
}

export class Failures {
  readonly #usual: BackoffOptions
  readonly #random: Random
  readonly #failed = new Map<Key, Failed>()

  constructor(usual: BackoffOptions, random: Random) {
    this.#usual = usual
    this.#random = random
  }

  has(key: Key): boolean {
    return this.#failed.has(key)
  }

  times(key: Key): number {
    return this.#failed.get(key)?.times ?? 0
  }

  /** Counts a failure; the milliseconds of its pause. */
  count(key: Key, options: BackoffOptions = this.#usual): number {
    const before = this.#failed.get(key)
    const isSame = before?.backoff.base === options.base && before.backoff.cap === options.cap
    const times = isSame ? before.times + 1 : 1
    this.#failed.set(key, { times, backoff: options })
    return backoff(times, options, this.#random)
  }

  /** An event for the key resets pauses other than the usual ones. */
  news(key: Key): void {
    const failed = this.#failed.get(key)
    if (failed !== undefined && failed.backoff !== this.#usual) this.#failed.delete(key)
  }

  forget(key: Key): void {
    this.#failed.delete(key)
  }
}
