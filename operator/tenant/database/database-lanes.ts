/** The lanes of the actions on a server, and what each waits for. Pure. */
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { Action, Lane, PlannedDatabaseAction, PlannedEntry } from '../model/action.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { secretOf } from './binding-secret-actions.ts'
import type { DueKind } from '../../postgres/reads/drift-statements.ts'

/** The Secret exists before its password is on the server; nothing else waits for the Secret. */
export function lane(name: string, after: readonly string[], actions: readonly Action[]): Lane {
  return { target: 'Database', name, after, actions }
}

export function rolesLane(snapshot: Snapshot, due: readonly DueKind[], work: Work): Lane {
  return lane(
    'roles',
    [],
    due.includes('EnsureRoles') ? [{ kind: 'EnsureRoles', ...work, secret: secretOf(snapshot) }] : [],
  )
}

export interface Work {
  readonly server: string
  readonly target: TenantDatabase
  readonly certainlyAbsent: boolean
}

/** All kinds without a lane of their own, as they are due, and the directory last. */
export function databaseSteps(
  due: readonly DueKind[],
  work: Work,
  entries: readonly PlannedEntry[] | undefined,
): readonly PlannedDatabaseAction[] {
  const elsewhere: ReadonlySet<DueKind> = new Set<DueKind>(['EnsureRoles', 'GiveToOwner'])
  const steps = due.filter((kind) => !elsewhere.has(kind)).map((kind) => step(kind, work, entries))
  if (entries === undefined || due.includes('EnsureInside')) return steps
  return [...steps, { kind: 'WriteDirectory', ...work, entries }]
}

export function step(kind: DueKind, work: Work, entries?: readonly PlannedEntry[]): PlannedDatabaseAction {
  switch (kind) {
    case 'EnsureDatabase':
      return { kind, ...work }
    case 'EnsureInside':
      return { kind, ...work, entries }
    case 'EndDump':
    case 'GiveToOwner':
    case 'TerminateSessions':
      return { kind, server: work.server, target: work.target }
    default:
      throw new TypeError(`${kind} is not a step towards a database`)
  }
}
