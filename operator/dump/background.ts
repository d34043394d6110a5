/**
 * Runs jobs that take longer than a pass may: a pass begins a job and ends, and the end of the job wakes the tenant
 * (docs/decisions/0038-fair-to-people.md). One job for each tenant at a time; all jobs end with the leadership.
 */
import { semaphore } from '../runtime/base/semaphore.ts'
import type { Semaphore } from '../runtime/base/semaphore.ts'
import { doubled } from '../runtime/base/backoff.ts'
import type { BackoffOptions } from '../runtime/base/backoff.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { DumpError } from './port.ts'

export interface BackgroundOptions {
  /** How many jobs run at once. */
  readonly concurrency: number
  /** Milliseconds until a failed job is tried again; doubled each time, up to the last. */
  readonly retry: BackoffOptions
}

/** What is known of a job. `failure`: the error of the try before. */
export type Progress<R> =
  | { readonly kind: 'UnderWay'; readonly failure: Error | undefined }
  /** Milliseconds until the next try. */
  | { readonly kind: 'Waiting'; readonly failure: Error; readonly dueIn: number }
  | { readonly kind: 'Ended'; readonly result: R }

interface Known<R> {
  readonly key: string
  /** How often it failed in a row. */
  readonly times: number
  readonly state:
    | { readonly kind: 'UnderWay'; readonly failure: Error | undefined }
    /** `due`: monotonic. */
    | { readonly kind: 'Failed'; readonly failure: Error; readonly due: number }
    | { readonly kind: 'Ended'; readonly result: R }
}

/** `R`: the result of a job. */
export class Background<R> {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #retry: BackoffOptions
  readonly #limit: Semaphore
  /** The jobs by the tenant's uid. */
  readonly #known = new Map<string, Known<R>>()
  readonly #running = new Set<Promise<void>>()
  #stopping = new AbortController()
  #wake: (uid: string) => void = () => undefined

  constructor(clock: Pick<Clock, 'monotonic'>, { concurrency, retry }: BackgroundOptions) {
    this.#clock = clock
    this.#retry = retry
    this.#limit = semaphore(concurrency)
  }

  /** `wake` is called with the tenant's uid when a job of the tenant has ended. */
  readonly onEnd = (wake: (uid: string) => void): void => {
    this.#wake = wake
  }

  /** The progress of the job that `key` stands for; undefined where the job has to begin. */
  readonly of = (uid: string, key: string): Progress<R> | undefined => {
    const known = this.#known.get(uid)
    if (known === undefined) return undefined
    const { state } = known
    if (known.key !== key) return state.kind === 'UnderWay' ? { ...state, failure: undefined } : undefined
    if (state.kind !== 'Failed') return state
    const dueIn = state.due - this.#clock.monotonic()
    return dueIn > 0 ? { kind: 'Waiting', failure: state.failure, dueIn } : undefined
  }

  /** Returns at once. Another job of this tenant that is under way goes on, whatever it stands for. */
  readonly begin = (uid: string, key: string, job: (signal: AbortSignal) => Promise<R>): void => {
    const before = this.#known.get(uid)
    if (before?.state.kind === 'UnderWay') return
    const times = before?.key === key ? before.times : 0
    const failure = before?.key === key && before.state.kind === 'Failed' ? before.state.failure : undefined
    this.#known.set(uid, { key, times, state: { kind: 'UnderWay', failure } })
    const { signal } = this.#stopping
    const running = this.#limit
      .pass(signal, () => job(signal))
      .then(
        (result) => this.#end(uid, { key, times: 0, state: { kind: 'Ended', result } }, signal),
        (error: unknown) => this.#end(uid, this.#failed(key, times + 1, error), signal),
      )
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  /** Forgets a job that has ended. */
  readonly forget = (uid: string): void => {
    if (this.#known.get(uid)?.state.kind !== 'UnderWay') this.#known.delete(uid)
  }

  /** Ends all jobs, and waits until nothing of them is left. Others may be begun afterwards. */
  readonly stop = async (): Promise<void> => {
    this.#stopping.abort(new DumpError('Interrupted', 'The operator is stopping.'))
    this.#stopping = new AbortController()
    this.#known.clear()
    await Promise.allSettled(this.#running)
  }

  #failed(key: string, times: number, error: unknown): Known<R> {
    const failure = error instanceof Error ? error : new DumpError('Unknown', 'The job failed.', error)
    return {
      key,
      times,
      state: { kind: 'Failed', failure, due: this.#clock.monotonic() + doubled(times, this.#retry) },
    }
  }

  #end(uid: string, known: Known<R>, signal: AbortSignal): void {
    if (signal.aborted) return
    this.#known.set(uid, known)
    this.#wake(uid)
  }
}
