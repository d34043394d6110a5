/**
 * Whether the person of a session may still sign in, asked at every request: a session ends at once with the last
 * TenantAdmin behind it. Pure over the caches.
 */
import { membershipsOf } from '../identity/memberships.ts'
import type { PeopleCaches } from '../identity/memberships.ts'
import { isStillRoot } from '../identity/root.ts'
import type { RootSettings } from '../identity/root.ts'
import type { Session } from './session-record.ts'

export interface SessionFacts {
  readonly caches: Pick<PeopleCaches, 'tenants' | 'admins'>
  readonly root: RootSettings | undefined
  /** The ids of the providers that people other than root sign in with. */
  readonly providers: readonly string[]
  /** The uid of the Secret with the root admin's password now; undefined where there is none, and for all other sessions. */
  readonly rootCredential: string | undefined
}

/** The session as far as it still reaches; undefined where it has ended. */
export function stillIn(
  session: Session,
  { caches, root, providers, rootCredential }: SessionFacts,
): Session | undefined {
  const { person, credential } = session
  if (person.root) {
    const isRoot = root !== undefined && isStillRoot(person, credential, root)
    return isRoot && (person.provider !== 'local' || isSame(credential, rootCredential)) ? session : undefined
  }
  const memberships = providers.includes(person.provider) ? membershipsOf(person, caches) : []
  if (memberships.length === 0) return undefined
  if (person.admins === undefined) return session
  const admins = memberships.map(({ admin }) => admin.metadata.uid ?? '')
  return { ...session, person: { ...person, admins } }
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other
}
