/**
 * Who can come by the password in a tenant's Secret: everybody who is bound to a role that reads Secrets, runs pods or enters
 * containers. Kept in the status as digests, so that the end of somebody's access is noticed whenever it happened. Pure.
 */
import { accesses } from './admins.ts'
import { digest } from '../../domain/fingerprint.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** More are told by one digest of all of them; then everybody who comes or goes changes the password. */
const mostReaders = 1_000

/** `offered`: the plan's roles. Sorted digests. */
export function readersOf(snapshot: Snapshot, offered: Readonly<Record<string, string>>): readonly string[] {
  const { identity, settings } = snapshot
  // Who may only look while the tenant is off has not lost anything: it comes back with the same password.
  const users = accesses(snapshot, offered, false)
    .filter(({ clusterRole }) => !settings.rolesWithoutSecrets.includes(clusterRole))
    .flatMap((access) => access.users)
  const people = [...new Set(users)].map((user) => digest([identity.uid, user])).toSorted()
  return people.length > mostReaders ? [digest(people)] : people
}

/** Whether somebody could read the password and has no access any more. Somebody who is new does not matter. */
export function hasLostReaders(before: readonly string[] | undefined, now: readonly string[]): boolean {
  const present = new Set(now)
  return before?.some((reader) => !present.has(reader)) ?? false
}

/** Everybody of either list: until the password is changed, nobody is forgotten. */
export function allReaders(before: readonly string[] | undefined, now: readonly string[]): readonly string[] {
  return [...new Set([...(before ?? []), ...now])].toSorted()
}
