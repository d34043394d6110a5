/** The options of a queue, and its observer. */
import type { Clock, Random } from '../base/clock.ts'
import type { BackoffOptions } from '../base/backoff.ts'

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
