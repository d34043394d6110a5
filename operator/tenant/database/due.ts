/** What is due in PostgreSQL, by what was observed there. Pure. */
import { allActions, changeActions, databaseActions } from '../../postgres/reads/drift.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { PlannedEntry } from '../model/action.ts'
import { targetDigest } from './target.ts'
import { digest } from '../../domain/fingerprint.ts'
import { wasComplete } from '../validation/missing-reference.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { DueKind } from '../../postgres/reads/drift.ts'

/** When somebody changed in it, and when the inside of the database was made anew: but that is empty already. */
export function isDirectoryDue(
  { tenant }: Snapshot,
  entries: readonly PlannedEntry[],
  kinds: readonly DueKind[],
): boolean {
  const written = tenant.status?.database?.directory
  if (written === undefined && entries.length === 0) return false
  return written !== digest(entries) || kinds.includes('EnsureInside')
}

/** What the catalogue says is missing. What our own last action settled is not looked at again until the next poll. */
export function dueKinds(
  { databaseState, rehearsal }: Snapshot,
  target: TenantDatabase,
): ReturnType<typeof databaseActions> {
  if (databaseState.kind === 'Assumed') {
    const same = targetDigest(databaseState.target) === targetDigest(target)
    return same ? { kind: 'Actions', actions: [] } : changeActions(databaseState.target, target)
  }
  if (databaseState.kind === 'NotLookedAt') return allActions(target)
  const due = databaseActions(target, databaseState.kind === 'Observed' ? databaseState.observed : undefined)
  // What a rehearsal needs for a while it removes itself.
  if (due.kind !== 'Actions' || !isUnderWay(rehearsal)) return due
  return { ...due, actions: due.actions.filter((kind) => kind !== 'EndDump') }
}

function isUnderWay(rehearsal: Snapshot['rehearsal']): boolean {
  return typeof rehearsal === 'object' && rehearsal.kind === 'UnderWay'
}

/**
 * Passwords cannot be read from the catalogue. They are set again from the Secret when roles are made, when the Secret is,
 * when a login was refused, and when an earlier pass did not come to its end (DatabaseReady is then not True).
 */
export function needsPassword(snapshot: Snapshot, due: readonly DueKind[], lost: boolean): boolean {
  const ready = wasComplete(snapshot, 'DatabaseReady')
  return (
    lost ||
    !ready ||
    snapshot.login === 'Refused' ||
    snapshot.login === 'RefusedAgain' ||
    (due.includes('EnsureRoles') && rolesMissing(snapshot))
  )
}

function rolesMissing({ databaseState }: Snapshot): boolean {
  if (databaseState.kind !== 'Observed') return databaseState.kind === 'NotLookedAt'
  return (
    databaseState.observed?.owner === undefined ||
    databaseState.observed.logins.a === undefined ||
    databaseState.observed.logins.b === undefined
  )
}
