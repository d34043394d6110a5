/** What is to be said of a tenant, in the words of the conditions. Data. */
import type { TenantStatus } from '../../api/tenant.ts'
import type { TenantPhase } from '../../api/phases.ts'
import type { Verdict } from '../../api/verdict.ts'

/** Fields of the status that are there only in a part of a life; those not given are taken away. */
export type LifeFields = Pick<TenantStatus, 'suspendedAt' | 'revivedAt' | 'archivedAt' | 'purgeAfter' | 'purge'>

/** A part of the tenant: there and as it should be, or why not. */
export type Part = 'Done' | Verdict

/** What is to be said, in the words of the conditions. */
export interface Outlook {
  readonly phase: TenantPhase
  readonly ready: { readonly status: 'True' | 'False' } & Verdict
  readonly reconciling: Verdict | undefined
  readonly stalled: Verdict | undefined
  readonly namespace: Part
  readonly database: Part
  /** Why the tenant cannot be used although everything is there; undefined where nothing keeps it from being used. */
  readonly off?: Verdict
  /** Why its logins are off although it is on; as it was told where `size` is. */
  readonly closed?: Verdict
  /** How much of the size that its data may have it takes; undefined: as it was told. */
  readonly size?: Verdict | 'Within'
  /** What a rehearsal of the last dump came to; undefined: as it was told. */
  readonly rehearsal?: { readonly status: 'True' | 'False' } & Verdict
  /** It can be used whatever its parts say: a record is missing, not what was made. */
  readonly usable?: boolean
  /** It could be used before: it still can where nothing but the operator is kept from its server. */
  readonly wasUsable?: boolean
  /** Fields beside the conditions; those not given keep their value. */
  readonly fields: Partial<TenantStatus>
  /** What its life leaves in the status; undefined: as it was. */
  readonly life?: LifeFields
  /** The same where something failed; undefined: as with success. */
  readonly unfinished?: LifeFields
}
