/**
 * SQL that lists what a tenant's database, or its schema, holds: what a dump of it must hold too. The parts of
 * extensions come with those, and the admin directory is the operator's; both are left out.
 */
import { identifier, integer, literal } from '../model/quote.ts'
import { ownDirectory } from './inside-sql.ts'

/** A whole database, or one schema of it. `owner`: the role whose large objects count. */
export interface InventoryScope {
  readonly schema: string | undefined
  readonly owner: string
}

/** First in the session: a snapshot that lasts, and an error where a policy would hide rows. */
export function beginInventory(statementTimeout: number): string[] {
  return [
    `SET statement_timeout = ${integer(statementTimeout)}`,
    // A server before 17 does not know the last.
    `SELECT set_config(name, '0', false) FROM pg_settings
     WHERE name IN ('idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')`,
    'SET row_security = off',
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  ]
}

export const exportSnapshot = 'SELECT pg_export_snapshot() AS snapshot'

export function countRows(schema: string, table: string): string {
  return `SELECT count(*)::text AS rows FROM ONLY ${identifier(schema)}.${identifier(table)}`
}

/** The remains of a failed CREATE INDEX CONCURRENTLY are in no dump. */
const isWhole = `NOT (o.relkind = 'i' AND EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = o.oid AND NOT (i.indisvalid AND i.indisready)))`

/**
 * For a partition, the table whose rows a restore redistributes: the hash of some values differs between databases, as
 * that of an enumeration does, so these rows come to other partitions.
 */
const spreadOver = `(SELECT json_build_array(rn.nspname, r.relname) FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace
  WHERE o.relispartition AND r.oid = pg_partition_root(o.oid) AND EXISTS (SELECT FROM pg_partition_tree(r.oid) t
    JOIN pg_partitioned_table p ON p.partrelid = t.relid WHERE p.partstrat = 'h'))`

/**
 * One row: tables with rows of their own, the values of sequences, and how many there are of everything else. The rows
 * of a materialized view are computed again at its restore, from the data of that time: a dump does not keep them.
 */
export function inventoryQuery(scope: InventoryScope): string {
  const where = inside(scope)
  return `
SELECT json_build_object(
  'tables', coalesce((SELECT json_agg(json_build_array(n.nspname, o.relname, ${spreadOver}) ORDER BY n.nspname, o.relname)
    ${relations(where)} AND o.relkind = 'r'), '[]'),
  'sequences', coalesce((SELECT json_agg(json_build_array(n.nspname, o.relname, s.last_value::text) ORDER BY n.nspname, o.relname)
    FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
      LEFT JOIN pg_sequences s ON s.schemaname = n.nspname AND s.sequencename = o.relname
    WHERE ${where} AND ${ownTo('pg_class')} AND o.relkind = 'S'), '[]'),
  'relations', coalesce((SELECT json_object_agg(k.relkind, k.n) FROM (SELECT o.relkind, count(*) AS n
    ${relations(where)} AND ${isWhole} GROUP BY o.relkind) k), '{}'),
  'objects', json_build_object(
    ${Object.entries(counts(scope, where))
      .map(([kind, query]) => `${literal(kind)}, ${query}`)
      .join(',\n    ')})) AS inventory`
}

export function inside({ schema }: InventoryScope): string {
  return schema === undefined
    ? `n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${ownDirectory}')`
    : `n.nspname = ${literal(schema)}`
}

/** No part of an extension. */
function ownTo(catalog: string): string {
  return `NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = o.oid AND e.deptype = 'e')`
}

export function relations(where: string): string {
  return `FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE ${where} AND ${ownTo('pg_class')}`
}

function counts({ schema, owner }: InventoryScope, where: string): Readonly<Record<string, string>> {
  const inNamespace = (catalog: string, namespace: string, more = 'true') =>
    `(SELECT count(*) FROM ${catalog} o JOIN pg_namespace n ON n.oid = o.${namespace} WHERE ${where} AND ${ownTo(catalog)} AND ${more})`
  const ofRelation = (catalog: string, relation: string, more = 'true') =>
    `(SELECT count(*) FROM ${catalog} o JOIN pg_class c ON c.oid = o.${relation} JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${where} AND ${ownTo(catalog)} AND ${more})`
  return {
    schemas: `(SELECT count(*) FROM (SELECT oid, nspname FROM pg_namespace n WHERE ${where} AND n.nspname <> 'public') o
      WHERE ${ownTo('pg_namespace')})`,
    defaults: ofRelation('pg_attrdef', 'adrelid'),
    functions: inNamespace('pg_proc', 'pronamespace'),
    types: inNamespace('pg_type', 'typnamespace', "o.typtype IN ('d', 'e', 'r')"),
    constraints: inNamespace('pg_constraint', 'connamespace', "o.contype IN ('c', 'f', 'p', 'u', 'x')"),
    triggers: ofRelation('pg_trigger', 'tgrelid', 'NOT o.tgisinternal'),
    policies: ofRelation('pg_policy', 'polrelid'),
    rules: ofRelation('pg_rewrite', 'ev_class', "o.rulename <> '_RETURN'"),
    // One that was only named as the counterpart of another is in no dump.
    operators: inNamespace('pg_operator', 'oprnamespace', 'o.oprcode <> 0'),
    collations: inNamespace('pg_collation', 'collnamespace'),
    textSearch: inNamespace('pg_ts_config', 'cfgnamespace'),
    statistics: inNamespace('pg_statistic_ext', 'stxnamespace'),
    extensions: schema === undefined ? "(SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql')" : '0',
    largeObjects: `(SELECT count(*) FROM pg_largeobject_metadata l JOIN pg_roles r ON r.oid = l.lomowner
      WHERE r.rolname = ${literal(owner)})`,
  }
}
