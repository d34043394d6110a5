/** The composition root: reads the environment, starts the operator with the real outside, ends it on a signal. */
import { readFileSync } from 'node:fs'
import { createAdapters } from './app/adapters.ts'
import { ConfigError, parseConfig } from './config/config.ts'
import { createLogger } from './runtime/logging/log.ts'
import { run } from './app/run.ts'

const log = createLogger({ level: 'info' })

async function main(): Promise<void> {
  const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'))
  // The base class reads the default kubeconfig in its constructor and throws on a broken one; the configured one must
  // be the one it finds.
  if (config.kubeconfig !== undefined) process.env['KUBECONFIG'] = config.kubeconfig
  const { started, stop } = run(config, createAdapters(config, createLogger({ level: config.logLevel })))
  const end = async (why: string, status: number): Promise<never> => process.exit((await stop(why)) ? status : 1)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal, 0))
  try {
    await started
  } catch (error) {
    logFailure(error)
    await end('the start failed', 1)
  }
}

/** People read this one, in the pod's log: sentences, no stack. */
function logFailure(error: unknown): void {
  const whole = error instanceof Error ? error.message : String(error)
  for (const problem of error instanceof ConfigError ? error.problems : [whole]) log.error(problem)
}

main().catch((error: unknown) => {
  logFailure(error)
  process.exitCode = error instanceof ConfigError ? 2 : 1
})
