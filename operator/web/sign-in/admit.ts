/** Who of a directory may enter: the root admin, and people with a TenantAdmin in force. Pure over the caches. */
import { personOf } from '../identity/identity.ts'
import type { Identity, Person } from '../identity/identity.ts'
import { membershipsOf } from '../identity/memberships.ts'
import type { PeopleCaches } from '../identity/memberships.ts'
import { rootOf } from '../identity/root.ts'
import type { SignInSettings } from './settings.ts'

export type Admission =
  | { readonly kind: 'Admitted'; readonly person: Person }
  | { readonly kind: 'NotAdmitted'; readonly reason: 'NoEmail' | 'NoTenantAdmin' }

/** The person is the e-mail address that the directory vouches for, whatever names the account has there. */
export function admit(
  identity: Identity,
  caches: Pick<PeopleCaches, 'tenants' | 'admins'>,
  { root, userPrefix }: Pick<SignInSettings, 'root' | 'userPrefix'>,
): Admission {
  const rootPerson = root && rootOf(identity, root)
  if (rootPerson !== undefined) return { kind: 'Admitted', person: rootPerson }
  const person = personOf(identity, userPrefix)
  if (person === undefined) return { kind: 'NotAdmitted', reason: 'NoEmail' }
  return membershipsOf(person, caches).length === 0
    ? { kind: 'NotAdmitted', reason: 'NoTenantAdmin' }
    : { kind: 'Admitted', person }
}
