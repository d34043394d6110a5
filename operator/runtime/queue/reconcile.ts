/**
 * The contract between a reconciler and the loop that calls it. There are three exits only: done, `requeueAfter`, or a
 * throw. The loop alone logs, counts and backs off.
 */
import type { BackoffOptions } from '../base/backoff.ts'

export interface Result {
  /** Milliseconds until the key is due again without any event. */
  readonly requeueAfter?: number
  /** The pauses between the attempts of a key that is stuck: a person has to act, and no event may report it. */
  readonly stuck?: BackoffOptions
  /** Nothing was done in this pass: counted failures stay. */
  readonly postponed?: true
}

export const done: Result = Object.freeze({})

/** A key is `namespace/name`, or `name` for cluster-scoped kinds. */
export type Key = string

/** Reads the world again for one key and brings it nearer to what is declared. Never told which event woke it. */
export type Reconcile = (key: Key, signal: AbortSignal) => Promise<Result>

/** A failure that backs off, for a key with another task that must not wait for that. */
export class FailedMeanwhile extends Error {
  override readonly name = 'FailedMeanwhile'
  /** Milliseconds until the other task is due. */
  readonly dueIn: number
  constructor(cause: unknown, dueIn: number) {
    super('failed, and something else is due', { cause })
    this.dueIn = dueIn
  }
}
