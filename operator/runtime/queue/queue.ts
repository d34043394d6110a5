/**
 * The work queue: keys, never events. A key is in it once however often it is added; it is handed to one worker at a time,
 * and if it is added meanwhile it comes up again afterwards. Keys that keep failing wait for their backoff and may hold at
 * most half of the workers, so that they never block the others.
 */
import type { Clock, Random } from '../base/clock.ts'
import { backoff, itemBackoff, type BackoffOptions } from '../base/backoff.ts'
import { DueHeap } from './due-heap.ts'
import type { Key } from './reconcile.ts'

/** A timer may be this long at most: setTimeout overflows after 24.8 days and fires at once. */
const longestTimer = 3_600_000

export interface QueueObserver {
  added(): void
  retried(): void
  /** `waited`: milliseconds between being ready and being taken. */
  taken(waited: number): void
  /** `worked`: milliseconds between being taken and done. */
  finished(worked: number): void
}

export interface QueueOptions {
  readonly clock: Clock
  readonly random: Random
  readonly backoff?: BackoffOptions
  /** How many workers take from it; decides how many of them failing keys may hold. Default: any number. */
  readonly workers?: number
  readonly observer?: QueueObserver
}

/** In a row, and with which backoff: another one begins anew. */
interface Failures {
  readonly times: number
  readonly backoff: BackoffOptions
}

export class Queue {
  readonly #clock: Clock
  readonly #random: Random
  readonly #backoff: BackoffOptions
  readonly #retryWorkers: number
  readonly #observer: QueueObserver | undefined
  /** Ready keys in order, and since when (monotonic). Those that failed last time are apart. */
  readonly #fresh = new Map<Key, number>()
  readonly #retries = new Map<Key, number>()
  readonly #waiting = new DueHeap()
  /** Keys in a worker's hands: since when, and from which lane. */
  readonly #working = new Map<Key, { readonly since: number; readonly retry: boolean }>()
  readonly #again = new Set<Key>()
  /** Keys in hands whose own status was written meanwhile. */
  readonly #echoed = new Set<Key>()
  readonly #failures = new Map<Key, Failures>()
  readonly #takers: ((key: Key | undefined) => void)[] = []
  #retrying = 0
  #closed = false
  #cancelTimer: () => void = () => {}

  constructor(options: QueueOptions) {
    this.#clock = options.clock
    this.#random = options.random
    this.#backoff = options.backoff ?? itemBackoff
    this.#retryWorkers = Math.max(1, Math.floor((options.workers ?? Infinity) / 2))
    this.#observer = options.observer
  }

  /** Keys that are ready and wait for a worker. */
  get depth(): number {
    return this.#fresh.size + this.#retries.size
  }

  /** When each key in a worker's hands was taken (monotonic milliseconds). */
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

  /** Makes `key` ready now: something is told of it. */
  add(key: Key): void {
    const failures = this.#failures.get(key)
    if (failures !== undefined && failures.backoff !== this.#backoff) this.#failures.delete(key)
    this.#ready(key)
  }

  #ready(key: Key): void {
    if (this.#closed) return
    this.#waiting.delete(key)
    if (this.#working.has(key)) {
      if (!this.#again.has(key)) this.#observer?.added()
      this.#again.add(key)
      return
    }
    if (this.#fresh.has(key) || this.#retries.has(key)) return
    this.#observer?.added()
    const lane = this.#failures.has(key) ? this.#retries : this.#fresh
    lane.set(key, this.#clock.monotonic())
    this.#dispatch()
  }

  /**
   * Tells of a change of the key's own status. It makes `key` ready, but not one that waits for its backoff: what each try
   * writes would bring the next one at once.
   */
  echo(key: Key): void {
    if (this.#working.has(key)) this.#echoed.add(key)
    else if (!this.#failures.has(key)) this.add(key)
  }

  /**
   * Makes all keys ready that are due some time, and those in hands once more: what their waits were measured by does not
   * hold any longer.
   */
  addAllDue(): void {
    for (const key of [...this.#waiting.keys(), ...this.#working.keys()]) this.add(key)
  }

  /** Makes `key` ready in `delay` milliseconds. If it is due earlier already, that stays. */
  addAfter(key: Key, delay: number): void {
    const at = this.#clock.monotonic() + Math.max(0, delay)
    const known = this.#waiting.at(key)
    if (known === undefined || at < known) this.setDue(key, at)
  }

  /** Sets or moves the time (monotonic milliseconds) at which `key` becomes ready by itself; undefined takes it away. */
  setDue(key: Key, at: number | undefined): void {
    if (this.#closed) return
    if (at === undefined) this.#waiting.delete(key)
    else if (at <= this.#clock.monotonic()) this.#ready(key)
    else if (!this.#fresh.has(key) && !this.#retries.has(key)) this.#waiting.set(key, at)
    this.#arm()
  }

  /** Counts a failure of `key` and makes it ready after its backoff, or after `atLeast` milliseconds where that is longer. */
  retry(key: Key, atLeast = 0): void {
    this.#retry(key, this.#backoff, atLeast)
  }

  /** The same for a key that is stuck, with its own backoff; what is told of it makes it begin anew. */
  retryStuck(key: Key, options: BackoffOptions): void {
    this.#retry(key, options, options.base)
  }

  #retry(key: Key, options: BackoffOptions, atLeast: number): void {
    const before = this.#failures.get(key)
    const isSame = before?.backoff.base === options.base && before.backoff.cap === options.cap
    const times = isSame ? before.times + 1 : 1
    this.#failures.set(key, { times, backoff: options })
    this.#observer?.retried()
    this.addAfter(key, Math.max(atLeast, backoff(times, options, this.#random)))
  }

  failures(key: Key): number {
    return this.#failures.get(key)?.times ?? 0
  }

  /** Forgets the failures of `key`: it succeeded, or retrying is of no use. */
  forget(key: Key): void {
    this.#failures.delete(key)
  }

  /** The next ready key, as soon as there is one; undefined once the queue is closed. To be answered with {@link done}. */
  take(): Promise<Key | undefined> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve(undefined)
      this.#takers.push(resolve)
      this.#dispatch()
    })
  }

  /** Gives `key` back. If it was added meanwhile it is ready again. */
  done(key: Key): void {
    const work = this.#working.get(key)
    if (work === undefined) return
    this.#working.delete(key)
    if (work.retry) this.#retrying -= 1
    this.#observer?.finished(this.#clock.monotonic() - work.since)
    const echoed = this.#echoed.delete(key) && !this.#failures.has(key)
    const again = this.#again.delete(key)
    if (echoed && !again) this.#observer?.added()
    if ((again || echoed) && !this.#closed) {
      this.#waiting.delete(key)
      const lane = this.#failures.has(key) ? this.#retries : this.#fresh
      lane.set(key, this.#clock.monotonic())
    }
    this.#dispatch()
  }

  /** Ends it: nothing is added or handed out any more, workers that wait get undefined. Keys in hands may be finished. */
  close(): void {
    this.#closed = true
    this.#cancelTimer()
    for (const taker of this.#takers.splice(0)) taker(undefined)
    this.#fresh.clear()
    this.#retries.clear()
  }

  #dispatch(): void {
    while (this.#takers.length > 0) {
      const retry = this.#fresh.size === 0 || this.#retryIsOlder()
      const lane = retry ? this.#retries : this.#fresh
      if (retry && this.#retrying >= this.#retryWorkers) return
      const first = lane.entries().next()
      if (first.done === true) return
      const [key, since] = first.value
      lane.delete(key)
      this.#hand(key, since, retry)
    }
  }

  #hand(key: Key, readySince: number, retry: boolean): void {
    const now = this.#clock.monotonic()
    // What this pass finds decides when the key is due next; an older due time would wake it for nothing.
    this.#waiting.delete(key)
    this.#working.set(key, { since: now, retry })
    if (retry) this.#retrying += 1
    this.#observer?.taken(now - readySince)
    this.#takers.shift()?.(key)
  }

  #retryIsOlder(): boolean {
    if (this.#retrying >= this.#retryWorkers) return false
    const [fresh] = this.#fresh.values()
    const [retry] = this.#retries.values()
    return retry !== undefined && (fresh === undefined || retry < fresh)
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
    for (let key = this.#waiting.take(now); key !== undefined; key = this.#waiting.take(now)) this.#ready(key)
    this.#arm()
  }
}
