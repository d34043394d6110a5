/**
 * The users who can obtain the password in a tenant's Secret: the subjects of roles that read Secrets, run pods or
 * enter containers. The status keeps them as digests, so that the end of a reader's access is always noticed. Pure.
 */
import { accesses } from './admins.ts'
import { digest } from '../../domain/fingerprint.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** More readers are kept as one digest of all; then every reader who comes or goes changes the password. */
const mostReaders = 1_000

/** `offered`: the plan's roles. Sorted digests. */
export function readersOf(snapshot: Snapshot, offered: Readonly<Record<string, string>>): readonly string[] {
  const { identity, settings } = snapshot
  // A reader who may only look while the tenant is off has lost nothing: the tenant comes back with the same password.
  const users = accesses(snapshot, offered, false)
    .filter(({ clusterRole }) => !settings.rolesWithoutSecrets.includes(clusterRole))
    .flatMap((access) => access.users)
  const people = [...new Set(users)].map((user) => digest([identity.uid, user])).toSorted()
  return people.length > mostReaders ? [digest(people)] : people
}

/** Whether a reader of the password has lost access. New readers do not matter. */
export function hasLostReaders(before: readonly string[] | undefined, now: readonly string[]): boolean {
  const present = new Set(now)
  return before?.some((reader) => !present.has(reader)) ?? false
}

/** The readers of both lists: until the password is changed, no reader is forgotten. */
export function allReaders(before: readonly string[] | undefined, now: readonly string[]): readonly string[] {
  return [...new Set([...(before ?? []), ...now])].toSorted()
}
