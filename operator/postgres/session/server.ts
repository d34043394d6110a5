/** Reads and writes on one server for the actions: chooses the connection, checks the leadership, translates errors. */
import type { DatabaseNames } from '../../api/names.ts'
import type { Clock } from '../../runtime/base/clock.ts'
import { catalogueDocument, observedDatabases } from '../model/catalogue-answer.ts'
import type { CatalogueDocument } from '../model/catalogue-answer.ts'
import { open, serverName } from './connection.ts'
import type { Connection, Login, Statement } from './connection.ts'
import { dumpNames } from '../model/dump-names.ts'
import { timedOut } from './errors.ts'
import { semaphore } from '../../runtime/base/semaphore.ts'
import { markPrefix } from '../model/mark.ts'
import { pool } from './pool.ts'
import type { ServerAddress } from '../model/address.ts'
import { connectionsAtOnce } from '../model/server-facts.ts'
import { openSession } from './session.ts'
import { catalogueQuery } from '../statements/queries-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

const { maintenance: poolSize, inside: tenantConnections } = connectionsAtOnce
/** CREATE DATABASE and DROP DATABASE at the same time; more make each slower (all write the same catalogue). */
const databaseCommands = 3

export interface SessionOptions {
  readonly installation: string
  readonly applicationName: string
  readonly clock: Pick<Clock, 'after'>
  /** Called right before each statement that changes something; throws when this process no longer leads. */
  readonly mayWrite: () => void
}

export interface Server {
  readonly name: string
  readonly installation: string
  /** The operator's account there and what it may set, and the server's version, once anything was observed. */
  readonly account: () => Pick<ObservedDatabase, 'operator' | 'version' | 'settable'> | undefined
  readonly observe: (
    signal: AbortSignal,
    names?: readonly DatabaseNames[],
  ) => Promise<ReadonlyMap<string, ObservedDatabase>>
  readonly read: (statement: Statement, signal: AbortSignal) => Promise<readonly unknown[]>
  /** As `read`, where the query changes something too. */
  readonly change: (statement: Statement, signal: AbortSignal) => Promise<readonly unknown[]>
  /** All of `statements` in one transaction on the maintenance database; nothing when there are none. */
  readonly transact: (statements: readonly string[], signal: AbortSignal) => Promise<void>
  /** A statement that cannot be in a transaction: CREATE DATABASE, DROP DATABASE. */
  readonly command: (text: string, signal: AbortSignal) => Promise<void>
  /** One after another: writes to the row of a shared database, as PostgreSQL refuses all but one at a time. */
  readonly inTurn: <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>
  readonly write: (connection: Connection, statement: Statement, signal: AbortSignal) => Promise<void>
  /** A connection of its own into a tenant's database. */
  readonly inside: <T>(
    database: string,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<T>,
  ) => Promise<T>
  readonly login: (database: string, username: string, password: string, signal: AbortSignal) => Promise<Connection>
  readonly close: () => Promise<void>
}

/** How many connections do each kind of work at once. */
function limits() {
  return { tenants: semaphore(tenantConnections), commands: semaphore(databaseCommands), turns: semaphore(1) }
}

export function server(address: ServerAddress, options: SessionOptions): Server {
  const { applicationName, installation, mayWrite } = options
  const name = serverName(address)
  const login = (database: string): Login => ({ ...address, address, database, applicationName })
  const sessions = pool(poolSize, options.clock, (signal) => openSession(login(address.database ?? 'postgres'), signal))
  const { tenants, commands, turns } = limits()

  const use = <T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>) =>
    inTime(name, signal, () => sessions.use(signal, work))
  const write = async (connection: Connection, statement: Statement, signal: AbortSignal) =>
    void (await change(mayWrite, connection, statement, signal))
  const writeText = (text: string, signal: AbortSignal) =>
    use(signal, (connection) => write(connection, { text }, signal))

  let account: ReturnType<Server['account']>

  return {
    name,
    installation,
    write,
    account: () => account,
    observe: async (signal, names) => {
      const document = await use(signal, (connection) => observe(connection, installation, signal, names))
      account = { operator: document.operator, version: document.version, settable: document.settable }
      return observedDatabases(document, names)
    },
    read: (statement, signal) => use(signal, (connection) => connection.run(statement, signal)),
    change: (statement, signal) => use(signal, (connection) => change(mayWrite, connection, statement, signal)),
    transact: async (statements, signal) => {
      if (statements.length > 0) await writeText(statements.join(';\n'), signal)
    },
    command: (text, signal) => inTime(name, signal, () => commands.pass(signal, () => writeText(text, signal))),
    inside: (database, signal, work) =>
      inTime(name, signal, () => tenants.pass(signal, () => shortly(login(database), signal, work))),
    inTurn: (signal, work) => inTime(name, signal, () => turns.pass(signal, work)),
    login: (database, username, password, signal) =>
      open({ address, database, username, password, applicationName: 'tenantry-probe' }, signal),
    close: sessions.close,
  }
}

async function change(
  mayWrite: SessionOptions['mayWrite'],
  connection: Connection,
  statement: Statement,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  mayWrite()
  return connection.run(statement, signal)
}

/** A connection for the duration of `work`. */
async function shortly<T>(to: Login, signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await openSession(to, signal)
  try {
    return await work(connection)
  } finally {
    // Not awaited: the server takes its time, and a session that is about to end disturbs nothing.
    void connection.close()
  }
}

async function observe(
  connection: Connection,
  installation: string,
  signal: AbortSignal,
  names?: readonly DatabaseNames[],
): Promise<CatalogueDocument> {
  const statement =
    names === undefined
      ? { name: 'catalogue-mark', text: catalogueQuery('mark'), values: [markPrefix(installation)] }
      : {
          name: 'catalogue-names',
          text: catalogueQuery('names'),
          values: [
            roleNames(names),
            names.flatMap((each) => [each.database, dumpNames(each).scratch]),
            markPrefix(installation),
          ],
        }
  const [row] = await connection.run(statement, signal)
  return catalogueDocument.parse(column(row, 'catalogue'))
}

function roleNames(names: readonly DatabaseNames[]): string[] {
  return names.flatMap((each) => {
    const { login, restorer } = dumpNames(each)
    return [each.owner, each.logins.a, each.logins.b, login, restorer]
  })
}

/** One column of a row whose shape the caller checks. */
export function column(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined
}

/** Waiting for a connection counts as waiting for the server. */
async function inTime<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw signal.aborted && error === signal.reason ? timedOut(name) : error
  }
}
