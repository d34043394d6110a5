import pg from 'pg'
import type { Account } from './postgres-access.ts'

export interface ServerSettings {
  readonly maxConnections: number
  readonly shared_preload_libraries?: string
}

/** The lines of postgresql.conf that differ from PostgreSQL's own. Durability is off: the data goes with the tests. */
export function configuration(
  port: number,
  { maxConnections, ...preload }: ServerSettings,
  more: Readonly<Record<string, string>>,
): string {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: String(maxConnections),
    ssl: 'on',
    ssl_min_protocol_version: 'TLSv1.2',
    password_encryption: 'scram-sha-256',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    // The longest pause of a checkpoint's write-back is not what is measured.
    max_wal_size: '4GB',
    log_line_prefix: '%m [%p] %u@%d %a ',
    log_min_messages: 'info',
    timezone: 'UTC',
    ...preload,
    ...more,
  }
  return `\n${linesOf(settings)}include_if_exists '${shownFile}'\n`
}

/** Beside postgresql.conf, before which its lines count. */
export const shownFile = 'shown.conf'

export function linesOf(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('')
}

/** TLS and a password for everyone. */
export const clientAuthentication = 'hostssl all all 127.0.0.1/32 scram-sha-256\n'

/**
 * What the superuser of a DatabaseServer has to do once: the operator's account, and no way in for PUBLIC. The operator
 * itself needs one database to connect to.
 */
export function firstStatements(operator: Account, withStatistics: boolean): string[] {
  const user = pg.escapeIdentifier(operator.user)
  return [
    `CREATE ROLE ${user} LOGIN CREATEDB CREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS PASSWORD ${pg.escapeLiteral(operator.password)}`,
    'REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC',
    'REVOKE CONNECT ON DATABASE template1 FROM PUBLIC',
    'REVOKE CONNECT ON DATABASE template0 FROM PUBLIC',
    `GRANT CONNECT ON DATABASE postgres TO ${user}`,
    ...(withStatistics ? ['CREATE EXTENSION pg_stat_statements'] : []),
  ]
}
