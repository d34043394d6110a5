/**
 * The actions that remove a tenant's data, at a deletion and at a purge: logins off, sessions ended, database and roles
 * dropped, namespace deleted. What is gone already counts as done; foreign objects are left alone. Pure.
 */
import { creationField, creationOf, wasProvisioned } from '../model/data-loss.ts'
import { removalActions } from '../../postgres/reads/drift-statements.ts'
import type { DatabaseVerdict } from '../../postgres/reads/drift-statements.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { Action, PlannedDatabaseAction, Stage } from '../model/action.ts'
import { bearsMark, markOf, sameMark } from '../../domain/marks.ts'
import { stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { databaseConflict, serverBlocker } from '../validation/server-watch.ts'
import type { NamespaceView } from '../../domain/caches.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { LiveCheck } from '../model/live-facts.ts'

/** The actions in PostgreSQL until nothing of the tenant is left, or why they cannot be done now. */
export interface Removal {
  readonly actions: readonly Action[]
  readonly blocker: Verdict | undefined
  readonly stalled: boolean
  /** The server without whose answer nothing of the data can be removed now. */
  readonly waitsFor?: string
}

export function databaseRemoval(snapshot: Snapshot): Removal {
  const { names, databaseState } = snapshot
  const { server } = names
  if (server === undefined) return { actions: [], blocker: undefined, stalled: false }
  if (databaseState.kind === 'Unreachable') {
    const known = snapshot.servers.some(({ metadata }) => metadata.name === server)
    const gone = { blocker: serverGone(server), stalled: false, waitsFor: server }
    return { actions: [], ...(known ? serverBlocker(server, snapshot) : gone) }
  }
  const target = removalTarget(snapshot)
  const verdict: DatabaseVerdict = removalActions(
    target,
    databaseState.kind === 'Observed' ? databaseState.observed : undefined,
  )
  if (verdict.kind === 'Conflict') return foreignRemoval(snapshot, verdict.message)
  return { actions: verdict.actions.map((kind) => removal(kind, server, target)), blocker: undefined, stalled: false }
}

/** Whether the tenant's database or schema exists, or cannot be looked at. */
export function hasData(snapshot: Snapshot): boolean {
  if (snapshot.databaseState.kind === 'Unreachable') return true
  return databaseRemoval(snapshot).actions.some((action) => action.kind === 'DropDatabase')
}

/**
 * A foreign database is left alone. Where only a part is the tenant's, an administrator has to say what becomes of the
 * rest.
 */
function foreignRemoval(snapshot: Snapshot, message: string): Removal {
  const { databaseState, identity, names } = snapshot
  const { owner, database, logins } = (databaseState.kind === 'Observed' ? databaseState.observed : undefined) ?? {}
  const ours = [owner, database, logins?.a, logins?.b].some((part) => sameMark(part?.mark, identity))
  // A database without any mark was restored by hand, and is kept.
  const restored = database !== undefined && database.mark === undefined && wasProvisioned(snapshot)
  if (!ours && !restored) return { actions: [], blocker: undefined, stalled: false }
  return { actions: [], blocker: databaseConflict(message, names.server ?? ''), stalled: true }
}

function removal(kind: PlannedDatabaseAction['kind'], server: string, target: TenantDatabase): Action {
  switch (kind) {
    case 'EndDump':
    case 'DisableLogins':
    case 'TerminateSessions':
    case 'DropDatabase':
    case 'DropRoles':
      return { kind, server, target }
    default:
      throw new TypeError(`${kind} does not remove anything`)
  }
}

/** Names and mark; a restored database under the names counts as the tenant's own. */
export function removalTarget(snapshot: Snapshot): TenantDatabase {
  const { identity, names, tenant } = snapshot
  const { roles } = tenant.status?.database ?? {}
  const target = closedTarget(names.database, markOf(identity), names.isolation)
  return { ...target, ...creationField(creationOf(snapshot)), currentLogin: roles?.current ?? 'a' }
}

/** What exists under these names and with this mark, with all logins off. */
export function closedTarget(
  names: TenantDatabase['names'],
  mark: TenantDatabase['mark'],
  isolation: TenantDatabase['isolation'],
): TenantDatabase {
  return { names, mark, isolation, connectionLimit: -1, loginAllowed: false, currentLogin: 'a' }
}

/** The live namespace, if it bears this tenant's mark; a foreign one of that name is not Tenantry's to delete. */
export function ownNamespace(
  { identity }: Pick<Snapshot, 'identity'>,
  { namespace }: LiveCheck,
): NamespaceView | undefined {
  return namespace !== undefined && bearsMark(namespace, identity) ? namespace : undefined
}

/**
 * The status first, as nothing of this can be undone; then the database, then the namespace. `saying`: undefined where
 * the status says it, so that it keeps the cause of the last failure.
 */
export function destruction(
  database: readonly Action[],
  namespace: NamespaceView | undefined,
  saying: Action | undefined,
): readonly Stage[] {
  const deleteNamespace: readonly Action[] =
    namespace === undefined || namespace.deleting
      ? []
      : [{ kind: 'DeleteNamespace', namespace: namespace.name, uid: namespace.uid }]
  const destroys = database.length + deleteNamespace.length > 0
  return stagesOf(
    [{ target: 'Tenant', actions: destroys && saying !== undefined ? [saying] : [] }],
    [{ target: 'Database', actions: database }],
    [{ target: 'Namespace', actions: deleteNamespace }],
  )
}

/** The part of a decision that names the server that the removal waits for. */
export function waitingFor({ waitsFor }: Removal): Pick<Decision, 'waitsFor'> {
  return waitsFor === undefined ? {} : { waitsFor }
}

/** What a namespace in deletion waits for, in a sentence. */
export function waitsForNamespace({ name, blockers }: NamespaceView): string {
  const why = blockers.length === 0 ? '' : ` What holds it: ${blockers.join(' ')}`
  return `Tenantry waits for the deletion of the namespace ${name}.${why}`
}

function serverGone(server: string): Verdict {
  return {
    reason: 'DatabaseServerNotFound',
    message: `The tenant's database is on the DatabaseServer ${server}, which does not exist. Create it again, so that Tenantry can remove the database, or set spec.deletion.policy to Retain to leave it.`,
  }
}
