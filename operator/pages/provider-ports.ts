/** The ports of the directories that people sign in with. */
import type { Clock, Random } from '../runtime/base/clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { ReadKeys } from '../tenantadmin/invite/signing-keys.ts'

export interface ProviderPorts {
  readonly keys: ReadKeys
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}
