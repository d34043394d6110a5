/** SQL that tells a server's identity. Reads only. */

/**
 * PostgreSQL checks EXECUTE when a statement starts, also in branches of a CASE that are not taken. `query_to_xml`
 * starts a statement of its own only when it is called, so that a server where pg_control_system() is revoked answers
 * NULL.
 */
const systemIdentifier = `CASE WHEN has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
    THEN substring(query_to_xml('SELECT system_identifier FROM pg_catalog.pg_control_system()', false, true, '')::text
      FROM '<system_identifier>([0-9]+)</system_identifier>') END`

/** One row, one column `identifier`: the identity of the session's server; NULL where that may not be read. */
export const systemIdentifierQuery = `SELECT ${systemIdentifier} AS identifier`

/**
 * One row, one column of JSON. The first eight characters of a WAL file's name are the timeline (PostgreSQL manual,
 * pg_walfile_name). A server in recovery has no position of its own.
 */
export const identityQuery = `
SELECT json_build_object(
  'systemIdentifier', ${systemIdentifier},
  'timeline', CASE WHEN NOT pg_is_in_recovery()
    THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int4 END,
  'lsn', CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn()::text END,
  'replayedUntil', to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
) AS identity`
