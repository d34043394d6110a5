/** How many passwords are hashed at once: each takes 32 MiB and a core for a good part of a second. */

/** Attempts that wait; more are turned away, as they would only wait longer. */
const mostWaiting = 64

/** Too many attempts are waiting. */
export class HashingBusy extends Error {
  override readonly name = 'HashingBusy'
}

export class HashSlots {
  #free: number
  readonly #waiting: (() => void)[] = []
  constructor(width: number) {
    this.#free = width
  }

  /** @throws HashingBusy */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn()
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= mostWaiting) return Promise.reject(new HashingBusy('too many attempts wait'))
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }
}
