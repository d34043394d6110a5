/** The person behind a TenantAdmin: the e-mail address, the Kubernetes user, the right to a username. Pure. */
import type { TenantAdmin, TenantAdminStatus } from '../api/tenantadmin.ts'

/** The address that was invited; an address that is only in the spec has accepted nothing. */
export function addressOf({ spec }: Pick<TenantAdmin, 'spec'>, invite: TenantAdminStatus['invite']): string {
  return invite?.address ?? spec.email
}

/** The admin's Kubernetes user; undefined for names that belong to Kubernetes itself. */
export function userOf(
  admin: Pick<TenantAdmin, 'spec'>,
  invite: TenantAdminStatus['invite'],
  userPrefix: string,
): string | undefined {
  const user = admin.spec.user ?? `${userPrefix}${addressOf(admin, invite).toLowerCase()}`
  return user.startsWith('system:') ? undefined : user
}

/** Whether two admins ask for one username, regardless of case. */
export function sameUsername(one: TenantAdmin, other: TenantAdmin): boolean {
  return one.spec.username.toLowerCase() === other.spec.username.toLowerCase()
}

/**
 * An admin that has accepted comes first, the earlier before the later; then the older object; of the same second, the
 * lower uid.
 */
export function byRightToUsername(one: TenantAdmin, other: TenantAdmin): number {
  const [a, b] = [since(one), since(other)]
  return a < b ? -1 : a > b ? 1 : 0
}

function since({ status, metadata }: TenantAdmin): string {
  return [status?.invite?.acceptedAt ?? '9999', metadata.creationTimestamp ?? '9999', metadata.uid ?? ''].join(' ')
}
