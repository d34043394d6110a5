/** The actions that are due in PostgreSQL, by the last look. Pure. */
import { allActions, changeActions, databaseActions } from '../../postgres/reads/drift-statements.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { PlannedEntry } from '../model/action.ts'
import { targetDigest } from './database-target.ts'
import { digest } from '../../domain/fingerprint.ts'
import { wasComplete } from '../validation/missing-reference.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { DueKind } from '../../postgres/reads/drift-statements.ts'

/**
 * Due when the directory was changed by another writer, and when the schema inside the database was recreated: but that
 * one is empty already.
 */
export function isDirectoryDue(
  { tenant }: Snapshot,
  entries: readonly PlannedEntry[],
  kinds: readonly DueKind[],
): boolean {
  const written = tenant.status?.database?.directory
  if (written === undefined && entries.length === 0) return false
  return written !== digest(entries) || kinds.includes('EnsureInside')
}

/**
 * What the catalogue says is missing. What Tenantry's own last action settled is not looked at again until the next
 * poll.
 */
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
  // What a rehearsal needs for a while, the rehearsal removes itself.
  if (due.kind !== 'Actions' || !isUnderWay(rehearsal)) return due
  return { ...due, actions: due.actions.filter((kind) => kind !== 'EndDump') }
}

function isUnderWay(rehearsal: Snapshot['rehearsal']): boolean {
  return typeof rehearsal === 'object' && rehearsal.kind === 'UnderWay'
}

/**
 * Passwords cannot be read from the catalogue. They are set again from the Secret when roles are made, when the Secret
 * is, when a login was refused, and when an earlier pass did not finish (DatabaseReady is not True then).
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
