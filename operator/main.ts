/** The composition root: reads the environment, starts the operator with the real outside, ends it on a signal. */
import { readFileSync } from 'node:fs'
import { createAdapters } from './app/adapters.ts'
import { run } from './app/run.ts'
import { parseConfig } from './config/config.ts'
import { createLogger } from './runtime/logging/log.ts'
import { runUntilSignal } from './runtime/process/until-signal.ts'

await runUntilSignal(
  () => {
    const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'))
    // The base class reads the default kubeconfig in its constructor and throws on a broken one; the configured one must
    // be the one it finds.
    if (config.kubeconfig !== undefined) process.env['KUBECONFIG'] = config.kubeconfig
    return run(config, createAdapters(config, createLogger({ level: config.logLevel })))
  },
  process,
  createLogger({ level: 'info' }),
)
