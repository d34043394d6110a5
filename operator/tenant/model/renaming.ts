/** What is known about a tenant's change of names. Frozen data. */
import type { NameClaim } from '../../domain/caches.ts'
import type { Current } from './naming.ts'

/** Each member's own claim, the tenant's own first; each wants the next one's, and the last wants the first's. */
export type SwapCycle = readonly NameClaim[]

export interface Renaming {
  /** Every claim that the tenant holds: its names, the former ones and those under way. */
  readonly held: readonly NameClaim[]
  readonly current: Current
  /** What the spec asks for, with the claims of these names, whoever holds them. */
  readonly wanted: {
    readonly cloudId: string
    readonly subdomain: string | undefined
    readonly host: string | undefined
    /** That would be generated for this Cloud ID. */
    readonly namespace: string
  }
  readonly claims: { readonly cloudId: NameClaim | undefined; readonly host: NameClaim | undefined }
  /** Those with whom the names can be exchanged. */
  readonly cycles: { readonly cloudId: SwapCycle | undefined; readonly host: SwapCycle | undefined }
  /** The claims that one of its own leads towards an exchange. */
  readonly led: readonly NameClaim[]
  /** The claims that lead an exchange in which the tenant is, once it is decided. */
  readonly decided: readonly NameClaim[]
  /** The claims of earlier Tenants of the same namespace and name that are gone. */
  readonly earlier: readonly NameClaim[]
  /** The uids of leaders that there is no Tenant of any more. */
  readonly lost: ReadonlySet<string>
}
