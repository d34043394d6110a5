/** How many passwords are hashed at once: each takes 32 MiB and a core for a good part of a second. */
import { semaphore } from '../../runtime/base/semaphore.ts'
import type { Semaphore } from '../../runtime/base/semaphore.ts'

/** Attempts that wait; more are turned away, as they would only wait longer. */
const mostWaiting = 64

const never = new AbortController().signal

/** Too many attempts are waiting. */
export class HashingBusy extends Error {
  override readonly name = 'HashingBusy'
}

export class HashSlots {
  readonly #most: number
  readonly #slots: Semaphore
  #taken = 0
  constructor(width: number) {
    this.#most = width + mostWaiting
    this.#slots = semaphore(width)
  }

  /** @throws HashingBusy */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken >= this.#most) throw new HashingBusy('too many attempts wait')
    this.#taken += 1
    try {
      return await this.#slots.pass(never, work)
    } finally {
      this.#taken -= 1
    }
  }
}
