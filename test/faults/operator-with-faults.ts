/** The operator as main.ts starts it, with its ports decorated so that it ends itself at a chosen effect. */
import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createAdapters } from '../../operator/adapters.ts'
import { parseConfig } from '../../operator/config.ts'
import { run } from '../../operator/run.ts'
import { createLogger } from '../../operator/runtime/log.ts'
import { withEffects } from './decorators.ts'
import { Effects } from './effects.ts'

const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'))
const files = { arms: process.env['FAULT_ARMS'] ?? '', log: process.env['FAULT_LOG'] ?? '' }
const adapters = createAdapters(config, createLogger({ level: config.logLevel }))
const { started, stop } = run(config, withEffects(adapters, new Effects(files, config.installation ?? '')))
process.on('SIGTERM', () => void stop('SIGTERM').then((well) => process.exit(well ? 0 : 1)))
await started
// It is written at a regular end otherwise, to which few of these come.
flushCompileCache()
