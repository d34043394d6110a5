/** The machine's own clock and random numbers, behind the ports through which everything else takes them. */
import { randomBytes } from 'node:crypto'
import type { Clock, Random } from './clock.ts'

/** The longest delay of Node's timers (2^31 − 1 ms); a longer one is waited for in pieces. */
const longestDelay = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delay, run) => {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      const piece = Math.min(Math.max(left, 0), longestDelay)
      timer = setTimeout(() => (left > piece ? wait(left - piece) : run()), piece)
    }
    wait(delay)
    return () => clearTimeout(timer)
  },
}

export const systemRandom: Random = {
  bytes: (size) => randomBytes(size),
  fraction: () => Math.random(),
}
