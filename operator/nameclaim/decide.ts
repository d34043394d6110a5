/**
 * Decides about former names of retained tenants (deletion.policy Retain): no Tenant is left to release them, so they
 * become free when their time is over. The current names stay reserved with the data. Pure.
 */
import type { NameClaim } from '../domain/caches.ts'

export type ClaimPlan =
  | { readonly kind: 'Keep' }
  /** `after`: milliseconds until its time is over. */
  | { readonly kind: 'Wait'; readonly after: number }
  | { readonly kind: 'Release' }

/** `held`: whether its holder's Tenant exists, which gives the name up itself. `now`: milliseconds since the epoch. */
export function decide(claim: NameClaim, held: boolean, now: number): ClaimPlan {
  const swapped = claim.bound !== undefined || claim.handovers.length > 0
  if (!isFormerOfKept(claim) || held || swapped) return { kind: 'Keep' }
  const left = Date.parse(claim.until ?? '') - now
  return left > 0 ? { kind: 'Wait', after: left } : { kind: 'Release' }
}

/**
 * Only of tenants that were kept on purpose: a tenant that comes back from a backup may have its Tenant in a moment.
 */
export function isFormerOfKept({ retained, until }: NameClaim): boolean {
  return retained && until !== undefined
}
