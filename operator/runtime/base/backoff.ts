/** Exponential backoff, with and without randomness. */
import type { Random } from './clock.ts'

export interface BackoffOptions {
  /** The first delay in milliseconds. */
  readonly base: number
  /** No delay is longer than this, in milliseconds. */
  readonly cap: number
}

/** What controller-runtime's default rate limiter does: 5 ms doubled up to 1000 s. */
export const itemBackoff: BackoffOptions = { base: 5, cap: 1_000_000 }

/**
 * The delay after `failures` failures in a row (1 is the first) without randomness: doubled each time, up to the cap.
 */
export function doubled(failures: number, { base, cap }: BackoffOptions): number {
  return Math.min(cap, base * 2 ** Math.min(failures - 1, 40))
}

/**
 * The delay after `failures` failures in a row (1 is the first): exponential, with its upper half random, so that
 * simultaneous failures are not retried simultaneously.
 */
export function backoff(failures: number, options: BackoffOptions, random: Pick<Random, 'fraction'>): number {
  const full = doubled(failures, options)
  return full / 2 + (full / 2) * random.fraction()
}
