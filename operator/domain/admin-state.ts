/** The state of an admin: whether the admin has accepted, and may act. Pure. */
import type { TenantAdmin } from '../api/tenantadmin.ts'

/** Whether the admin has accepted the latest invite. */
export function hasAccepted(admin: TenantAdmin): boolean {
  return admin.status?.invite?.status === 'Accepted'
}

/** Whether the admin may act now. */
export function isInForce(admin: TenantAdmin): boolean {
  return hasAccepted(admin) && admin.spec.state === 'Active' && admin.metadata.deletionTimestamp === undefined
}
