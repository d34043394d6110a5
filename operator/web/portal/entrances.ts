/** The tenants that a person can enter, by the rules of the tenants' RoleBindings (tenant/access). Pure over the caches. */
import type { AccessGrant } from '../../api/accessgrant.ts'
import type { Tenant } from '../../api/tenant.ts'
import { customersOf } from '../../domain/ownership.ts'
import { keyOf } from '../../runtime/objects/object.ts'
import type { Person } from '../identity/identity.ts'
import { membershipsOf } from '../identity/memberships.ts'
import type { Membership, PeopleCaches } from '../identity/memberships.ts'

export interface Entrance {
  readonly tenant: Tenant
  readonly way: Way
  /** The display name of the MSP that the access comes from. */
  readonly msp: string | undefined
  /** Milliseconds since the epoch; undefined with an open end. */
  readonly until: number | undefined
}

/** In the order in which they are listed; of two ways into one tenant the first counts. */
const ways = ['Own', 'Inherited', 'Delegated', 'Masquerade'] as const
export type Way = (typeof ways)[number]

/** Sorted by way and name. `now`: milliseconds since the epoch. */
export function entrancesOf(person: Person, caches: PeopleCaches, now: number): readonly Entrance[] {
  const memberships = membershipsOf(person, caches)
  const found = [
    ...memberships.flatMap(ownEntrances),
    ...memberships.flatMap((membership) => inheritedEntrances(membership, caches)),
    ...memberships.flatMap((membership) => delegatedEntrances(membership, caches, now)),
    // A masquerade is given to the user; a password of Tenantry's opens only what its TenantAdmin gives.
    ...(person.admins === undefined ? masqueradeEntrances(person.user, caches, now) : []),
  ]
  const first = new Map<string, Entrance>()
  for (const entrance of found) {
    const key = keyOf(entrance.tenant)
    if (!first.has(key)) first.set(key, entrance)
  }
  return [...first.values()].toSorted((one, other) => compare(one, other))
}

function ownEntrances({ admin, tenant }: Membership): readonly Entrance[] {
  if (admin.spec.role === 'Technician') return []
  return [{ tenant, way: 'Own', msp: undefined, until: undefined }]
}

function inheritedEntrances({ admin, tenant }: Membership, caches: PeopleCaches): readonly Entrance[] {
  if (admin.spec.role !== 'Admin' || tenant.spec.type !== 'MSP') return []
  return customersOf(tenant, caches).map((customer) => ({
    tenant: customer,
    way: 'Inherited',
    msp: tenant.spec.displayName,
    until: undefined,
  }))
}

function delegatedEntrances(
  { admin, tenant: msp }: Membership,
  caches: PeopleCaches,
  now: number,
): readonly Entrance[] {
  if (admin.spec.role !== 'Technician' || msp.spec.type !== 'MSP') return []
  const isTheirs = ({ spec, status }: AccessGrant) =>
    spec.type === 'Delegation' &&
    spec.username.toLowerCase() === admin.spec.username.toLowerCase() &&
    status?.user === admin.status?.user
  return customersOf(msp, caches).flatMap((customer) => {
    const grants = caches.grants.by('tenantRef', keyOf(customer)).filter(isTheirs)
    return grantedEntrances(grants, customer, 'Delegated', now).map((entrance) => ({
      ...entrance,
      msp: msp.spec.displayName,
    }))
  })
}

function masqueradeEntrances(user: string, caches: PeopleCaches, now: number): readonly Entrance[] {
  return caches.grants.by('masquerader', user).flatMap((grant) => {
    const tenant = caches.tenants.get(`${grant.metadata.namespace ?? ''}/${grant.spec.tenantRef.name}`)
    return tenant === undefined ? [] : grantedEntrances([grant], tenant, 'Masquerade', now)
  })
}

/** One at most: of several AccessGrants the one that lasts longest. */
function grantedEntrances(grants: readonly AccessGrant[], tenant: Tenant, way: Way, now: number): readonly Entrance[] {
  const ends = grants
    .filter((grant) => isInForce(grant, tenant))
    .map(({ spec, status }) => Math.min(timeOf(status?.endsAt), timeOf(spec.until)))
    .filter((end) => end > now)
  if (ends.length === 0) return []
  const end = Math.max(...ends)
  return [{ tenant, way, msp: undefined, until: end === Infinity ? undefined : end }]
}

/** As the operator's own judgement in the status says (accessgrant/terms). */
function isInForce({ metadata, status }: AccessGrant, tenant: Tenant): boolean {
  const uids = [tenant.metadata.uid, ...(tenant.status?.adopted ?? [])]
  return (
    metadata.deletionTimestamp === undefined && status?.phase === 'Active' && uids.includes(status.tenantUid ?? 'none')
  )
}

function timeOf(text: string | undefined): number {
  return text === undefined ? Infinity : Date.parse(text)
}

function compare(one: Entrance, other: Entrance): number {
  const rank = ways.indexOf(one.way) - ways.indexOf(other.way)
  return rank === 0 ? one.tenant.spec.displayName.localeCompare(other.tenant.spec.displayName, 'en') : rank
}
