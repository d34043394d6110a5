/** Ends a stream that counts as dead: after a time, or after a silence. */
import type { Clock } from '../base/clock.ts'

/**
 * When a stream counts as dead: `ends` milliseconds from now, or when `silent` (when it was last heard, monotonic) lies
 * `after` milliseconds back.
 */
export type Rule = { readonly ends: number } | { readonly silent: () => number; readonly after: number }

export interface Watchdog extends Disposable {
  /** Aborts when the rule says so, or with its parent. */
  readonly signal: AbortSignal
  /** Replaces the rule: the stream ends `milliseconds` from now. */
  endIn(milliseconds: number): void
}

export function watchdog(clock: Clock, rule: Rule, parent: AbortSignal): Watchdog {
  const controller = new AbortController()
  const end = () => controller.abort()
  const started = clock.monotonic()
  let cancel = () => {}
  const check = (silent: () => number, after: number): void => {
    const left = silent() + after - clock.monotonic()
    if (left <= 0) end()
    else cancel = clock.after(left, () => check(silent, after))
  }
  if ('ends' in rule) cancel = clock.after(rule.ends, end)
  else check(() => Math.max(started, rule.silent()), rule.after)
  if (parent.aborted) end()
  parent.addEventListener('abort', end, { once: true })
  return {
    signal: controller.signal,
    endIn: (milliseconds) => {
      cancel()
      cancel = clock.after(milliseconds, end)
    },
    [Symbol.dispose]: () => {
      cancel()
      parent.removeEventListener('abort', end)
    },
  }
}
