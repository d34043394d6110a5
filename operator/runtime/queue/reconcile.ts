/**
 * The contract between a reconciler and the loop that calls it. A pass returns a {@link Result} or throws. The loop
 * alone logs, counts and backs off.
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

/** A failure that the status of the object has already. It backs off. */
export class ReportedFailure extends Error {
  override readonly name = 'ReportedFailure'
  /** Milliseconds until another task of the key is due, which must not wait for the backoff. */
  readonly dueIn: number | undefined
  constructor(cause: unknown, dueIn: number | undefined) {
    super('failed, and the status says so', { cause })
    this.dueIn = dueIn
  }
}
