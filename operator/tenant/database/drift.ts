/** The differences between the target of an action and the last look at the server. Pure. */
import { dueStatements } from '../../postgres/reads/drift-statements.ts'
import type { PlannedDatabaseAction } from '../model/action.ts'
import type { Difference } from '../namespace/object-differences.ts'
import type { DatabaseState } from '../model/live-facts.ts'

/**
 * One difference per due statement; none without a look, as the result of Tenantry's own last action is not looked at
 * at once.
 */
export function databaseDrift(
  databaseState: DatabaseState,
  { kind, target }: PlannedDatabaseAction,
): readonly Difference[] {
  if (databaseState.kind !== 'Observed' || databaseState.observed === undefined) return []
  switch (kind) {
    case 'EnsureRoles':
    case 'EnsureDatabase':
      return dueStatements(kind, target, databaseState.observed).map((statement) => ({
        path: [statement],
        wanted: statement,
        seen: undefined,
      }))
    case 'EnsureInside':
      return [{ path: ['schemas and rights'], wanted: undefined, seen: undefined }]
    default:
      return []
  }
}
