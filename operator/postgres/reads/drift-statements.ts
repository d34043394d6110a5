/**
 * The actions that are due for a tenant on a server, by the same statements that they would run; or why none may run.
 */
import { isDeepStrictEqual } from 'node:util'

import { conflict } from '../model/conflict.ts'
import type { DatabaseAction, TenantDatabase } from '../model/port.ts'
import { isDataLost, mayNotCreate, shapeOf } from '../model/shape.ts'
import { ownSomething } from '../statements/ownership-sql.ts'
import { databaseStatements, interruptedDrop, wantedAcl } from '../statements/database-sql.ts'
import { roleStatements } from '../statements/roles-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/** The kinds of action that a look at the catalogue can show to be due. */
export type DueKind = Exclude<DatabaseAction['kind'], 'OpenDump' | 'OpenScratch'>

interface Actions {
  readonly kind: 'Actions'
  readonly actions: readonly DueKind[]
}

export type DatabaseVerdict = Actions | { readonly kind: 'Conflict'; readonly message: string }

/**
 * `DataMissing`: the data existed and is gone; of the remaining roles only their attributes and memberships are
 * repaired.
 */
export type TargetVerdict = DatabaseVerdict | { readonly kind: 'DataMissing'; readonly actions: readonly DueKind[] }

/**
 * Towards `target`, in the order in which they are to be applied; none when everything is as it should be. `undefined`:
 * nothing of the tenant is on the server. Passwords cannot be seen: a new one is the caller's own reason for
 * EnsureRoles.
 */
export function databaseActions(target: TenantDatabase, seen: ObservedDatabase | undefined): TargetVerdict {
  if (isDataLost(target, seen)) return missing(target, seen)
  if (seen === undefined) return allActions(target)
  const message = conflict(target, seen) ?? halfDropped(target, seen)
  if (message !== undefined) return { kind: 'Conflict', message }
  const left: readonly (readonly [boolean, DueKind])[] = [
    // A dump under way belongs to a tenant that is about to be purged; the remains of a crash belong to no work.
    [seen.dump === 'Expired' || (seen.dump !== undefined && target.loginAllowed), 'EndDump'],
    [roleStatements(target, seen, {}).length > 0, 'EnsureRoles'],
    // The count may be a moment old: while logins were on, sessions may have begun since.
    [!target.loginAllowed && (seen.sessions > 0 || anyCanLogin(seen)), 'TerminateSessions'],
    [seen.database === undefined || databaseStatements(target, seen).length > 0, 'EnsureDatabase'],
    [!insideComplete(target, seen), 'EnsureInside'],
    [ownSomething(target, seen), 'GiveToOwner'],
  ]
  return needed(left)
}

/** The statements, without passwords, that this kind of action would run; none where a look does not show them. */
export function dueStatements(kind: DueKind, target: TenantDatabase, seen: ObservedDatabase): readonly string[] {
  if (kind === 'EnsureRoles') return roleStatements(target, seen, {})
  return kind === 'EnsureDatabase' ? databaseStatements(target, seen) : []
}

/** The actions where the state of the server is unknown. */
export function allActions({ loginAllowed }: TenantDatabase): Actions {
  const ends: readonly DueKind[] = loginAllowed ? [] : ['TerminateSessions']
  return { kind: 'Actions', actions: ['EnsureRoles', ...ends, 'EnsureDatabase', 'EnsureInside'] }
}

/**
 * The actions after `before` was reached and not looked at since. The inside of the database is set up again only where
 * it differs.
 */
export function changeActions(before: TenantDatabase, target: TenantDatabase): Actions {
  const all = allActions(target)
  const same = target.creation !== 'Anew' && isDeepStrictEqual(insideOf(before), insideOf(target))
  return same ? { ...all, actions: all.actions.filter((kind) => kind !== 'EnsureInside') } : all
}

/** All that the statements inside a database depend on. */
function insideOf({ names, mark, isolation, platformRoles }: TenantDatabase): unknown {
  return [names, mark, isolation, platformRoles]
}

/** Nothing is created, not even roles, as they go with the restored database. */
function missing(target: TenantDatabase, seen: ObservedDatabase | undefined): TargetVerdict {
  const whole = seen?.owner !== undefined && seen.logins.a !== undefined && seen.logins.b !== undefined
  if (!whole) return { kind: 'DataMissing', actions: [] }
  const message = conflict(target, seen)
  if (message !== undefined) return { kind: 'Conflict', message }
  const ends = !target.loginAllowed && (seen.sessions > 0 || anyCanLogin(seen))
  return {
    kind: 'DataMissing',
    actions: [
      ...(roleStatements(target, seen, {}).length > 0 ? (['EnsureRoles'] as const) : []),
      ...(ends ? (['TerminateSessions'] as const) : []),
    ],
  }
}

/** Towards nothing, in order. The database's sessions count too, so they are ended whenever it still exists. */
export function removalActions(target: TenantDatabase, seen: ObservedDatabase | undefined): DatabaseVerdict {
  if (seen === undefined) return { kind: 'Actions', actions: [] }
  const message = conflict(target, seen)
  if (message !== undefined) return { kind: 'Conflict', message }
  const { a, b } = seen.logins
  const remains = shapeOf(target).remains(seen)
  return needed([
    [seen.dump !== undefined, 'EndDump'],
    [anyCanLogin(seen), 'DisableLogins'],
    [remains || seen.sessions > 0, 'TerminateSessions'],
    [remains, 'DropDatabase'],
    [seen.owner !== undefined || a !== undefined || b !== undefined, 'DropRoles'],
  ])
}

export function anyCanLogin({ logins }: ObservedDatabase): boolean {
  return logins.a?.canLogin === true || logins.b?.canLogin === true
}

function needed(left: readonly (readonly [boolean, DueKind])[]): DatabaseVerdict {
  return { kind: 'Actions', actions: left.flatMap(([due, kind]) => (due ? [kind] : [])) }
}

/** The tenant's right to connect and the mark are written with the inside, so without them the inside is done again. */
function insideComplete(target: TenantDatabase, seen: ObservedDatabase): boolean {
  const mayConnect = seen.database?.acl.includes(wantedAcl(target, seen.operator).owner) === true
  return seen.complete && mayConnect && shapeOf(target).isWhole(target, seen)
}

function halfDropped(target: TenantDatabase, seen: ObservedDatabase): string | undefined {
  if (seen.database?.connectionLimit !== interruptedDrop) return undefined
  const name = target.names.database
  const then = mayNotCreate(target, seen) ? 'then restore it' : 'then Tenantry creates it'
  return `The database "${name}" is invalid, because its DROP DATABASE was interrupted. Drop it, ${then}.`
}
