/**
 * Who belongs to whom: by where objects lie, by what they refer to, and by the namespace that a tenant's own status says it
 * owns, as labels on a namespace can be forged by whoever may write them. Pure over the caches.
 */
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { Cache } from '../runtime/cache.ts'
import { keyOf } from '../runtime/object.ts'

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

/** The TenantAdmins beside the tenant that name it, and those without tenantRef in `ownNamespace`. */
export function adminsOf(
  tenant: Tenant,
  ownNamespace: string | undefined,
  { admins }: { readonly admins: Pick<Cache<TenantAdmin, 'tenantRef' | 'ownNamespace'>, 'by'> },
): readonly TenantAdmin[] {
  const inside = ownNamespace === undefined ? [] : admins.by('ownNamespace', ownNamespace)
  return [...admins.by('tenantRef', keyOf(tenant)), ...inside]
}

/** With tenantRef the Tenant beside the admin, without it the one whose namespace this is; never one for the other. */
export function tenantOf(
  { metadata, spec }: TenantAdmin,
  caches: { readonly tenants: Pick<Cache<Tenant, 'owning'>, 'get' | 'by'> },
): Tenant | undefined {
  if (spec.tenantRef === undefined) return ownerOf(metadata.namespace, caches)
  return caches.tenants.get(`${metadata.namespace ?? ''}/${spec.tenantRef.name}`)
}
