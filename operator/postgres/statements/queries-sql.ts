/**
 * SQL that reads, and a query that ends sessions. Sessions pin `search_path` to pg_catalog, so that bare names mean the system's own. Memberships
 * are read through `to_jsonb`, because `set_option` and `inherit_option` exist from PostgreSQL 16 on.
 */
import { grantable } from '../model/declared.ts'
import { literal } from '../model/quote.ts'
import { ownedObjects } from './ownership-sql.ts'

/**
 * One row, one column of JSON: {@link CatalogueDocument}. With `names` exactly the roles in $1 and the
 * databases in $2, without the rights of other tenants (their owner roles' comments begin with $3); without, all roles
 * and databases whose comment begins with $1, and all databases of the operator.
 */
export function catalogueQuery(by: 'names' | 'mark'): string {
  const roles = by === 'names' ? 'r.rolname = ANY ($1::name[])' : 'starts_with(c.description, $1)'
  const databases =
    by === 'names'
      ? 'd.datname = ANY ($2::name[])'
      : '(starts_with(c.description, $1) OR d.datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user))'
  const acl = by === 'names' ? `WHERE NOT ${isOthersShare}` : ''
  return `
SELECT json_build_object(
  'version', current_setting('server_version_num')::int4,
  'operator', current_user,
  'settable', ARRAY(SELECT p FROM unnest(ARRAY[${grantable.map(literal).join(', ')}]) p WHERE has_parameter_privilege(p, 'SET')),
  'roles', coalesce((
    SELECT json_agg(${roleJson})
    FROM pg_roles r LEFT JOIN pg_shdescription c ON c.objoid = r.oid AND c.classoid = 'pg_authid'::regclass
    WHERE ${roles}), '[]'),
  'databases', coalesce((
    SELECT json_agg(${databaseJson(acl)})
    FROM pg_database d LEFT JOIN pg_shdescription c ON c.objoid = d.oid AND c.classoid = 'pg_database'::regclass
    WHERE ${databases}), '[]'),
  'sessions', coalesce((
    SELECT json_object_agg(s.usename, s.sessions)
    FROM (SELECT usename, count(*) AS sessions FROM pg_stat_activity
          WHERE usename IS NOT NULL AND usename <> current_user GROUP BY usename) s), '{}')
) AS catalogue`
}

/** An array of the attributes that the role `r` has; `more`: further ones. */
function attributesAnd(...more: readonly string[]): string {
  const given = [
    `WHEN r.rolsuper THEN 'SUPERUSER'`,
    `WHEN r.rolcreatedb THEN 'CREATEDB'`,
    `WHEN r.rolcreaterole THEN 'CREATEROLE'`,
    `WHEN r.rolreplication THEN 'REPLICATION'`,
    `WHEN r.rolbypassrls THEN 'BYPASSRLS'`,
  ]
  return `array_remove(ARRAY[${[...given, ...more].map((attribute) => `CASE ${attribute} END`).join(', ')}], NULL)`
}

/** A tenant may set anything of any length on its login: what no application needs stays out of every look. */
const roleJson = `json_build_object(
      'name', r.rolname,
      'comment', c.description,
      'canLogin', r.rolcanlogin,
      'connectionLimit', r.rolconnlimit,
      'expired', coalesce(r.rolvaliduntil < now(), false),
      'attributes', ${attributesAnd(`WHEN NOT r.rolinherit THEN 'NOINHERIT'`, `WHEN r.rolvaliduntil < 'infinity' THEN 'VALID UNTIL'`)},
      'memberOf', ARRAY(
        SELECT DISTINCT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
        WHERE m.member = r.oid AND coalesce(to_jsonb(m) ->> 'inherit_option', 'true')::bool
          AND coalesce(to_jsonb(m) ->> 'set_option', 'true')::bool
        ORDER BY 1),
      'members', ARRAY(
        SELECT DISTINCT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.member
        WHERE m.roleid = r.oid AND (g.rolname <> current_user
          OR coalesce(to_jsonb(m) ->> 'inherit_option', 'true')::bool OR coalesce(to_jsonb(m) ->> 'set_option', 'true')::bool)
        ORDER BY 1),
      'settings', ARRAY(
        SELECT CASE WHEN s.setdatabase = 0 THEN v ELSE b.datname || '/' || v END
        FROM pg_db_role_setting s LEFT JOIN pg_database b ON b.oid = s.setdatabase, unnest(s.setconfig) v
        WHERE s.setrole = r.oid AND pg_column_size(s.setconfig) <= 1048576 AND octet_length(v) <= 8192 ORDER BY 1),
      'owns', CASE WHEN c.description LIKE '%"kind":"login"%' THEN ARRAY(
        SELECT DISTINCT b.datname::text FROM ${ownedObjects} JOIN pg_database b ON b.oid = s.dbid
        WHERE s.refobjid = r.oid ORDER BY 1) ELSE '{}' END)`

/** A right on a shared database that is another tenant's. */
const isOthersShare = `EXISTS (SELECT FROM pg_roles o JOIN pg_shdescription m ON m.objoid = o.oid AND m.classoid = 'pg_authid'::regclass
        WHERE o.rolname = split_part(a::text, '=', 1) AND o.rolname <> ALL ($1::name[])
          AND starts_with(m.description, $3) AND m.description LIKE '%"schema":%')`

const databaseJson = (which: string) => `json_build_object(
      'name', d.datname,
      'comment', c.description,
      'owner', pg_get_userbyid(d.datdba),
      'connectionLimit', d.datconnlimit,
      'allowConnections', d.datallowconn,
      'acl', ARRAY(SELECT a::text FROM unnest(coalesce(d.datacl, acldefault('d', d.datdba))) a ${which} ORDER BY a::text COLLATE "C"))`

/**
 * One row for a server's health. $1 is the prefix of this installation's marks; tenants are counted by the mark on
 * their owner roles, and `open` lists databases without such a mark that PUBLIC may connect to. Reserved connections
 * exist from PostgreSQL 16 on.
 */
export const healthQuery = `
SELECT json_build_object(
  'version', current_setting('server_version_num')::int4,
  'operator', current_user,
  'tenants', (SELECT count(*) FROM pg_shdescription
    WHERE classoid = 'pg_authid'::regclass AND starts_with(description, $1) AND description LIKE '%"kind":"owner"%'),
  'open', coalesce((SELECT json_agg(json_build_object('name', d.datname, 'template', d.datistemplate) ORDER BY d.datname) FROM pg_database d
    LEFT JOIN pg_shdescription c ON c.objoid = d.oid AND c.classoid = 'pg_database'::regclass
    WHERE d.datallowconn AND has_database_privilege('public', d.oid, 'CONNECT')
      AND NOT (d.datdba = r.oid AND c.description IS NOT NULL AND starts_with(c.description, $1))), '[]'),
  'attributes', ${attributesAnd(`WHEN r.rolinherit THEN 'INHERIT'`)},
  'readOnly', pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool,
  'connections', json_build_object(
    'max', current_setting('max_connections')::int4,
    'forSuperusers', current_setting('superuser_reserved_connections')::int4,
    'reserved', current_setting('reserved_connections', true)::int4,
    'mayUseReserved', coalesce((SELECT pg_has_role(r.oid, u.oid, 'USAGE') FROM pg_roles u
      WHERE u.rolname = 'pg_use_reserved_connections'), false))
) AS health
FROM pg_roles r WHERE r.rolname = current_user`

/** The size of each database of this account that can be connected to. */
export const sizesQuery = `
SELECT d.datname AS name, pg_database_size(d.oid)::float8 AS bytes
FROM pg_database d WHERE d.datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user) AND d.datallowconn`

/**
 * Inside a shared database: every schema with owner, rights and size ($1: the names, NULL for all), and with $2 size.
 * The size is what the last VACUUM or ANALYZE found, because measuring files takes locks that a tenant could make
 * Tenantry wait for.
 */
export const schemasQuery = `
SELECT n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner,
  ARRAY(SELECT a::text FROM unnest(coalesce(n.nspacl, acldefault('n', n.nspowner))) a ORDER BY a::text COLLATE "C") AS acl,
  CASE WHEN $2::bool THEN coalesce((SELECT sum(greatest(c.relpages, 0)::float8 + greatest(coalesce(t.relpages, 0), 0)
      + coalesce((SELECT sum(x.relpages) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = t.oid), 0))
    FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
    WHERE c.relnamespace = n.oid), 0) * current_setting('block_size')::float8 END AS bytes
FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ($1::name[] IS NULL OR n.nspname = ANY ($1::name[]))`

/**
 * One row: how many tenants of this installation ($1: the prefix of its marks), except that of the owner role $3, had a
 * schema in the shared database $2. The pattern takes the mark apart, as a damaged one must not make the query fail.
 */
export const sharingQuery = `
SELECT count(*)::int4 AS tenants FROM pg_shdescription c
WHERE c.classoid = 'pg_authid'::regclass AND starts_with(c.description, $1)
  AND substring(c.description FROM '"database":"([^"]+)","schema":') = $2 AND c.description LIKE '%"inside":%'
  AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = c.objoid AND r.rolname = $3)`

/** The logins of tenants ($1: the prefix of the marks) that hold a lock for which a session of this account waits. */
export const lockHoldersQuery = `
SELECT DISTINCT r.rolname AS name
FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS p (pid)
  JOIN pg_stat_activity b ON b.pid = p.pid
  JOIN pg_roles r ON r.oid = b.usesysid
  JOIN pg_shdescription c ON c.objoid = r.oid AND c.classoid = 'pg_authid'::regclass
WHERE w.usename = current_user AND w.wait_event_type = 'Lock' AND starts_with(c.description, $1)`

/**
 * Ends the sessions of this account under $1 (a prefix) but not $2. One row: how many there were, and whether all are gone.
 */
export const endPredecessorsQuery = `
SELECT count(*)::int4 AS ended, coalesce(bool_and(gone), true) AS gone
FROM (SELECT pg_terminate_backend(pid, 5000) AS gone FROM pg_stat_activity
      WHERE usename = current_user AND starts_with(application_name, $1) AND application_name <> $2
        AND pid <> pg_backend_pid()) t`

const startRole = `pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) v
    WHERE r.rolname = session_user AND starts_with(v, 'role=') AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))`

/**
 * One row, as a login: whether it has set a role to start as, for all databases and no other for this one, and is
 * itself all the same.
 */
export const startRoleQuery = `
SELECT current_user = session_user
  AND EXISTS (SELECT FROM ${startRole} AND s.setdatabase = 0 AND v <> 'role=none')
  AND NOT EXISTS (SELECT FROM ${startRole} AND s.setdatabase <> 0) AS ignored`
