/** The ready keys of a queue by their priority, and which comes next. What is replayed at a failover is low: app/operator.ts. Pure. */
import type { Key } from './reconcile.ts'

/** `Retry`: it failed last time. `Low`: it comes after all others, but for a share that is its own. */
export type Lane = 'Fresh' | 'Retry' | 'Low'

export interface ReadyKey {
  readonly key: Key
  /** When it became ready (monotonic). */
  readonly since: number
  readonly lane: Lane
}

/** How many other keys come in a row while keys of low priority wait: a steady stream must not hold these up for ever. */
const mostAhead = 7

export class Lanes {
  /** In the order in which they became ready. */
  readonly #lanes: Readonly<Record<Lane, Map<Key, number>>> = { Fresh: new Map(), Retry: new Map(), Low: new Map() }
  /** How many others have come since the last key of low priority, or since one waits. */
  #ahead = 0

  get size(): number {
    const { Fresh, Retry, Low } = this.#lanes
    return Fresh.size + Retry.size + Low.size
  }

  has(key: Key): boolean {
    const { Fresh, Retry, Low } = this.#lanes
    return Fresh.has(key) || Retry.has(key) || Low.has(key)
  }

  /** Adds a key that is in no lane yet. */
  add({ key, since, lane }: ReadyKey): void {
    this.#lanes[lane].set(key, since)
  }

  /** False when `key` is not there. */
  remove(key: Key, lane: Lane): boolean {
    return this.#lanes[lane].delete(key)
  }

  /** Removes the next key of those lanes that `mayTake` allows, and returns it. */
  take(mayTake: (lane: Lane) => boolean): ReadyKey | undefined {
    const lane = this.#next((each) => this.#lanes[each].size > 0 && mayTake(each))
    const [first] = lane === undefined ? [] : this.#lanes[lane]
    if (lane === undefined || first === undefined) return undefined
    const [key, since] = first
    this.#lanes[lane].delete(key)
    this.#ahead = lane === 'Low' || this.#lanes.Low.size === 0 ? 0 : this.#ahead + 1
    return { key, since, lane }
  }

  clear(): void {
    for (const lane of Object.values(this.#lanes)) lane.clear()
  }

  #next(has: (lane: Lane) => boolean): Lane | undefined {
    if (this.#ahead >= mostAhead && has('Low')) return 'Low'
    const fresh = has('Fresh')
    if (has('Retry') && (!fresh || this.#retryIsOlder())) return 'Retry'
    if (fresh) return 'Fresh'
    return has('Low') ? 'Low' : undefined
  }

  #retryIsOlder(): boolean {
    const [fresh = Infinity] = this.#lanes.Fresh.values()
    const [retry = Infinity] = this.#lanes.Retry.values()
    return retry < fresh
  }
}
