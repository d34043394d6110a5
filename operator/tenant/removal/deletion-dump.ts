/** The last dump before a deletion removes anything, where the plan or the installation asks for one. Pure. */
import type { Action } from '../model/action.ts'
import { deleting, outlookOf, wait } from '../status/deletion-outlook.ts'
import { deletionTerms } from '../lifecycle/deletion-terms.ts'
import { dumpPath } from './dump-path.ts'
import { beforeRemoval } from './last-dump.ts'
import type { BeforeRemoval } from './last-dump.ts'
import { lane, stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import { lossField } from '../model/data-loss.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { LiveCheck } from '../model/live-facts.ts'

const dumping = deleting('Logins are off, and Tenantry takes a last dump; then it removes the tenant.')

/**
 * Undefined where nothing has to precede the removal. Where a purge has begun to remove the data, that purge has dumped
 * it.
 */
export function lastDumpStep(
  snapshot: Snapshot,
  live: LiveCheck,
  removal: readonly Action[],
): BeforeRemoval | undefined {
  const { status } = snapshot.tenant
  const { dump: taken, startedAt } = status?.deletion ?? {}
  const wanted = taken !== undefined || deletionTerms(snapshot).finalDump
  if (!wanted || status?.purge?.startedAt !== undefined) return undefined
  const path = pathOf(snapshot)
  return beforeRemoval(snapshot, live, removal, { taken, path, begun: startedAt !== undefined, underWay: dumping })
}

function pathOf({ identity, tenant }: Snapshot): string {
  return dumpPath(identity, tenant.metadata.deletionTimestamp ?? '')
}

/** This pass records the dump's path when it succeeds; the removal is another pass. */
export function dumpFirst(
  snapshot: Snapshot,
  live: LiveCheck,
  removal: readonly Action[],
  now: number,
): Decision | undefined {
  const { dump: _dump, ...others } = snapshot.tenant.status?.deletion ?? {}
  const step = lastDumpStep(snapshot, live, removal)
  switch (step?.kind) {
    case undefined:
      return undefined
    case 'DataLost':
      return { stages: [], outlook: { ...outlookOf(step.verdict, step.verdict), fields: lossField(snapshot, now) } }
    case 'Stalled':
      return wait(step.verdict, true)
    case 'Gone': {
      const outlook = { ...outlookOf(deleting(step.message), undefined), fields: { deletion: others } }
      return { stages: [], outlook, requeueAfter: 0 }
    }
    case 'Take':
      return {
        stages: stagesOf(lane('Database', closing(snapshot, removal)), lane('Tenant', [step.action])),
        outlook: { ...outlookOf(dumping, undefined), fields: { deletion: { ...others, dump: pathOf(snapshot) } } },
        requeueAfter: 0,
      }
  }
}

/**
 * Data written after the dump began would be lost: logins are off and sessions end. The sessions of the dump are not
 * the tenant's.
 */
function closing({ databaseState }: Snapshot, removal: readonly Action[]): readonly Action[] {
  const isOpen = removal.some(({ kind }) => kind === 'DisableLogins')
  const isUsed = isOpen || (databaseState.kind === 'Observed' && (databaseState.observed?.sessions ?? 0) > 0)
  return removal.filter(({ kind }) => kind === 'DisableLogins' || (kind === 'TerminateSessions' && isUsed))
}
