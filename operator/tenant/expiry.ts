/** When a tenant's account ends. Pure. */
import type { Tenant } from '../api/tenant.ts'

/**
 * The expiry in effect, RFC 3339; undefined where the account does not end. Where there is a license it is that of the last
 * good one, as the status records it.
 */
export function expiryOf({ spec, status }: Tenant): string | undefined {
  return spec.license === undefined ? spec.expiresAt : status?.license?.expiresAt
}

/** `now`: milliseconds since the epoch. */
export function isExpired(tenant: Tenant, now: number): boolean {
  const expiry = expiryOf(tenant)
  return expiry !== undefined && Date.parse(expiry) <= now
}

/** Milliseconds until the account ends; undefined where it does not, or has. */
export function expiresIn(tenant: Tenant, now: number): number | undefined {
  const expiry = expiryOf(tenant)
  if (expiry === undefined || isExpired(tenant, now)) return undefined
  return Date.parse(expiry) - now
}
