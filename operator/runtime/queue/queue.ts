/**
 * The work queue: keys, never events. A key is in it once however often it is added; it is handed to one worker at a time,
 * and if it is added meanwhile it comes up again afterwards. Keys that keep failing wait for their backoff and may hold at
 * most half of the workers, so that they never block the others. Keys of low priority come after all others, but for a share
 * that is theirs, and leave an eighth of the workers free (docs/decisions/0038-fair-to-people.md).
 */
import type { Clock } from '../base/clock.ts'
import { itemBackoff } from '../base/backoff.ts'
import type { BackoffOptions } from '../base/backoff.ts'
import { DueHeap } from './due-heap.ts'
import { Failures } from './failure-counts.ts'
import { Lanes } from './priority-lanes.ts'
import type { Lane, ReadyKey } from './priority-lanes.ts'
import type { Key } from './reconcile.ts'
import type { QueueObserver, QueueOptions } from './queue-options.ts'

/** A timer may be this long at most: setTimeout overflows after 24.8 days and fires at once. */
const longestTimer = 3_600_000

export class Queue {
  readonly #clock: Clock
  /** How many workers the keys of a lane may hold. */
  readonly #mostHeld: Readonly<Record<Lane, number>>
  readonly #observer: QueueObserver | undefined
  readonly #ready = new Lanes()
  /** Keys that are of low priority until something is told of them. */
  readonly #low = new Set<Key>()
  readonly #waiting = new DueHeap()
  /** Keys that a worker processes: since when, and from which lane. */
  readonly #working = new Map<Key, { readonly since: number; readonly lane: Lane }>()
  readonly #again = new Set<Key>()
  /** Keys in progress whose own status was written meanwhile. */
  readonly #echoed = new Set<Key>()
  readonly #failures: Failures
  /** How many workers the keys of each lane hold. */
  readonly #held: Record<Lane, number> = { Fresh: 0, Retry: 0, Low: 0 }
  readonly #takers: ((key: Key | undefined) => void)[] = []
  #closed = false
  #cancelTimer: () => void = () => {}

  constructor(options: QueueOptions) {
    this.#clock = options.clock
    this.#failures = new Failures(options.backoff ?? itemBackoff, options.random)
    const share = (part: number): number => Math.max(1, Math.floor((options.workers ?? Infinity) * part))
    this.#mostHeld = { Fresh: Infinity, Retry: share(1 / 2), Low: share(7 / 8) }
    this.#observer = options.observer
  }

  /** Keys that are ready and wait for a worker. */
  get depth(): number {
    return this.#ready.size
  }

  /** When each key in progress was taken (monotonic milliseconds). */
  get started(): readonly number[] {
    return Array.from(this.#working.values(), ({ since }) => since)
  }

  get working(): number {
    return this.#working.size
  }

  /** When `key` is due without an event (monotonic milliseconds). */
  dueAt(key: Key): number | undefined {
    return this.#waiting.at(key)
  }

  /** Makes `key` ready now: an event came for it. */
  add(key: Key): void {
    this.#failures.news(key)
    this.#low.delete(key)
    if (this.#ready.remove(key, 'Low')) this.#file(key)
    else this.#makeReady(key)
  }

  /** Makes `key` ready now, after all others: nothing is told of it alone. Its own due times keep it there. */
  addLow(key: Key): void {
    if (!this.#ready.has(key) && !this.#again.has(key)) this.#low.add(key)
    this.#makeReady(key)
  }

  #makeReady(key: Key): void {
    if (this.#closed) return
    this.#waiting.delete(key)
    if (this.#working.has(key)) {
      if (!this.#again.has(key)) this.#observer?.added()
      this.#again.add(key)
      return
    }
    if (this.#ready.has(key)) return
    this.#observer?.added()
    this.#file(key)
  }

  #file(key: Key): void {
    const lane = this.#failures.has(key) ? 'Retry' : this.#low.has(key) ? 'Low' : 'Fresh'
    this.#ready.add({ key, lane, since: this.#clock.monotonic() })
    this.#dispatch()
  }

  /**
   * Reports a change of the key's own status. It makes `key` ready, but not one that waits for its backoff: the write
   * of each attempt would cause the next one at once.
   */
  echo(key: Key): void {
    if (this.#working.has(key)) this.#echoed.add(key)
    else if (!this.#failures.has(key)) this.#makeReady(key)
  }

  /**
   * Makes all keys with a due time ready, and those in progress once more: the clock by which their waits were measured
   * has changed.
   */
  addAllDue(): void {
    for (const key of [...this.#waiting.keys(), ...this.#working.keys()]) this.addLow(key)
  }

  /** Makes `key` ready in `delay` milliseconds. If it is due earlier already, that stays. */
  addAfter(key: Key, delay: number): void {
    const at = this.#clock.monotonic() + Math.max(0, delay)
    const known = this.#waiting.at(key)
    if (known === undefined || at < known) this.setDue(key, at)
  }

  /**
   * Sets or moves the time (monotonic milliseconds) at which `key` becomes ready without an event; undefined removes
   * it.
   */
  setDue(key: Key, at: number | undefined): void {
    if (this.#closed) return
    if (at === undefined) this.#waiting.delete(key)
    else if (at <= this.#clock.monotonic()) this.#makeReady(key)
    else if (!this.#ready.has(key)) this.#waiting.set(key, at)
    this.#arm()
  }

  /** Counts a failure of `key` and makes it ready after its backoff, or after `atLeast` milliseconds where that is longer. */
  retry(key: Key, atLeast = 0): void {
    this.#observer?.retried()
    this.addAfter(key, Math.max(atLeast, this.#failures.count(key)))
  }

  /** The same for a key that is stuck, with its own backoff; an event for it resets the backoff. */
  retryStuck(key: Key, options: BackoffOptions): void {
    this.#observer?.retried()
    this.addAfter(key, Math.max(options.base, this.#failures.count(key, options)))
  }

  failures(key: Key): number {
    return this.#failures.times(key)
  }

  /** Forgets the failures of `key`: it succeeded, or retrying is of no use. */
  forget(key: Key): void {
    this.#failures.forget(key)
  }

  /** The next ready key, as soon as there is one; undefined once the queue is closed. To be answered with {@link done}. */
  take(): Promise<Key | undefined> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve(undefined)
      this.#takers.push(resolve)
      this.#dispatch()
    })
  }

  /** Frees the worker of `key`, whose pass continues without counting against its lane. */
  letGo(key: Key): void {
    const work = this.#working.get(key)
    if (work === undefined || work.lane === 'Fresh') return
    this.#working.set(key, { ...work, lane: 'Fresh' })
    this.#held[work.lane] -= 1
    this.#held.Fresh += 1
    this.#dispatch()
  }

  /** Gives `key` back. If it was added meanwhile it is ready again. */
  done(key: Key): void {
    const work = this.#working.get(key)
    if (work === undefined) return
    this.#working.delete(key)
    this.#held[work.lane] -= 1
    this.#observer?.finished(this.#clock.monotonic() - work.since)
    const echoed = this.#echoed.delete(key) && !this.#failures.has(key)
    const again = this.#again.delete(key)
    if (echoed && !again) this.#observer?.added()
    if ((again || echoed) && !this.#closed) {
      this.#waiting.delete(key)
      this.#file(key)
    } else {
      if (this.#waiting.at(key) === undefined) this.#low.delete(key)
      this.#dispatch()
    }
  }

  /**
   * Ends it: nothing is added or handed out any more, waiting workers get undefined. Keys in progress may be finished.
   */
  close(): void {
    this.#closed = true
    this.#cancelTimer()
    for (const taker of this.#takers.splice(0)) taker(undefined)
    this.#ready.clear()
  }

  #dispatch(): void {
    while (this.#takers.length > 0) {
      const next = this.#ready.take((lane) => this.#held[lane] < this.#mostHeld[lane])
      if (next === undefined) return
      this.#hand(next)
    }
  }

  #hand({ key, since, lane }: ReadyKey): void {
    const now = this.#clock.monotonic()
    // This pass decides when the key is due next; an older due time would wake it for nothing.
    this.#waiting.delete(key)
    this.#working.set(key, { since: now, lane })
    this.#held[lane] += 1
    this.#observer?.taken(now - since)
    this.#takers.shift()?.(key)
  }

  #arm(): void {
    this.#cancelTimer()
    const next = this.#waiting.next()
    if (next === undefined || this.#closed) return
    const delay = Math.min(longestTimer, Math.max(0, next - this.#clock.monotonic()))
    this.#cancelTimer = this.#clock.after(delay, () => this.#ripen())
  }

  #ripen(): void {
    const now = this.#clock.monotonic()
    for (let key = this.#waiting.take(now); key !== undefined; key = this.#waiting.take(now)) this.#makeReady(key)
    this.#arm()
  }
}
