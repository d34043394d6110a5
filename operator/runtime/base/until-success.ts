/** Tries until it succeeds, with growing pauses. */
import { backoff } from './backoff.ts'
import type { BackoffOptions } from './backoff.ts'
import type { Clock, Random } from './clock.ts'
import { pause } from './deadline.ts'

export interface Trying {
  readonly clock: Clock
  readonly random: Pick<Random, 'fraction'>
  readonly pauses: BackoffOptions
  readonly signal: AbortSignal
  /** Before each pause. What it throws ends the trying. */
  readonly onFailure: (error: unknown) => void
}

/** The result of `work`; undefined when the signal aborts first. @throws what `onFailure` throws */
export async function untilSuccess<T>(
  work: () => Promise<T>,
  { clock, random, pauses, signal, onFailure }: Trying,
): Promise<T | undefined> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) return undefined
      onFailure(error)
      await pause(clock, backoff(failures, pauses, random), signal)
    }
  }
  return undefined
}
