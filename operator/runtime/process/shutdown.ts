/**
 * Shuts the process down: named steps in order, each with a deadline. A step that fails or hangs does not keep the
 * others from running.
 */
import type { Clock } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { Logger } from '../logging/log.ts'

export interface Step {
  readonly name: string
  readonly run: () => Promise<void> | void
  /** Milliseconds. */
  readonly deadline: number
}

/**
 * A function that runs `steps` once, however often it is called (SIGTERM, then SIGINT). The usual order: readiness off,
 * workers drained, lease released, reflectors ended, connections and servers closed. It resolves to whether all went well.
 */
export function createShutdown(steps: readonly Step[], clock: Clock, log: Logger): (why: string) => Promise<boolean> {
  let running: Promise<boolean> | undefined
  const runAll = async (why: string): Promise<boolean> => {
    log.info('shutting down', { why })
    let clean = true
    for (const step of steps) {
      try {
        await within(clock, step.deadline, (async () => step.run())())
      } catch (error) {
        clean = false
        log.error('a step of the shutdown failed', { step: step.name, error })
      }
    }
    log.info('shut down', { clean })
    return clean
  }
  return (why) => (running ??= runAll(why))
}
