/**
 * Notices that the wall clock was set: by an administrator, by an NTP step, by a machine that slept. Due times are
 * recorded in wall time and waited for in monotonic time, so a wait that was measured before the jump is wrong after
 * it. Compares two numbers now and then, and reaches nothing outside.
 */
import type { Clock } from '../base/clock.ts'

export interface ClockWatchOptions {
  /** Milliseconds between two comparisons, and so the longest time for which a jump goes unnoticed. */
  readonly interval: number
  /** Milliseconds of difference between the two clocks, sudden or gradual, that are tolerated. */
  readonly tolerance: number
}

export const defaultClockWatch: ClockWatchOptions = { interval: 10_000, tolerance: 1_000 }

/**
 * Calls `onJump` with the milliseconds (negative: back) by which the wall clock has left the monotonic one, once for
 * each jump. A slow drift adds up until it counts. Ends when the returned function is called.
 */
export function watchClock(
  clock: Clock,
  onJump: (by: number) => void,
  { interval, tolerance }: ClockWatchOptions = defaultClockWatch,
): () => void {
  const apart = () => clock.now() - clock.monotonic()
  let known = apart()
  let cancel = () => {}
  const compare = (): void => {
    const by = apart() - known
    if (Math.abs(by) > tolerance) {
      known += by
      onJump(by)
    }
    cancel = clock.after(interval, compare)
  }
  cancel = clock.after(interval, compare)
  return () => cancel()
}
