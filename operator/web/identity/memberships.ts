/** The TenantAdmins that a person signs in as, by the caches. Pure. */
import type { AccessGrant } from '../../api/accessgrant.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { accessGrantIndexes } from '../../domain/access-grant-indexes.ts'
import { isInForce } from '../../domain/admin-state.ts'
import { tenantAdminIndexes, tenantIndexes } from '../../domain/caches.ts'
import { adminFor, tenantOf } from '../../domain/ownership.ts'
import { addressOf, userOf } from '../../domain/person.ts'
import type { Cache, Indexes } from '../../runtime/cache/cache.ts'
import type { Person } from './identity.ts'

/** A TenantAdmin in force, and its tenant. */
export interface Membership {
  readonly admin: TenantAdmin
  readonly tenant: Tenant
}

export interface PeopleCaches {
  readonly tenants: Cache<Tenant, PeopleTenantIndex>
  readonly admins: Cache<TenantAdmin, PeopleAdminIndex>
  readonly grants: Cache<AccessGrant, keyof typeof accessGrantIndexes>
}

type PeopleTenantIndex = 'owning' | 'lyingIn' | 'cloudId'
type PeopleAdminIndex = 'tenantRef' | 'ownNamespace' | 'uid' | 'address' | 'user'

/** Tenants: by the namespace that they own, by the namespace of the object, by Cloud ID. */
export const peopleTenantIndexes: Indexes<Tenant, PeopleTenantIndex> = {
  owning: tenantIndexes.owning,
  lyingIn: tenantIndexes.lyingIn,
  cloudId: ({ status }) => (status?.cloudId === undefined ? [] : [status.cloudId]),
}

/** TenantAdmins: by their tenant, by uid, by the address of the person in lower case, by Kubernetes user. */
export function peopleAdminIndexes(userPrefix: string): Indexes<TenantAdmin, PeopleAdminIndex> {
  return {
    tenantRef: tenantAdminIndexes.tenantRef,
    ownNamespace: tenantAdminIndexes.ownNamespace,
    uid: ({ metadata }) => (metadata.uid === undefined ? [] : [metadata.uid]),
    address: (admin) => [emailOf(admin)],
    user: (admin) => {
      const user = userOf(admin, admin.status?.invite, userPrefix)
      return user === undefined ? [] : [user]
    },
  }
}

export function emailOf(admin: TenantAdmin): string {
  return addressOf(admin, admin.status?.invite).toLowerCase()
}

type MembershipCaches = Pick<PeopleCaches, 'tenants' | 'admins'>

/** Undefined where the TenantAdmin is not in force, or has accepted for another tenant than the one of that name now. */
export function membershipOf(admin: TenantAdmin, caches: MembershipCaches): Membership | undefined {
  const tenant = tenantOf(admin, caches)
  if (tenant === undefined) return undefined
  const uids = [tenant.metadata.uid ?? '', ...(tenant.status?.adopted ?? [])]
  const judged = adminFor(admin, uids)
  return isInForce(judged) ? { admin: judged, tenant } : undefined
}

/** The TenantAdmins in force that a person signs in as. Of a local person's, those that still belong to this address. */
export function membershipsOf(
  { user, admins, email }: Pick<Person, 'user' | 'admins' | 'email'>,
  caches: MembershipCaches,
): readonly Membership[] {
  const found =
    admins === undefined
      ? caches.admins.by('user', user)
      : admins.flatMap((uid) => caches.admins.by('uid', uid)).filter((admin) => emailOf(admin) === email)
  return found.map((admin) => membershipOf(admin, caches)).filter((membership) => membership !== undefined)
}
