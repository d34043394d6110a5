/** SQL that removes a tenant's roles and data, step by step; what is gone already needs no statement. */
import { loginNames } from '../model/login-names.ts'
import type { TenantDatabase } from '../model/port.ts'
import { generatedName, literal } from '../model/quote.ts'
import { shapeOf } from '../model/shape.ts'
import { borrow, giveBack } from './borrow-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/** The tenant's roles that exist. */
export function existingRoles(target: TenantDatabase, seen: ObservedDatabase): string[] {
  const { owner, logins } = target.names
  return [
    ...(seen.logins.a === undefined ? [] : [logins.a]),
    ...(seen.logins.b === undefined ? [] : [logins.b]),
    ...(seen.owner === undefined ? [] : [owner]),
  ].map(generatedName)
}

export function disableLogins(target: TenantDatabase, seen: ObservedDatabase): string[] {
  return loginNames
    .filter((login) => seen.logins[login]?.canLogin === true)
    .map((login) => `ALTER ROLE ${generatedName(target.names.logins[login])} WITH NOLOGIN`)
}

/** No new session can begin while a database goes. */
export function closeDatabase(target: TenantDatabase): string {
  return `ALTER DATABASE ${generatedName(target.names.database)} WITH ALLOW_CONNECTIONS false`
}

/**
 * Ends, one after another and waiting for each, the sessions of the tenant's roles, and those on a database of its own
 * that the operator may end.
 */
export function terminateSessions(target: TenantDatabase, seen: ObservedDatabase): string[] {
  const roles = existingRoles(target, seen)
  const names = Object.values({ ...target.names.logins, owner: target.names.owner }).map(literal)
  const there = shapeOf(target).ownsSessions ? ` OR datname = ${literal(target.names.database)}` : ''
  return ending(roles, `usename IN (${names.join(', ')})${there}`, seen)
}

/** The same for the logins only: while the operator works on the database itself, with borrowed rights of the owner. */
export function terminateLogins(target: TenantDatabase, seen: ObservedDatabase): string[] {
  const { owner, logins } = target.names
  const roles = existingRoles(target, seen).filter((role) => role !== generatedName(owner))
  return ending(roles, `usename IN (${Object.values(logins).map(literal).join(', ')})`, seen)
}

/** The sessions of the login that is not current, and of no other role. Nothing where it does not exist. */
export function endOtherSessions({ names, currentLogin }: TenantDatabase, seen: ObservedDatabase): string[] {
  const other = currentLogin === 'a' ? 'b' : 'a'
  if (seen.logins[other] === undefined) return []
  const role = names.logins[other]
  return ending([generatedName(role)], `usename = ${literal(role)}`, seen)
}

/** The sessions of other tenants' logins. */
export function terminateOthers(logins: readonly string[], seen: ObservedDatabase): string[] {
  if (logins.length === 0) return []
  return ending(logins.map(generatedName), `usename IN (${logins.map(literal).join(', ')})`, seen)
}

function ending(roles: readonly string[], which: string, { version }: ObservedDatabase): string[] {
  return [
    ...roles.map((role) => borrow(role, version)),
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE (${which})
        AND usesysid IS NOT NULL AND pg_has_role(usesysid, 'USAGE') AND pid <> pg_backend_pid()`,
    ...roles.map(giveBack),
  ]
}

/** Between two looks for sessions. */
export const briefPause = 'SELECT pg_sleep(0.05)'

/**
 * What outlives its session and blocks DROP DATABASE on a database ($1): prepared transactions, logical replication
 * slots in use, and subscriptions. One row, one column of JSON.
 */
export const dropBlockersQuery = `
SELECT json_build_object(
  'prepared', coalesce((
    SELECT json_agg(json_build_object('gid', p.gid, 'owner', p.owner) ORDER BY p.gid)
    FROM pg_prepared_xacts p WHERE p.database = $1), '[]'),
  'slots', ARRAY(
    SELECT s.slot_name::text FROM pg_replication_slots s WHERE s.database = $1 AND s.active ORDER BY 1),
  'subscriptions', ARRAY(
    SELECT s.subname::text FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = $1 ORDER BY 1)
) AS blockers`

/** The roles with sessions on a database ($1). */
export const sessionRolesQuery = `
SELECT DISTINCT coalesce(usename, backend_type)::text AS role FROM pg_stat_activity
WHERE datname = $1 AND pid <> pg_backend_pid() ORDER BY 1`

/** The databases in which roles ($1) own objects or have rights that DROP OWNED in this one does not revoke. */
export const dependentsQuery = `
SELECT DISTINCT d.datname::text AS database
FROM pg_shdepend s
  JOIN pg_roles r ON s.refclassid = 'pg_authid'::regclass AND r.oid = s.refobjid
  JOIN pg_database d ON d.oid = CASE
    WHEN s.dbid <> 0 THEN s.dbid
    WHEN s.classid = 'pg_database'::regclass AND s.deptype = 'o' THEN s.objid END
WHERE r.rolname = ANY ($1::name[]) AND d.datname <> current_database()
ORDER BY 1`

export function openDatabase(target: TenantDatabase): string {
  return `ALTER DATABASE ${generatedName(target.names.database)} WITH ALLOW_CONNECTIONS true`
}

export function borrowRole(role: string, version: number): string {
  return borrow(generatedName(role), version)
}

export function giveBackRole(role: string): string {
  return giveBack(generatedName(role))
}

/**
 * Inside the database, each alone: ROLLBACK PREPARED must not be in a transaction, and only the role that prepared it
 * may do it. So for once the membership is visible to others between {@link borrowRole} and {@link giveBackRole}.
 */
export function rollbackPrepared(role: string, gid: string): string[] {
  return [`SET ROLE ${generatedName(role)}`, `ROLLBACK PREPARED ${literal(gid)}`, 'RESET ROLE']
}

/** Outside a transaction, alone. */
export function dropDatabase(name: string, how?: 'FORCE'): string {
  return `DROP DATABASE IF EXISTS ${generatedName(name)}${how === undefined ? '' : ' WITH (FORCE)'}`
}

/** DROP OWNED revokes what was granted to them on shared objects; the owner role goes last, as it bears the mark. */
export function dropRoles(target: TenantDatabase, seen: ObservedDatabase): string[] {
  const roles = existingRoles(target, seen)
  if (roles.length === 0) return []
  return [
    ...roles.map((role) => borrow(role, seen.version)),
    `DROP OWNED BY ${roles.join(', ')}`,
    ...roles.map((role) => `DROP ROLE ${role}`),
  ]
}
