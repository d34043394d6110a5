/**
 * The parent, the customers and the admins of a tenant: by the namespace of an object, by its references, and by the
 * namespace in the tenant's own status, as labels of a namespace can be forged. Pure over the caches.
 */
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import { keyOf } from '../runtime/objects/object.ts'
import type { NameClaim } from './caches.ts'

/** The tenant whose namespace this is. */
export function ownerOf(
  namespace: string | undefined,
  { tenants }: { readonly tenants: Pick<Cache<Tenant, 'owning'>, 'by'> },
): Tenant | undefined {
  return tenants.by('owning', namespace ?? '')[0]
}

/** The Tenants in the namespace that the tenant owns. */
export function customersOf(
  { status }: Tenant,
  { tenants }: { readonly tenants: Pick<Cache<Tenant, 'lyingIn'>, 'by'> },
): readonly Tenant[] {
  return status?.namespace === undefined ? [] : tenants.by('lyingIn', status.namespace)
}

type ClaimsByHolder = { readonly claims: Pick<Cache<NameClaim, 'holder'>, 'by'> }

/**
 * The uids of the tenants that this one has taken over. The claims record them, and outlive every object of the tenant.
 */
export function formerUidsOf({ metadata, status }: Tenant, { claims }: ClaimsByHolder): readonly string[] {
  const recorded = claims.by('holder', metadata.uid ?? '').flatMap((claim) => claim.formerUids)
  return [...new Set([...recorded, ...(status?.adopted ?? [])])].toSorted()
}

/** The tenant's uid and its former ones. What was granted for any of them was granted for this tenant. */
export function uidsOf(tenant: Tenant, caches: ClaimsByHolder): readonly string[] {
  return [tenant.metadata.uid ?? '', ...formerUidsOf(tenant, caches)]
}

/** The TenantAdmins beside the tenant that name it, and those without tenantRef in `ownNamespace`. */
export function adminsOf(
  tenant: Tenant,
  ownNamespace: string | undefined,
  caches: ClaimsByHolder & { readonly admins: Pick<Cache<TenantAdmin, 'tenantRef' | 'ownNamespace'>, 'by'> },
): readonly TenantAdmin[] {
  const { admins } = caches
  const inside = ownNamespace === undefined ? [] : admins.by('ownNamespace', ownNamespace)
  const uids = uidsOf(tenant, caches)
  return [...admins.by('tenantRef', keyOf(tenant)), ...inside].map((admin) => adminFor(admin, uids))
}

/**
 * The admin as a tenant with these uids may use it: an invite or acceptance for another tenant of the same name does
 * not count, one for this tenant does. The status bears the earlier tenant's uid until the TenantAdmin reconciler has
 * looked, and says NotYetActive until that reconciler knows that the earlier tenant was taken over.
 */
export function adminFor(admin: TenantAdmin, uids: readonly string[]): TenantAdmin {
  const { status } = admin
  if (status?.invite === undefined || status.tenant === undefined) return admin
  if (uids.includes(status.tenant.uid)) {
    if (status.invite.acceptedAt === undefined) return admin
    return { ...admin, status: { ...status, invite: { ...status.invite, status: 'Accepted' } } }
  }
  const { consent: _consent, ...rest } = status
  return { ...admin, status: { ...rest, invite: { status: 'NotYetActive' } } }
}

/**
 * With tenantRef the Tenant beside the admin; without it the Tenant whose namespace this is; never one for the other.
 */
export function tenantOf(
  { metadata, spec }: TenantAdmin,
  caches: { readonly tenants: Pick<Cache<Tenant, 'owning'>, 'get' | 'by'> },
): Tenant | undefined {
  if (spec.tenantRef === undefined) return ownerOf(metadata.namespace, caches)
  return caches.tenants.get(`${metadata.namespace ?? ''}/${spec.tenantRef.name}`)
}
