/** What is known about a tenant's change of names. Frozen data. */
import type { Claim } from '../../domain/caches.ts'
import type { Current } from './naming.ts'

/** Each member's own claim, the tenant's own first; each wants the next one's, and the last wants the first's. */
export type Ring = readonly Claim[]

export interface Renaming {
  /** Every claim that the tenant holds: its names, the former ones and those under way. */
  readonly held: readonly Claim[]
  readonly current: Current
  /** What the spec asks for, with the claims of these names, whoever holds them. */
  readonly wanted: {
    readonly cloudId: string
    readonly subdomain: string | undefined
    readonly host: string | undefined
    /** That would be generated for this Cloud ID. */
    readonly namespace: string
  }
  readonly claims: { readonly cloudId: Claim | undefined; readonly host: Claim | undefined }
  /** Those with whom the names can be exchanged. */
  readonly rings: { readonly cloudId: Ring | undefined; readonly host: Ring | undefined }
  /** The claims that one of its own leads towards an exchange. */
  readonly led: readonly Claim[]
  /** The claims that lead an exchange in which the tenant is, once it is decided. */
  readonly decided: readonly Claim[]
  /** The claims of earlier Tenants of the same namespace and name that are gone. */
  readonly earlier: readonly Claim[]
  /** The uids of leaders that there is no Tenant of any more. */
  readonly lost: ReadonlySet<string>
}
