/** Who an account's name may be: TenantAdmins in force, or the root admin. Pure over the caches. */
import { byRightToUsername } from '../../domain/person.ts'
import type { PeopleCaches, Membership } from '../identity/memberships.ts'
import { membershipOf } from '../identity/memberships.ts'
import type { RootSettings } from '../identity/root.ts'

export interface Candidates {
  readonly root: boolean
  readonly memberships: readonly Membership[]
}

/** Each costs a hash. */
export const mostCandidates = 10

/** Longer than any e-mail address, or Cloud ID and username. */
const longestAccount = 320

/**
 * One spelling of an account's name for counting attempts. Directories compare without case, accents, widths, invisible
 * characters and repeated spaces (RFC 4518): each spelling would have attempts of its own.
 */
export function accountKey(account: string): string {
  const plain = account
    .slice(0, longestAccount)
    .normalize('NFKD')
    .replace(/[\p{M}\p{C}]/gu, '')
  return plain.toUpperCase().toLowerCase().replace(/\s+/g, ' ').trim()
}

/** `account`: an e-mail address, or `<cloud id>/<username>`; the root admin's username or address. */
export function candidatesOf(
  account: string,
  caches: Pick<PeopleCaches, 'tenants' | 'admins'>,
  root: RootSettings | undefined,
  localSignIn: boolean,
): Candidates {
  const name = account.trim()
  if (name === '' || name.length > longestAccount) return { root: false, memberships: [] }
  const isRoot =
    root?.signIn.kind === 'Local' &&
    (name === root.username || (root.email !== undefined && name.toLowerCase() === root.email.toLowerCase()))
  const found = localSignIn ? membershipsNamed(name, caches) : []
  return { root: isRoot, memberships: found.toSorted(latestFirst).slice(0, mostCandidates - (isRoot ? 1 : 0)) }
}

/** A slash may be in an address too: it separates a Cloud ID where there is one of that name. */
function membershipsNamed(name: string, caches: Pick<PeopleCaches, 'tenants' | 'admins'>): readonly Membership[] {
  const slash = name.indexOf('/')
  const tenants = slash > 0 ? caches.tenants.by('cloudId', name.slice(0, slash).toLowerCase()) : []
  if (tenants.length > 0) {
    const username = name.slice(slash + 1).toLowerCase()
    return tenants.flatMap((tenant) => {
      const { namespace = '', name: tenantName, uid } = tenant.metadata
      const inside =
        tenant.status?.namespace === undefined ? [] : caches.admins.by('ownNamespace', tenant.status.namespace)
      return [...caches.admins.by('tenantRef', `${namespace}/${tenantName}`), ...inside]
        .filter(({ spec }) => spec.username.toLowerCase() === username)
        .map((admin) => membershipOf(admin, caches))
        .filter((membership) => membership?.tenant.metadata.uid === uid)
        .filter((membership) => membership !== undefined)
        .toSorted(byRight)
        .slice(0, 1)
    })
  }
  return caches.admins
    .by('address', name.toLowerCase())
    .map((admin) => membershipOf(admin, caches))
    .filter((membership) => membership !== undefined)
}

/** Of two who have accepted with one username, the first has it (domain/person.ts). */
function byRight({ admin: one }: Membership, { admin: other }: Membership): number {
  return byRightToUsername(one, other)
}

function latestFirst({ admin: one }: Membership, { admin: other }: Membership): number {
  const since = (time: string | undefined) => Date.parse(time ?? '1970-01-01T00:00:00Z')
  return since(other.status?.invite?.acceptedAt) - since(one.status?.invite?.acceptedAt)
}
