/** The operator as main.ts starts it, with a wall clock that a test sets: the file holds by how many milliseconds it is ahead. */
import { readFileSync } from 'node:fs'
import { createAdapters } from '../../operator/app/adapters.ts'
import { parseConfig } from '../../operator/config/config.ts'
import { run } from '../../operator/app/run.ts'
import { createLogger } from '../../operator/runtime/logging/log.ts'

const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'))
const adapters = createAdapters(config, createLogger({ level: config.logLevel }))
const ahead = (): number => Number(readFileSync(process.env['TEST_CLOCK'] ?? '', 'utf8'))
const clock = { ...adapters.clock, now: () => Date.now() + ahead() }
const { started, stop } = run(config, { ...adapters, clock })
process.on('SIGTERM', () => void stop('SIGTERM').then((well) => process.exit(well ? 0 : 1)))
await started
