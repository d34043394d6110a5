/** Whom a change of names concerns: those who wait for one of them, and those who exchange theirs. Pure over the caches. */
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

/** Who waits for the name, who is in its exchange, and who leads that. */
export function aroundClaim(claim: NameClaim, { tenants }: Pick<Caches, 'tenants'>): readonly Tenant[] {
  const members = [claim.bound?.by, ...claim.handovers.map(({ data }) => data['uid'])]
  return [
    ...tenants.by('seeking', seekingTerm(claim)),
    ...members.flatMap((uid) => (uid === undefined ? [] : tenants.by('uid', uid))),
  ]
}

/** Those whom it matters to that the tenant wants other names, or that those of its customers follow its own. */
export function aroundNames(tenant: Tenant, caches: Caches): readonly Tenant[] {
  return [tenant, ...customersOf(tenant, caches)]
    .flatMap(({ metadata }) => caches.claims.by('holder', metadata.uid ?? ''))
    .flatMap((claim) => aroundClaim(claim, caches))
}

/** What of a Tenant says which names it wants, and which its customers do. */
export function nameSelector(tenant: Tenant): unknown {
  const { metadata, status } = tenant
  return [wantedCloudId(tenant), wantedSubdomain(tenant), status?.subdomain, metadata.deletionTimestamp]
}
