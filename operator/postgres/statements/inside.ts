/** SQL inside a tenant's database: its schema, the admin directory, the tenant's right to connect. */
import { databaseComment } from '../mark.ts'
import type { ObservedDatabase, TenantDatabase } from '../port.ts'
import { generatedName, literal } from '../quote.ts'
import { borrow, giveBack } from './borrow.ts'

/** The schema of the admin directory. Made before the tenant can connect, so it cannot be there first. */
export const directorySchema = 'tenantry'

/** What {@link insideQuery} saw: owners of the two schemas, and whether the directory's table is there. */
export interface Inside {
  readonly publicOwner: string | null
  readonly directoryOwner: string | null
  readonly directoryTable: boolean
}

/** As template0 has it. */
export const freshInside: Inside = { publicOwner: 'pg_database_owner', directoryOwner: null, directoryTable: false }

/** One row with {@link Inside} as JSON, read inside the tenant's database. */
export const insideQuery = `
SELECT json_build_object(
  'publicOwner', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'),
  'directoryOwner', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = '${directorySchema}'),
  'directoryTable', EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = '${directorySchema}' AND c.relname = 'admins' AND c.relkind = 'r')) AS inside`

/** All of the inside, in one transaction whose last words are the tenant's right to connect and the mark `complete`. */
export function insideStatements(target: TenantDatabase, seen: ObservedDatabase, inside: Inside): string[] {
  const owner = generatedName(target.names.owner)
  const database = generatedName(target.names.database)
  return [
    borrow(owner, seen.version),
    ...publicSchema(owner, inside),
    ...directory(owner, inside),
    giveBack(owner),
    `GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${database} TO ${owner}`,
    `COMMENT ON DATABASE ${database} IS ${literal(databaseComment(target.mark))}`,
  ]
}

function publicSchema(owner: string, inside: Inside): string[] {
  const close = 'REVOKE ALL ON SCHEMA public FROM PUBLIC'
  if (inside.publicOwner === null) return [`CREATE SCHEMA public AUTHORIZATION ${owner}`]
  // As template0 has it. Whatever else the tenant has made of its schema is the tenant's business.
  if (inside.publicOwner === 'pg_database_owner') return [`ALTER SCHEMA public OWNER TO ${owner}`, close]
  return []
}

/** The admin directory, readable by `owner`. */
export function directory(owner: string, inside: Inside): string[] {
  const table = `${directorySchema}.admins`
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
    ...(inside.directoryOwner === null ? [`CREATE SCHEMA ${directorySchema}`] : []),
    ...(inside.directoryTable ? [] : [create]),
    `GRANT USAGE ON SCHEMA ${directorySchema} TO ${owner}`,
    `GRANT SELECT ON ${table} TO ${owner}`,
  ]
}

/**
 * The directory made equal to the given rows ($1 to $9: one text array a column); rows that are right already are not
 * written. DELETE and not TRUNCATE, whose lock a tenant that reads could hold off.
 */
export const writeDirectory = `
WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::text[])
    AS w (origin, username, email, first_name, last_name, application_role, status, consent_at, password_hash)
), gone AS (
  DELETE FROM ${directorySchema}.admins a
  WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.origin = a.origin AND w.username = a.username)
)
INSERT INTO ${directorySchema}.admins AS a
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
