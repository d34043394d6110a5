/** Which ids were used. Pure except for its own memory, which is bounded in time and number. */

const mostIds = 10_000

export class ReplayMemory {
  /** By the time of their use: the oldest come first. */
  readonly #used = new Map<string, number>()
  /** Milliseconds. */
  readonly #lifetime: number
  constructor(lifetime: number) {
    this.#lifetime = lifetime
  }

  /** False: the id was used before. `now` is monotonic. */
  use(id: string, now: number): boolean {
    for (const [old, at] of this.#used) {
      if (now - at <= this.#lifetime && this.#used.size < mostIds) break
      this.#used.delete(old)
    }
    if (this.#used.has(id)) return false
    this.#used.set(id, now)
    return true
  }
}
