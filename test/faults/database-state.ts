/** What there is of one tenant in PostgreSQL, by the name of its owner role: its roles, its database or schemas, its rows. */
import { sharedDatabaseName } from '../../operator/api/names.ts'
import type { PostgresAccess } from '../harness/postgres-access.ts'
import { keepsakeQuery, keepsakeTable } from './keepsake.ts'
import { faultInstallation } from './supervised.ts'

export async function databaseState(
  owner: string,
  postgres: PostgresAccess,
): Promise<Readonly<Record<string, unknown>>> {
  const databases = await databasesOf(owner, postgres)
  const own = databases.some(({ datname }) => datname === owner)
  const shared = sharedDatabaseName(faultInstallation)
  const isShared = !own && (await exists(shared, postgres))
  const inside = own
    ? await insideOf(owner, { pattern: '^(pg_|information_schema)', is: false, directory: 'tenantry' }, postgres)
    : isShared
      ? await insideOf(shared, { pattern: `^${owner}`, is: true, directory: `${owner}_directory` }, postgres)
      : null
  return { roles: await rolesOf(owner, postgres), databases, inside }
}

/** Its own ones and those of a dump. */
function rolesOf(owner: string, postgres: PostgresAccess) {
  return postgres.query(
    `SELECT r.rolname, rolcanlogin, rolconnlimit, rolcreatedb, rolcreaterole, rolinherit, rolsuper,
       shobj_description(r.oid, 'pg_authid') AS comment,
       (SELECT rolpassword IS NOT NULL FROM pg_authid a WHERE a.oid = r.oid) AS password,
       ARRAY(SELECT unnest(setconfig) FROM pg_db_role_setting s WHERE s.setrole = r.oid ORDER BY 1) AS settings,
       ARRAY(SELECT g.rolname || ' admin ' || m.admin_option || ' inherit ' || m.inherit_option || ' set ' || m.set_option
             FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) AS member_of,
       ARRAY(SELECT g.rolname || ' admin ' || m.admin_option || ' inherit ' || m.inherit_option || ' set ' || m.set_option
             FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.member WHERE m.roleid = r.oid ORDER BY 1) AS members
     FROM pg_roles r WHERE starts_with(r.rolname, $1) ORDER BY 1`,
    [owner],
  )
}

/** Its own one and that of a dump; of one that it shares, what is said there of its roles. */
function databasesOf(owner: string, postgres: PostgresAccess) {
  return postgres.query<{ readonly datname: string }>(
    `SELECT datname, pg_get_userbyid(datdba) AS owner, datconnlimit, datallowconn, datistemplate,
       shobj_description(oid, 'pg_database') AS comment,
       ARRAY(SELECT a::text FROM unnest(datacl) a WHERE starts_with(datname, $1) OR starts_with(a::text, $1) ORDER BY 1) AS acl
     FROM pg_database WHERE starts_with(datname, $1)
       OR EXISTS (SELECT FROM unnest(datacl) a WHERE starts_with(a::text, $1)) ORDER BY 1`,
    [owner],
  )
}

async function exists(database: string, postgres: PostgresAccess): Promise<boolean> {
  return (await postgres.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])).length > 0
}

/** Which schemas of a database are looked at, and which holds the directory. */
interface Scope {
  readonly pattern: string
  /** Whether they match the pattern, or do not. */
  readonly is: boolean
  readonly directory: string
}

async function insideOf(database: string, { pattern, is, directory }: Scope, postgres: PostgresAccess) {
  await using session = await postgres.connect({ database })
  const rows = async (text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> =>
    (await session.query<Record<string, unknown>>(text, [...values])).rows
  try {
    const schemas = await rows(
      `SELECT nspname, pg_get_userbyid(nspowner) AS owner, ARRAY(SELECT a::text FROM unnest(nspacl) a ORDER BY 1) AS acl
       FROM pg_namespace WHERE (nspname ~ $1) = $2 ORDER BY 1`,
      [pattern, is],
    )
    const tables = await rows(
      `SELECT n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner) AS owner,
         ARRAY(SELECT a::text FROM unnest(c.relacl) a ORDER BY 1) AS acl
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE (n.nspname ~ $1) = $2 ORDER BY 1, 2`,
      [pattern, is],
    )
    const keepsakes = tables.filter(({ relname }) => relname === keepsakeTable)
    const kept = await Promise.all(keepsakes.map(({ nspname }) => rows(keepsakeQuery(String(nspname)))))
    if (is && schemas.length === 0) return null
    return { schemas, tables, kept, directory: await rows(directoryQuery(directory)) }
  } catch (error) {
    return `not readable: ${error instanceof Error ? error.message : String(error)}`
  }
}

function directoryQuery(schema: string): string {
  return `SELECT origin, username, email, first_name, last_name, application_role, status,
      consent_at IS NOT NULL AS consent, password_hash IS NOT NULL AS password FROM "${schema}".admins ORDER BY 1, 2`
}
