/** The operator as main.ts starts it, with its ports decorated. */
import { readFileSync } from 'node:fs'
import { createAdapters } from '../../operator/app/adapters.ts'
import { parseConfig } from '../../operator/config/config.ts'
import type { Config } from '../../operator/config/config.ts'
import type { Adapters } from '../../operator/app/ports.ts'
import { run } from '../../operator/app/run.ts'
import { createLogger } from '../../operator/runtime/logging/log.ts'

/** Resolves when it has started; SIGTERM ends the process. */
export async function runDecorated(decorate: (adapters: Adapters, config: Config) => Adapters): Promise<void> {
  const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'))
  const adapters = createAdapters(config, createLogger({ level: config.logLevel }))
  const { started, stop } = run(config, decorate(adapters, config))
  process.on('SIGTERM', () => void stop('SIGTERM').then((well) => process.exit(well ? 0 : 1)))
  await started
}
