/** Runs a process until it is told to end, and says in the log why it did not start. */
import type { Logger } from '../logging/log.ts'
import type { Running } from './running.ts'

/** What this needs of Node's `process`. */
export interface ProcessPort {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  exit(code: number): never
  exitCode?: number | string | null | undefined
}

/** Settings that cannot be used, one sentence per line; the exit code is 2. */
export interface SettingsError extends Error {
  readonly problems: readonly string[]
}

/** `run` may throw, as its `started` may reject: a {@link SettingsError}, or an error in a plain sentence. */
export async function runUntilSignal(run: () => Running, host: ProcessPort, log: Logger): Promise<void> {
  try {
    const { started, stop } = run()
    const end = async (why: string, status: number): Promise<never> => host.exit((await stop(why)) ? status : 1)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) host.on(signal, () => void end(signal, 0))
    try {
      await started
    } catch (error) {
      logFailure(error, log)
      await end('the start failed', 1)
    }
  } catch (error) {
    logFailure(error, log)
    host.exitCode = isSettingsError(error) ? 2 : 1
  }
}

/** People read this one, in the pod's log: sentences, no stack. */
function logFailure(error: unknown, log: Logger): void {
  const whole = error instanceof Error ? error.message : String(error)
  for (const problem of isSettingsError(error) ? error.problems : [whole]) log.error(problem)
}

function isSettingsError(error: unknown): error is SettingsError {
  return error instanceof Error && 'problems' in error && Array.isArray(error.problems)
}
