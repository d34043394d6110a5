/** What tells one edit of a TenantPlan from another, and which tenants follow it. Pure. */
import type { Tenant } from '../api/tenant.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import { digest } from './fingerprint.ts'

/**
 * A digest of all that tenants get from a plan. Whether it is the default one is nothing that they get, and how many they may
 * invite is asked at each invite.
 */
export function planRevision({ spec }: TenantPlan): string {
  const { default: _default, admins: _admins, ...given } = spec
  return digest(given)
}

/** Whether all of the tenant is as this revision of its plan asks. Of one that goes nothing is brought to it any more. */
export function follows({ metadata, status }: Tenant, revision: string): boolean {
  return status?.planRevision === revision || metadata.deletionTimestamp !== undefined || status?.phase === 'Purged'
}
