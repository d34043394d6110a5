/**
 * The Tenants that a change of names concerns: those that wait for a name, and those in a swap. Pure over the caches.
 */
import type { Tenant } from '../api/tenant.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import { customersOf } from './ownership.ts'
import { seekingTerm } from './caches.ts'
import type { NameClaim } from './caches.ts'
import { wantedCloudId, wantedSubdomain } from './desired-names.ts'

interface Caches {
  readonly tenants: Pick<Cache<Tenant, 'uid' | 'seeking' | 'lyingIn'>, 'by'>
  readonly claims: Pick<Cache<NameClaim, 'holder'>, 'by'>
}

/** The Tenants that wait for the name, the members of its swap, and the swap's leader. */
export function aroundClaim(claim: NameClaim, { tenants }: Pick<Caches, 'tenants'>): readonly Tenant[] {
  const members = [claim.bound?.by, ...claim.handovers.map(({ data }) => data['uid'])]
  return [
    ...tenants.by('seeking', seekingTerm(claim)),
    ...members.flatMap((uid) => (uid === undefined ? [] : tenants.by('uid', uid))),
  ]
}

/** The Tenants that are affected when this one wants other names, or when its customers' names follow its own. */
export function aroundNames(tenant: Tenant, caches: Caches): readonly Tenant[] {
  return [tenant, ...customersOf(tenant, caches)]
    .flatMap(({ metadata }) => caches.claims.by('holder', metadata.uid ?? ''))
    .flatMap((claim) => aroundClaim(claim, caches))
}

/** The parts of a Tenant that say which names it wants, and which names its customers want. */
export function nameSelector(tenant: Tenant): unknown {
  const { metadata, status } = tenant
  return [wantedCloudId(tenant), wantedSubdomain(tenant), status?.subdomain, metadata.deletionTimestamp]
}
