/** The composition root of the pages: reads the environment, starts them with the real outside, ends them on a signal. */
import { readFileSync } from 'node:fs'
import { parseWebConfig } from './config/web-config.ts'
import { createPagesAdapters } from './pages/pages-adapters.ts'
import { runPages } from './pages/run-pages.ts'
import { createLogger } from './runtime/logging/log.ts'
import { runUntilSignal } from './runtime/process/until-signal.ts'

await runUntilSignal(
  () => {
    const config = parseWebConfig(process.env, (path) => readFileSync(path, 'utf8'))
    return runPages(config, createPagesAdapters(config, createLogger({ level: config.logLevel })))
  },
  process,
  createLogger({ level: 'info' }),
)
