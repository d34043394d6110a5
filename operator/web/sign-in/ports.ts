/** The ports of sign-in. */
import type { Kube } from '../../kube/port.ts'
import type { Clock, Random } from '../../runtime/base/clock.ts'
import type { Logger } from '../../runtime/logging/log.ts'
import type { PeopleCaches } from '../identity/memberships.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { Audit } from './audit.ts'
import type { AccountThrottle } from './account-throttle.ts'
import type { HashSlots } from './hash-slots.ts'

export interface SignInPorts {
  /** Secrets of the web's namespace only. */
  readonly kube: Pick<Kube, 'get' | 'create' | 'replace'>
  readonly caches: PeopleCaches
  readonly store: SessionStore
  readonly throttle: AccountThrottle
  readonly hashing: HashSlots
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly audit: Audit
}
