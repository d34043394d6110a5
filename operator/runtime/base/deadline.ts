/** Signals that end after a time, and waits that a signal ends. */
import type { Clock } from './clock.ts'

export interface Deadline extends Disposable {
  /** Aborts when the time is over or `parent` aborts, with the reason of whichever came first. */
  readonly signal: AbortSignal
}

/** The reason of a signal that a {@link deadline} ended. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
}

/** A signal that ends after `milliseconds`. To be disposed (`using`) when the guarded work is over. */
export function deadline(clock: Clock, milliseconds: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController()
  const cancelTimer = clock.after(milliseconds, () =>
    controller.abort(new DeadlineExceeded(`no answer within ${milliseconds} ms`)),
  )
  const follow = () => controller.abort(parent?.reason)
  if (parent?.aborted === true) follow()
  else parent?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      cancelTimer()
      parent?.removeEventListener('abort', follow)
    },
  }
}

/** Resolves after `milliseconds`, or at once when `signal` aborts. */
export function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(milliseconds, end)
    signal.addEventListener('abort', end, { once: true })
  })
}

/** `promise`, but waited for `milliseconds` at most; then it continues unobserved. */
export async function within<T>(clock: Clock, milliseconds: number, promise: Promise<T>): Promise<T> {
  let cancel = () => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(milliseconds, () => reject(new DeadlineExceeded(`no answer within ${milliseconds} ms`)))
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel()
  }
}
