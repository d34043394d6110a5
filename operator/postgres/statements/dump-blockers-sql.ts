/** SQL that finds what blocks a tenant's dump or its restore. Run as the login that dumps; names only. */
import { literal } from '../model/quote.ts'
import { inside, relations } from './inventory-sql.ts'
import type { InventoryScope } from './inventory-sql.ts'

/**
 * One row: what this login may not read, with its owner, and the extensions that only a superuser can create, each at
 * most `most` of them. Large objects lie in no schema and are dumped with a whole database only.
 */
export function dumpBlockersQuery(scope: InventoryScope, most: number): string {
  const list = (rows: string, order: string) =>
    `coalesce((SELECT json_agg(f) FROM (${rows} ORDER BY ${order} LIMIT ${most}) f), '[]')`
  const where = inside(scope)
  const isClosed = `NOT has_schema_privilege(n.oid, 'USAGE')`
  const relation = `SELECT n.nspname AS schema, o.relname AS name, o.relkind AS kind, pg_get_userbyid(o.relowner) AS owner`
  const isRead = `o.relkind IN ('r', 'p', 'S')`
  const unreadable = `CASE WHEN o.relkind = 'S' THEN NOT has_sequence_privilege(o.oid, 'SELECT') ELSE NOT has_table_privilege(o.oid, 'SELECT') END`
  return `
SELECT json_build_object(
  'schemas', ${list(
    `SELECT n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner FROM pg_namespace n WHERE ${where} AND ${isClosed}
      AND EXISTS (SELECT FROM pg_class o WHERE o.relnamespace = n.oid AND ${isRead})`,
    '1',
  )},
  'relations', ${list(`${relation} ${relations(where)} AND ${isRead} AND NOT ${isClosed} AND ${unreadable}`, '1, 2')},
  'hiding', ${list(
    `${relation} ${relations(where)} AND o.relkind IN ('r', 'p') AND NOT ${isClosed} AND NOT (${unreadable}) AND row_security_active(o.oid)`,
    '1, 2',
  )},
  'largeObjects', ${
    scope.schema === undefined
      ? list(
          `SELECT l.oid::text AS name, pg_get_userbyid(l.lomowner) AS owner FROM pg_largeobject_metadata l
      WHERE NOT CASE WHEN l.lomacl IS NULL THEN pg_has_role(l.lomowner, 'USAGE') ELSE EXISTS (SELECT FROM aclexplode(l.lomacl) a
        WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE'))) END`,
          '1',
        )
      : `'[]'::json`
  },
  'extensions', ${list(
    `SELECT e.extname AS name FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
      JOIN pg_available_extension_versions v ON v.name = e.extname AND v.version = a.default_version
      WHERE ${scope.schema === undefined ? 'true' : 'false'} AND e.extname <> 'plpgsql' AND v.superuser AND NOT v.trusted`,
    '1',
  )}) AS blockers`
}

const named: readonly (readonly [string, string])[] = [
  ['pg_class', 'relname'],
  ['pg_constraint', 'conname'],
  ['pg_namespace', 'nspname'],
  ['pg_proc', 'proname'],
  ['pg_type', 'typname'],
  ['pg_attribute', 'attname'],
  ['pg_extension', 'extname'],
  ['pg_available_extensions', 'name'],
  ['pg_collation', 'collname'],
  ['pg_trigger', 'tgname'],
  ['pg_policy', 'polname'],
  ['pg_roles', 'rolname'],
]

/** Which of these texts are names of existing objects: those may be reported, others may be data. */
export function namesQuery(texts: readonly string[]): string {
  const isName = named.map(([catalog, column]) => `EXISTS (SELECT FROM ${catalog} WHERE ${column}::text = t.name)`)
  return `SELECT t.name FROM unnest(ARRAY[${texts.map(literal).join(', ')}]::text[]) AS t (name) WHERE ${isName.join(' OR ')}`
}
