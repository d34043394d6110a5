/**
 * SQL that gives objects of a tenant's logins to its owner role. A session starts as the owner role, but may leave it
 * (SET ROLE NONE, or `role=none` in its startup options): what it makes then is its login's, and closed to the other
 * login.
 */
import { loginNames } from '../model/login-names.ts'
import type { TenantDatabase } from '../model/port.ts'
import { generatedName, identifier, literal } from '../model/quote.ts'
import { borrow, giveBack } from './borrow-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/**
 * For a FROM clause, as `s`: what roles own in databases, without what REASSIGN OWNED leaves alone (default privileges
 * and user mappings belong to a role as such). pg_shdepend is shared: each database shows the entries of all.
 */
export const ownedObjects = `(SELECT dbid, classid, objid, objsubid, refobjid FROM pg_shdepend
    WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o' AND dbid <> 0
      AND classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass)) s`

/** Whether a look found that a tenant's login owns objects where the tenant's data is. */
export function ownSomething({ names }: TenantDatabase, { logins }: ObservedDatabase): boolean {
  return loginNames.some((login) => logins[login]?.owns?.includes(names.database) === true)
}

/**
 * Inside the database, one row: whether the logins own lasting objects; whether temporary objects of a session prevent
 * a change of owner; and which schemas they own.
 */
export function ownedQuery({ names }: TenantDatabase): string {
  const roles = Object.values(names.logins).map(literal).join(', ')
  return `
SELECT json_build_object(
  'lasting', coalesce(bool_or(NOT temporary), false),
  'held', coalesce(bool_or(temporary AND NOT relation), false),
  'schemas', coalesce(json_agg(DISTINCT schema) FILTER (WHERE schema IS NOT NULL), '[]')) AS owned
FROM (SELECT s.classid = 'pg_class'::regclass AS relation,
    coalesce((pg_identify_object(s.classid, s.objid, s.objsubid)).schema ~ '^pg_temp', false) AS temporary, n.nspname AS schema
  FROM ${ownedObjects} JOIN pg_roles r ON r.oid = s.refobjid
    LEFT JOIN pg_namespace n ON s.classid = 'pg_namespace'::regclass AND n.oid = s.objid
  WHERE r.rolname IN (${roles}) AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())) o`
}

/**
 * Inside the database. REASSIGN OWNED needs the rights of both sides. Schemas go first, as a function can only be given
 * to a role that may create in its schema. A session that wants a table which waits for Tenantry waits too, hence the
 * short wait.
 */
export function giveStatements(target: TenantDatabase, seen: ObservedDatabase, schemas: readonly string[]): string[] {
  const { names } = target
  const owner = generatedName(names.owner)
  const logins = loginNames.flatMap((login) =>
    seen.logins[login] === undefined ? [] : [generatedName(names.logins[login])],
  )
  const roles = [...logins, owner]
  return [
    `SET LOCAL lock_timeout = '1s'`,
    ...roles.map((role) => borrow(role, seen.version)),
    ...schemas.map((schema) => `ALTER SCHEMA ${identifier(schema)} OWNER TO ${owner}`),
    `REASSIGN OWNED BY ${logins.join(', ')} TO ${owner}`,
    ...roles.map(giveBack),
  ]
}

/** The statements for the server's administrator, in the tenant's database. */
export function giveByHand({ names }: TenantDatabase): string {
  const logins = loginNames.map((login) => generatedName(names.logins[login]))
  return `REASSIGN OWNED BY ${logins.join(', ')} TO ${generatedName(names.owner)};`
}
