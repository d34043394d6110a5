/** The outlook of a tenant: its status as the conditions say it. Data. */
import type { TenantStatus } from '../../api/tenant.ts'
import type { TenantPhase } from '../../api/phases.ts'
import type { Verdict } from '../../api/verdict.ts'

/** Status fields that exist only in a part of a life; fields that are not given are removed. */
export type LifeFields = Pick<TenantStatus, 'suspendedAt' | 'revivedAt' | 'archivedAt' | 'purgeAfter' | 'purge'>

/** A part of the tenant: in order, or why not. */
export type Part = 'Done' | Verdict

/** What the status says, in the words of the conditions. */
export interface Outlook {
  readonly phase: TenantPhase
  readonly ready: { readonly status: 'True' | 'False' } & Verdict
  readonly reconciling: Verdict | undefined
  readonly stalled: Verdict | undefined
  readonly namespace: Part
  readonly database: Part
  /** Why the tenant cannot be used although everything exists; undefined where nothing prevents its use. */
  readonly off?: Verdict
  /** Why the logins are off although the tenant is on; unchanged where `size` is. */
  readonly closed?: Verdict
  /** How much of its size limit the data takes; undefined: unchanged. */
  readonly size?: Verdict | 'Within'
  /** The outcome of a rehearsal of the last dump; undefined: unchanged. */
  readonly rehearsal?: { readonly status: 'True' | 'False' } & Verdict
  /** The tenant can be used whatever its parts say: a record is missing, not the objects. */
  readonly usable?: boolean
  /** The tenant could be used before: it still can where only the operator is kept from its server. */
  readonly wasUsable?: boolean
  /** The tenant was Active, and its namespace and Secret are there: it stays Active whatever fails, as nothing is created again. */
  readonly wasActive?: boolean
  /** Fields beside the conditions; those not given keep their value. */
  readonly fields: Partial<TenantStatus>
  /** The status fields of the tenant's life; undefined: unchanged. */
  readonly life?: LifeFields
  /** The same after a failure; undefined: as after success. */
  readonly unfinished?: LifeFields
}
