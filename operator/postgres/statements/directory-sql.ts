/**
 * SQL for a tenant's admin directory: a schema and a table of the operator's, which the tenant's owner role may read.
 */
import { generatedName } from '../model/quote.ts'

export interface DirectoryThere {
  readonly directoryOwner: string | null
  readonly directoryTable: boolean
}

/** The missing parts of the directory; all can be repeated. `schema` and `owner` come as names, the latter quoted. */
export function directoryStatements(schema: string, owner: string, there: DirectoryThere): string[] {
  const table = `${schema}.admins`
  const create = `CREATE TABLE ${table} (
    origin text NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    application_role text NOT NULL,
    status text NOT NULL,
    consent_at timestamptz,
    password_hash text,
    PRIMARY KEY (origin, username))`
  return [
    ...(there.directoryOwner === null ? [`CREATE SCHEMA ${schema}`] : []),
    ...(there.directoryTable ? [] : [create]),
    `GRANT USAGE ON SCHEMA ${schema} TO ${owner}`,
    `GRANT SELECT ON ${table} TO ${owner}`,
  ]
}

/**
 * Makes the directory equal to the given rows ($1 to $9: one text array per column); rows that are right already are
 * not written. DELETE and not TRUNCATE, whose lock a reading tenant could hold off.
 */
export function writeDirectory(schema: string): string {
  return `
WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::text[])
    AS w (origin, username, email, first_name, last_name, application_role, status, consent_at, password_hash)
), gone AS (
  DELETE FROM ${generatedName(schema)}.admins a
  WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.origin = a.origin AND w.username = a.username)
)
INSERT INTO ${generatedName(schema)}.admins AS a
  (origin, username, email, first_name, last_name, application_role, status, consent_at, password_hash)
SELECT * FROM wanted
ON CONFLICT (origin, username) DO UPDATE SET
  (email, first_name, last_name, application_role, status, consent_at, password_hash) =
  (excluded.email, excluded.first_name, excluded.last_name, excluded.application_role, excluded.status,
   excluded.consent_at, excluded.password_hash)
WHERE (a.email, a.first_name, a.last_name, a.application_role, a.status, a.consent_at, a.password_hash)
  IS DISTINCT FROM
  (excluded.email, excluded.first_name, excluded.last_name, excluded.application_role, excluded.status,
   excluded.consent_at, excluded.password_hash)`
}

/** One row: whether the directory in the schema $1 is a table of this account's in a schema of this account's. */
export const ownDirectoryQuery = `
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.rolname = current_user
  WHERE n.nspname = $1 AND c.relname = 'admins' AND c.relkind = 'r' AND c.relowner = r.oid AND n.nspowner = r.oid) AS ours`

/** All rows; times in RFC 3339. */
export function readDirectory(schema: string): string {
  return `
SELECT origin, username, email, first_name, last_name, application_role, status,
  to_char(consent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS consent_at, password_hash
FROM ${generatedName(schema)}.admins`
}
