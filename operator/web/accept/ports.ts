/** The ports of the pages: they read live and create acceptances, and never write a status. */
import type { Kube } from '../../kube/port.ts'
import type { Clock, Random } from '../../runtime/base/clock.ts'
import type { Logger } from '../../runtime/logging/log.ts'
import type { ReadKeys } from '../../tenantadmin/invite/signing-keys.ts'

export interface WebPorts {
  readonly kube: Pick<Kube, 'get' | 'create' | 'delete'>
  readonly keys: ReadKeys
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}
