/** SQL for what a dump needs for a while: a login that reads, a login that restores, and a database to restore into. */
import { directorySchema } from '../../api/names.ts'
import { dumpNames } from '../model/dump-names.ts'
import { dumpComment } from '../model/mark.ts'
import type { TemporaryLogin, TenantDatabase } from '../model/port.ts'
import { generatedName, literal } from '../model/quote.ts'
import { isScramVerifier } from '../model/scram.ts'
import { borrow, giveBack } from './borrow-sql.ts'
import { directoryStatements } from './directory-sql.ts'
import { sameLocale } from './locale-sql.ts'
import type { DatabaseLocale } from './locale-sql.ts'

/** pg_dump has one session, the count of rows another. */
const connections = 3

/** The login that reads: with the rights of the tenant's owner role and no others. */
export function dumpLoginStatements(target: TenantDatabase, login: TemporaryLogin, version: number): string[] {
  const name = generatedName(dumpNames(target.names).login)
  const options = version >= 160_000 ? ' WITH INHERIT TRUE, SET TRUE' : ''
  return [
    ...temporaryLogin(name, target, login, version),
    `GRANT ${generatedName(target.names.owner)} TO ${name}${options}`,
  ]
}

/** The login that restores. A tenant's functions run with its rights during the restore: none. */
export function restorerStatements(target: TenantDatabase, login: TemporaryLogin, version: number): string[] {
  return temporaryLogin(generatedName(dumpNames(target.names).restorer), target, login, version)
}

function temporaryLogin(name: string, { mark }: TenantDatabase, login: TemporaryLogin, version: number): string[] {
  const { verifier, validUntil } = login
  if (!isScramVerifier(verifier)) throw new RangeError('A role is given a SCRAM-SHA-256 verifier, never a password.')
  return [
    // Otherwise a server-wide createrole_self_grant could leave the operator as a member of what it creates.
    ...(version >= 160_000 ? [`SET LOCAL createrole_self_grant = ''`] : []),
    `CREATE ROLE ${name} WITH LOGIN CONNECTION LIMIT ${connections} VALID UNTIL ${literal(validUntil)} PASSWORD ${literal(verifier)}`,
    `COMMENT ON ROLE ${name} IS ${literal(dumpComment(mark))}`,
  ]
}

/** Outside a transaction, alone; closed until {@link openScratchStatements}. */
export function createScratch(target: TenantDatabase, locale: DatabaseLocale): string {
  const name = generatedName(dumpNames(target.names).scratch)
  return `CREATE DATABASE ${name} TEMPLATE template0 ${sameLocale(locale)} STRATEGY wal_log ALLOW_CONNECTIONS false CONNECTION LIMIT ${connections + 2}`
}

/** On the maintenance database: PUBLIC out, the mark on, then open. */
export function openScratchStatements(target: TenantDatabase): string[] {
  const name = generatedName(dumpNames(target.names).scratch)
  return [
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
    `COMMENT ON DATABASE ${name} IS ${literal(dumpComment(target.mark))}`,
    `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`,
  ]
}

/**
 * Inside the scratch database: as a tenant's own, with an empty directory that its views may refer to. The right to
 * connect comes last.
 */
export function scratchInsideStatements(target: TenantDatabase, version: number): string[] {
  const { restorer, scratch } = dumpNames(target.names)
  const role = generatedName(restorer)
  return [
    borrow(role, version),
    `ALTER SCHEMA public OWNER TO ${role}`,
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    ...directoryStatements(directorySchema(target.names), role, { directoryOwner: null, directoryTable: false }),
    giveBack(role),
    `GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${generatedName(scratch)} TO ${role}`,
  ]
}

/** The existing roles and database of a dump. */
export interface DumpRemains {
  readonly roles: readonly string[]
  readonly scratch: boolean
}

/** No new session can begin, and present ones end. */
export function endDumpSessions(target: TenantDatabase, { roles, scratch }: DumpRemains, version: number): string[] {
  const names = roles.map(generatedName)
  const database = dumpNames(target.names).scratch
  return [
    ...names.map((name) => `ALTER ROLE ${name} WITH NOLOGIN`),
    ...(scratch ? [`ALTER DATABASE ${generatedName(database)} WITH ALLOW_CONNECTIONS false`] : []),
    ...names.map((name) => borrow(name, version)),
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE (usename = ANY (ARRAY[${roles.map(literal).join(', ')}]::name[]) OR datname = ${literal(database)})
        AND usesysid IS NOT NULL AND pg_has_role(usesysid, 'USAGE') AND pid <> pg_backend_pid()`,
    ...names.map(giveBack),
  ]
}

export function dropDumpRoles(roles: readonly string[], version: number): string[] {
  if (roles.length === 0) return []
  const names = roles.map(generatedName)
  return [
    ...names.map((name) => borrow(name, version)),
    `DROP OWNED BY ${names.join(', ')}`,
    ...names.map((name) => `DROP ROLE ${name}`),
  ]
}

/** One row: which of $1 and $2 (roles) and $3 (the scratch database) exist, with their owners. */
export const dumpRemainsQuery = `
SELECT json_build_object(
  'operator', current_user,
  'version', current_setting('server_version_num')::int4,
  'roles', coalesce((SELECT json_agg(json_build_object('name', r.rolname, 'comment', c.description) ORDER BY r.rolname)
    FROM pg_roles r LEFT JOIN pg_shdescription c ON c.objoid = r.oid AND c.classoid = 'pg_authid'::regclass
    WHERE r.rolname IN ($1, $2)), '[]'),
  'scratchOwner', (SELECT pg_get_userbyid(d.datdba) FROM pg_database d WHERE d.datname = $3)) AS remains`
