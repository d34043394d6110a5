/** What a server reports about itself: its health and its identity. */

export interface ServerHealth {
  /** `server_version_num`, e.g. 180004. */
  readonly version: number
  readonly tenants: number
  /**
   * Databases of no tenant that every login can enter, except those that are open by choice; with any, the server is
   * not Ready.
   */
  readonly openToPublic: readonly string[]
  /** The statements that close those, for the server's administrator to run. */
  readonly closingSql: readonly string[]
  /** What the operator's account lacks, or has too much (`SUPERUSER`, no `CREATEDB`, …), in words. */
  readonly accountProblems: readonly string[]
  readonly readOnly: boolean
  /** A session does not start as the role that its login has set (ALTER ROLE … SET role). */
  readonly ignoresStartRole?: boolean
  readonly connections: ServerConnections
}

/** The server's identity, and its position in the write-ahead log. */
export interface ServerIdentity {
  /** `system_identifier` of pg_control_system(): the same for a server, its standbys and its physical copies. */
  readonly systemIdentifier?: string
  /** The timeline on which it writes; absent for a server in recovery. */
  readonly timeline?: number
  /** Up to where its write-ahead log was written, as `X/Y`; absent for a server in recovery. */
  readonly lsn?: string
  /** The time of the last replayed transaction (RFC 3339), for a server that came out of a recovery. */
  readonly replayedUntil?: string
}

export interface ServerConnections {
  /** `max_connections`. */
  readonly max: number
  /** `superuser_reserved_connections`. */
  readonly forSuperusers: number
  /** `reserved_connections`; null before PostgreSQL 16, which lacks it. */
  readonly reserved: number | null
  /**
   * The statements that reserve connections for the operator, for the server's administrator to run; none where it has
   * them, or cannot.
   */
  readonly reserveSql: readonly string[]
}

/**
 * Simultaneous connections of the operator: to the maintenance database, and short-lived ones into tenants' databases.
 */
export const connectionsAtOnce = { maintenance: 4, inside: 4 } as const
