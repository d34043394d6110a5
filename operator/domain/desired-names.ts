/** The names that a Tenant asks for. Pure. */
import { hostName } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'

const subdomainForm = /^[a-z][a-z0-9]{0,9}$/

/** The Cloud ID that the spec asks for. */
export function wantedCloudId({ metadata, spec }: Pick<Tenant, 'metadata' | 'spec'>): string {
  return spec.cloudId ?? metadata.name
}

/** The subdomain that the spec asks for: its own, or the Cloud ID where that fits. */
export function wantedSubdomain(tenant: Pick<Tenant, 'metadata' | 'spec'>): string | undefined {
  const { subdomain } = tenant.spec
  if (subdomain !== undefined) return subdomain
  const cloudId = wantedCloudId(tenant)
  return subdomainForm.test(cloudId) ? cloudId : undefined
}

/** The subdomain that the tenant goes by now. */
export function effectiveSubdomain(tenant: Tenant): string | undefined {
  return tenant.status?.subdomain ?? wantedSubdomain(tenant)
}

/**
 * The tenant's own subdomain in a host name, as {@link hostName} made it: a subdomain has no hyphen, and the parent's
 * follows it.
 */
export function subdomainIn(host: string | undefined): string | undefined {
  return host?.split('.')[0]?.split('-')[0]
}

/**
 * The host name that the spec and the parent MSP ask for. Only another subdomain changes the host of `current`: a
 * new base domain applies to new names only.
 */
export function wantedHost(
  tenant: Tenant,
  parent: Tenant | undefined,
  baseDomain: string,
  current: string | undefined,
): string | undefined {
  const subdomain = wantedSubdomain(tenant)
  if (subdomain === undefined) return current
  const host = hostName(subdomain, parent === undefined ? undefined : effectiveSubdomain(parent), baseDomain)
  return current?.split('.')[0] === host.split('.')[0] ? current : host
}
