/** The facts about a tenant's change of names. Frozen data. */
import type { NameClaim } from '../../domain/caches.ts'
import type { Current } from './naming.ts'

/** Each member's own claim, the tenant's own first; each wants the next one's, and the last wants the first's. */
export type SwapCycle = readonly NameClaim[]

export interface Renaming {
  /** Every claim that the tenant holds: its current names, the former ones, and names that are being taken. */
  readonly held: readonly NameClaim[]
  readonly current: Current
  /** The names in the spec, with their claims, of this tenant or another. */
  readonly wanted: {
    readonly cloudId: string
    readonly subdomain: string | undefined
    readonly host: string | undefined
    /** The namespace name that this Cloud ID would generate. */
    readonly namespace: string
  }
  readonly claims: { readonly cloudId: NameClaim | undefined; readonly host: NameClaim | undefined }
  /** The cycles in which the names can be swapped. */
  readonly cycles: { readonly cloudId: SwapCycle | undefined; readonly host: SwapCycle | undefined }
  /** The claims that one of the tenant's own claims leads towards a swap. */
  readonly led: readonly NameClaim[]
  /** The leading claims of decided swaps in which the tenant is a member. */
  readonly decided: readonly NameClaim[]
  /** The claims of earlier Tenants of the same namespace and name that are gone. */
  readonly earlier: readonly NameClaim[]
  /** The uids of leaders whose Tenant no longer exists. */
  readonly lost: ReadonlySet<string>
}
