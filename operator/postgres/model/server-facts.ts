/** What a server says of itself: how it is, and which one it is. */

export interface ServerHealth {
  /** `server_version_num`, e.g. 180004. */
  readonly version: number
  readonly tenants: number
  /** Databases that are no tenant's and that every login can enter, without those that are so by choice; with any, the server is not Ready. */
  readonly openToPublic: readonly string[]
  /** The statements that close those, for the server's administrator to run. */
  readonly mendSql: readonly string[]
  /** What the operator's account lacks, or has too much (`SUPERUSER`, no `CREATEDB`, …), in words. */
  readonly accountProblems: readonly string[]
  readonly readOnly: boolean
  /** A session does not start as the role that its login has set (ALTER ROLE … SET role). */
  readonly ignoresStartRole?: boolean
  readonly connections: ServerConnections
}

/** Which server it is, and how far it has come. */
export interface ServerIdentity {
  /** `system_identifier` of pg_control_system(): the same for a server, its standbys and its physical copies. */
  readonly systemIdentifier?: string
  /** The timeline on which it writes; of a server in recovery nothing is said. */
  readonly timeline?: number
  /** Up to where its write-ahead log was written, as `X/Y`; of a server in recovery nothing is said. */
  readonly lsn?: string
  /** The time of the last transaction that was replayed (RFC 3339), of a server that came out of a recovery. */
  readonly replayedUntil?: string
}

export interface ServerConnections {
  /** `max_connections`. */
  readonly max: number
  /** `superuser_reserved_connections`. */
  readonly forSuperusers: number
  /** `reserved_connections`; null before PostgreSQL 16, which has no such thing. */
  readonly reserved: number | null
  /** The statements that keep connections for the operator, for the server's administrator to run; none where it has them, or cannot. */
  readonly reserveSql: readonly string[]
}

/** Connections of the operator at one time: to the maintenance database, and short-lived ones into tenants' databases. */
export const connectionsAtOnce = { maintenance: 4, inside: 4 } as const
