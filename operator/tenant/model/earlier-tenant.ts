/**
 * An earlier Tenant of the same namespace and name that is gone while its claims still exist: kept on purpose, or left
 * behind when its finalizer was removed by hand. The author of the new Tenant may know of it, and decides what becomes
 * of its names. Pure.
 */
import { annotations, labels } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Cache } from '../../runtime/cache/cache.ts'
import { keyOf, repeatsName } from '../../runtime/objects/object.ts'
import type { Identity } from '../../domain/marks.ts'
import type { NameClaim, NamespaceView } from '../../domain/caches.ts'

interface EarlierCaches {
  readonly claims: Pick<Cache<NameClaim, 'tenant'>, 'by'>
  readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
}

/** The earlier Tenant's claims; of several earlier Tenants, all their claims. */
export function earlierClaims(tenant: Tenant, { claims, tenants }: EarlierCaches): readonly NameClaim[] {
  const { uid } = tenant.metadata
  return claims
    .by('tenant', keyOf(tenant))
    .filter(({ holder }) => holder !== uid && tenants.by('uid', holder).length === 0)
}

/**
 * Whether the claim belongs to an earlier Tenant of the same namespace and name. Nothing is revealed of any other
 * holder.
 */
export function isEarlier(claim: Pick<NameClaim, 'tenant' | 'holder'>, { tenant, uid }: Identity): boolean {
  return claim.tenant === tenant && claim.holder !== uid
}

/** Whether the Tenant is to start without the earlier one. The annotation repeats the Tenant's name. */
export function givesUp(tenant: Tenant): boolean {
  return repeatsName(tenant, annotations.giveUp)
}

/** Whether the namespace was made for another Tenant. */
export function isAnothers(namespace: NamespaceView | undefined, uid: string): boolean {
  const owner = namespace?.labels[labels.tenantUid]
  return owner !== undefined && owner !== uid
}
