import { setTimeout as sleep } from 'node:timers/promises'

export interface EventuallyOptions {
  /** Milliseconds until it counts as failed; 30,000 by default. */
  readonly timeout?: number
  /** Milliseconds between two checks. Default: a tenth of the time waited so far, 25 at least and 250 at most. */
  readonly interval?: number
  /** What is waited for, as the end of the sentence "still waiting for …". */
  readonly describe?: string
}

/** The condition of `eventually` did not come true in time; `cause` is what the last check threw, if it threw. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/** A check was not over at the end of the time. */
class CheckHangs extends Error {}

/** What a check answers while its condition does not hold yet. Everything else, 0 and '' included, ends the wait. */
export type NotYet = undefined | null | false

/**
 * Repeats `check` until it answers something else than undefined, null or false, and returns that. A check may throw
 * while its condition does not hold: the last error becomes part of the failure's message.
 * @throws TimeoutError after `timeout` milliseconds, also when one check hangs that long.
 */
export async function eventually<T>(
  check: () => T | NotYet | Promise<T | NotYet>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeout = 30_000, describe = 'the condition' } = options
  const start = performance.now()
  const deadline = start + timeout
  let last: unknown
  while (performance.now() < deadline) {
    try {
      const answer = await within(deadline, check)
      if (answer !== undefined && answer !== null && answer !== false) return answer
      last = undefined
    } catch (error) {
      // What the one before it said tells more.
      if (!(error instanceof CheckHangs && last !== undefined)) last = error
    }
    const waited = performance.now() - start
    const { interval = Math.min(250, Math.max(25, waited / 10)) } = options
    await sleep(Math.min(interval, Math.max(0, timeout - waited)))
  }
  const why = last === undefined ? '' : `; the last check failed with: ${messageOf(last)}`
  throw new TimeoutError(`After ${timeout} ms still waiting for ${describe}${why}`, { cause: last })
}

/**
 * Sees that `check` holds all the time for `duration` milliseconds: for what must not happen. It throws what `check`
 * throws.
 */
export async function throughout(duration: number, check: () => void | Promise<void>, interval = 50): Promise<void> {
  const deadline = performance.now() + duration
  do {
    await check()
    await sleep(interval)
  } while (performance.now() < deadline)
}

/** Does it again, `times` in all at most, while what it throws is what `passes` tells of: that may be otherwise at once. */
export async function repeated<T>(
  act: () => Promise<T>,
  { times, passes }: { readonly times: number; readonly passes: (error: unknown) => boolean },
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act()
    } catch (error) {
      if (tries === times || !passes(error)) throw error
    }
  }
}

/** Waits until all have settled, so that none is left half started. @throws what the first of them failed with. */
export async function allOf<T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

async function within<T>(deadline: number, run: () => T | Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const left = Math.max(1, deadline - performance.now())
  const timer = setTimeout(() => reject(new CheckHangs(`it was not over after ${Math.round(left)} ms`)), left)
  try {
    return await Promise.race([promise, Promise.resolve(run())])
  } finally {
    clearTimeout(timer)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
