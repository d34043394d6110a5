/** The holds on a deletion that has not begun: the deletion brake and the grace period. Frozen data. */

/** A Tenant whose deletion would remove something. */
export interface AskedDeletion {
  readonly uid: string
  /** `namespace/name`. */
  readonly tenant: string
  /** Its deletionTimestamp, by the API server's clock. */
  readonly deletedAt: string
  /** The MSP whose customer the Tenant is. */
  readonly msp: { readonly uid: string; readonly name: string } | undefined
}

/** A deletion that was let through, as the record keeps it. */
export interface BegunDeletion {
  readonly uid: string
  readonly tenant: string
  readonly deletedAt: string
  /** When it was let through, by the operator's clock. */
  readonly begunAt: string
  /** The uid of the MSP. */
  readonly msp: string | undefined
}

/** The deletions that the deletion brake counts, by the record and the caches. */
export interface RecentDeletions {
  /** The deletions that were let through. */
  readonly begun: readonly BegunDeletion[]
  /** The Tenants in deletion about which nothing is recorded. */
  readonly asked: readonly AskedDeletion[]
  /** The uids of recorded deletions whose Tenants no longer exist. */
  readonly gone: ReadonlySet<string>
}

/** The deletion brake's answer on a deletion that has not begun. */
export type Brake =
  | {
      readonly kind: 'Hold'
      readonly because: string
      /** Since when (RFC 3339). */
      readonly heldAt: string
      /** When the hold ends without an administrator's word, and in how many milliseconds that is. */
      readonly released: { readonly at: string; readonly in: number } | undefined
    }
  /**
   * The deletion may begin once `deletion` is recorded. `over`: the uids of recorded deletions that no longer count.
   */
  | {
      readonly kind: 'Permit'
      readonly asked: AskedDeletion
      readonly deletion: BegunDeletion
      readonly over: readonly string[]
    }

/** A grace period that is not over. */
export interface Grace {
  /** RFC 3339. */
  readonly until: string
  /** Milliseconds until then. */
  readonly in: number
  /** The setting that gives it; undefined where another setting gave it, and the status said so. */
  readonly by: string | undefined
}
