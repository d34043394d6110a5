/** The home of a Tenant: a home namespace, or the namespace of the MSP whose customer it is. Pure over the caches. */
import { labels } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import { ownerOf } from './ownership.ts'
import type { TenantCaches } from './caches.ts'

/** Deeper than any real nesting; ends a cycle that hand-made labels could pretend. */
const deepest = 8

/**
 * The namespace of an MSP makes a customer; a namespace labelled as home makes a tenant of the installation; the
 * namespace of a Customer tenant, like any other namespace, is no place for a Tenant.
 */
export function homeOf(tenant: Tenant, caches: Pick<TenantCaches, 'tenants' | 'namespaces' | 'claims'>): Home {
  const ancestors = ancestorsOf(tenant, caches)
  const [parent] = ancestors
  if (parent !== undefined)
    return parent.spec.type === 'MSP' ? { kind: 'Msp', parent, ancestors } : { kind: 'NotAHome' }
  const [claim] = caches.claims.by('namespace', tenant.metadata.namespace ?? '')
  if (claim !== undefined) return { kind: 'Kept', msp: claim.tenant }
  const namespace = caches.namespaces.get(tenant.metadata.namespace ?? '')
  const isTenants = namespace?.labels[labels.tenantUid] !== undefined
  return namespace?.labels[labels.home] === 'true' && !isTenants ? { kind: 'Home' } : { kind: 'NotAHome' }
}

function ancestorsOf(tenant: Tenant, caches: Pick<TenantCaches, 'tenants'>): readonly Tenant[] {
  const found: Tenant[] = []
  for (let at = tenant; found.length < deepest;) {
    const parent = ownerOf(at.metadata.namespace, caches)
    if (parent === undefined || parent === tenant || found.includes(parent)) return found
    found.push(parent)
    at = parent
  }
  return found
}

/** What a Tenant is, by the namespace that it lies in. */
export type Home =
  | { readonly kind: 'Home' }
  /** The namespace of an MSP: the Tenant is its customer. `ancestors` begins with the parent. */
  | { readonly kind: 'Msp'; readonly parent: Tenant; readonly ancestors: readonly Tenant[] }
  /** The namespace of a tenant whose Tenant is gone, or has only just taken it over. `msp`: `namespace/name`. */
  | { readonly kind: 'Kept'; readonly msp: string }
  | { readonly kind: 'NotAHome' }
