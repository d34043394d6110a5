/**
 * SQL that only reads. Sessions pin `search_path` to pg_catalog, so that bare names mean the system's own. Memberships
 * are read through `to_jsonb`, because `set_option` and `inherit_option` exist from PostgreSQL 16 on.
 */

/**
 * One row, one column of JSON: {@link CatalogueDocument} in catalogue.ts. With `names` exactly the roles in $1 and the
 * databases in $2; without, all roles and databases whose comment begins with $1, and all databases of the operator.
 */
export function catalogueQuery(by: 'names' | 'mark'): string {
  const roles = by === 'names' ? 'r.rolname = ANY ($1::name[])' : 'starts_with(c.description, $1)'
  const databases =
    by === 'names'
      ? 'd.datname = ANY ($2::name[])'
      : '(starts_with(c.description, $1) OR d.datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user))'
  return `
SELECT json_build_object(
  'version', current_setting('server_version_num')::int4,
  'operator', current_user,
  'roles', coalesce((
    SELECT json_agg(${roleJson})
    FROM pg_roles r LEFT JOIN pg_shdescription c ON c.objoid = r.oid AND c.classoid = 'pg_authid'::regclass
    WHERE ${roles}), '[]'),
  'databases', coalesce((
    SELECT json_agg(${databaseJson})
    FROM pg_database d LEFT JOIN pg_shdescription c ON c.objoid = d.oid AND c.classoid = 'pg_database'::regclass
    WHERE ${databases}), '[]'),
  'sessions', coalesce((
    SELECT json_object_agg(s.usename, s.sessions)
    FROM (SELECT usename, count(*) AS sessions FROM pg_stat_activity
          WHERE usename IS NOT NULL AND usename <> current_user GROUP BY usename) s), '{}')
) AS catalogue`
}

const roleJson = `json_build_object(
      'name', r.rolname,
      'comment', c.description,
      'canLogin', r.rolcanlogin,
      'connectionLimit', r.rolconnlimit,
      'expired', coalesce(r.rolvaliduntil < now(), false),
      'attributes', array_remove(ARRAY[
        CASE WHEN r.rolsuper THEN 'SUPERUSER' END,
        CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
        CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN r.rolreplication THEN 'REPLICATION' END,
        CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
        CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END,
        CASE WHEN r.rolvaliduntil < 'infinity' THEN 'VALID UNTIL' END], NULL),
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
        WHERE s.setrole = r.oid ORDER BY 1))`

const databaseJson = `json_build_object(
      'name', d.datname,
      'comment', c.description,
      'owner', pg_get_userbyid(d.datdba),
      'connectionLimit', d.datconnlimit,
      'allowConnections', d.datallowconn,
      'acl', ARRAY(SELECT a::text FROM unnest(coalesce(d.datacl, acldefault('d', d.datdba))) a ORDER BY a::text COLLATE "C"))`

/**
 * One row for a server's health. $1 is the prefix of this installation's marks; tenants are counted by the mark on their
 * owner roles, and `open` lists databases without such a mark that PUBLIC may connect to.
 */
export const healthQuery = `
SELECT json_build_object(
  'version', current_setting('server_version_num')::int4,
  'operator', current_user,
  'tenants', (SELECT count(*) FROM pg_shdescription
    WHERE classoid = 'pg_authid'::regclass AND starts_with(description, $1) AND description LIKE '%"kind":"owner"%'),
  'sizeBytes', coalesce((SELECT sum(pg_database_size(d.oid)) FROM pg_database d WHERE d.datdba = r.oid AND d.datallowconn), 0),
  'open', coalesce((SELECT json_agg(d.datname ORDER BY d.datname) FROM pg_database d
    LEFT JOIN pg_shdescription c ON c.objoid = d.oid AND c.classoid = 'pg_database'::regclass
    WHERE d.datallowconn AND has_database_privilege('public', d.oid, 'CONNECT')
      AND NOT (d.datdba = r.oid AND c.description IS NOT NULL AND starts_with(c.description, $1))), '[]'),
  'attributes', array_remove(ARRAY[
    CASE WHEN r.rolsuper THEN 'SUPERUSER' END,
    CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
    CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
    CASE WHEN r.rolreplication THEN 'REPLICATION' END,
    CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
    CASE WHEN r.rolinherit THEN 'INHERIT' END], NULL),
  'readOnly', pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool
) AS health
FROM pg_roles r WHERE r.rolname = current_user`

/** One row: how many sessions of this account under $1 (a prefix) but not $2 there were, and whether all are gone. */
export const endPredecessorsQuery = `
SELECT count(*)::int4 AS ended, coalesce(bool_and(gone), true) AS gone
FROM (SELECT pg_terminate_backend(pid, 5000) AS gone FROM pg_stat_activity
      WHERE usename = current_user AND starts_with(application_name, $1) AND application_name <> $2
        AND pid <> pg_backend_pid()) t`
