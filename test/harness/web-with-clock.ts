/** The pages as web-main.ts starts them, with a wall clock that a test sets: the file holds by how many milliseconds it is ahead. */
import { readFileSync } from 'node:fs'
import { parseWebConfig } from '../../operator/config/web-config.ts'
import { createPagesAdapters } from '../../operator/pages/pages-adapters.ts'
import { runPages } from '../../operator/pages/run-pages.ts'
import { createLogger } from '../../operator/runtime/logging/log.ts'

const config = parseWebConfig(process.env, (path) => readFileSync(path, 'utf8'))
const adapters = createPagesAdapters(config, createLogger({ level: config.logLevel }))
const ahead = (): number => Number(readFileSync(process.env['TEST_CLOCK'] ?? '', 'utf8'))
const clock = { ...adapters.clock, now: () => Date.now() + ahead() }
const { started, stop } = runPages(config, { ...adapters, clock })
process.on('SIGTERM', () => void stop('SIGTERM').then((well) => process.exit(well ? 0 : 1)))
await started
