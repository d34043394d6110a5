/** The context that the actions of one pass share. */
import type { Tenant } from '../../api/tenant.ts'
import type { Secret } from '../../kube/resources.ts'
import type { Contests } from '../contests/contests.ts'
import type { Occasion } from './occasion.ts'
import type { OwnWrites } from '../../runtime/cache/own-writes.ts'
import type { Identity } from '../../domain/marks.ts'
import type { AdoptionLocks } from '../observe/adoption-locks.ts'
import type { DatabaseState } from '../model/live-facts.ts'
import type { Effect, RefusedParameters } from '../model/outcome.ts'
import { keyOf } from '../../runtime/objects/object.ts'
import { StaleRead } from '../model/errors.ts'
import type { Kube } from '../../kube/port.ts'
import type { Random } from '../../runtime/base/clock.ts'
import type { Dispute } from '../contests/attempt.ts'

/** What the actions of one pass share. The Tenant changes under way, and with it its resourceVersion. */
export interface ApplyContext {
  tenant: Tenant | undefined
  refusedParameters?: RefusedParameters
  readonly occasion: Occasion
  readonly effects: Effect[]
  readonly contests: Pick<Contests, 'begin' | 'end'>
  /** What the look at the server found. */
  readonly databaseState: DatabaseState
  readonly writes: OwnWrites<Tenant>
  readonly identity: Identity
  readonly operatorNamespace: string
  readonly webNamespace: string
  readonly signal: AbortSignal
  readonly adoptionLocks: AdoptionLocks
  /** The passwords of Secrets that this pass has read or made, by `namespace/name`; they go no further. */
  readonly passwords: Map<string, string>
  /** For a rotation: the Secret as it was read, and the password that it is to hold. */
  readonly next: Map<string, { readonly read: Secret; readonly password: string }>
}

/** The Tenant as this pass has just written it. */
export function noteWritten(context: ApplyContext, after: Tenant): void {
  context.tenant = context.writes.note(keyOf(after), tenantOf(context), after)
}

export function tenantOf({ tenant }: ApplyContext): Tenant {
  if (tenant === undefined) throw new StaleRead('the Tenant is gone')
  return tenant
}

export interface KubePorts {
  readonly kube: Kube
  readonly random: Pick<Random, 'bytes'>
  readonly dispute: Dispute
}
