import pg from 'pg'

export interface Account {
  readonly user: string
  readonly password: string
}

/** Where a PostgreSQL server is: plain data, that one process can tell another. */
export interface PostgresAddress {
  /** A name that the server's certificate has, for verify-full; it is reached as 127.0.0.1 too. */
  readonly host: string
  readonly port: number
  /** PEM of the authority that the server's certificate comes from. */
  readonly ca: string
  readonly caPath: string
  /** For the tests alone: the operator never has it. */
  readonly superuser: Account
  /** LOGIN CREATEDB CREATEROLE, no superuser: the operator's. */
  readonly operator: Account
  /** What the server logs. */
  readonly logPath: string
}

/** A session; `await using` ends it. */
export type Session = pg.Client & AsyncDisposable

/** A server as its tests use it. */
export interface PostgresAccess extends PostgresAddress {
  /** A new session over TLS with the server's name verified, of the superuser unless an account is given. */
  connect(
    options?: Partial<Account> & { database?: string; applicationName?: string; options?: string },
  ): Promise<Session>
  /** One statement as the superuser, in a session of its own. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[], database?: string): Promise<Row[]>
}

export function postgresAt(address: PostgresAddress): PostgresAccess {
  const { host, port, ca, superuser } = address
  const connect: PostgresAccess['connect'] = async (options = {}) => {
    const { database = 'postgres', applicationName = 'tenantry-test', ...account } = options
    const client = new pg.Client({
      ...superuser,
      ...account,
      host,
      port,
      database,
      application_name: applicationName,
      // Of a server that stands still for a while it is no answer; one that is frozen is given up all the same.
      connectionTimeoutMillis: 20_000,
      ssl: { ca, rejectUnauthorized: true, servername: host },
    })
    // A session that the server ends (a fault test) must not end the process: its next query fails.
    client.on('error', () => undefined)
    await client.connect()
    return Object.assign(client, { [Symbol.asyncDispose]: () => end(client) })
  }
  return {
    ...address,
    connect,
    async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = [], database = 'postgres') {
      await using session = await connect({ database })
      return (await session.query<Row>(text, values)).rows
    },
  }
}

/** A server that is frozen does not say goodbye. */
async function end(client: pg.Client): Promise<void> {
  const cut = setTimeout(() => client.connection.stream.destroy(), 10_000)
  try {
    await client.end()
  } finally {
    clearTimeout(cut)
  }
}
