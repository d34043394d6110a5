/** One connection: how it is opened, how a statement runs under a deadline, how it is abandoned. */
import { connect, Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

import { Client } from 'pg'
import type { ClientConfig, QueryResult } from 'pg'

import { timedOut, translate, withoutTls } from './errors.ts'
import type { ServerAddress } from '../model/address.ts'

/** Milliseconds. The caller's signal may end the wait earlier. */
export const deadlines = { connect: 5_000, statement: 30_000, lock: 5_000, goodbye: 1_000 } as const

export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[]
  /** Runs as a prepared statement of that name. */
  readonly name?: string
  /**
   * Milliseconds that the statement may take, where those of {@link deadlines} are too few; the caller sets the
   * session's own limits.
   */
  readonly statementTimeout?: number
}

export interface Connection {
  /** Rows of the (last) statement. Rejects with a PostgresError; after `Timeout` the connection is gone. */
  readonly run: (statement: Statement, signal: AbortSignal) => Promise<readonly unknown[]>
  readonly usable: () => boolean
  readonly close: () => Promise<void>
}

export interface Login {
  readonly address: ServerAddress
  readonly database: string
  readonly username: string
  readonly password: string
  readonly applicationName: string
  /** Without session settings of the operator's. */
  readonly plain?: boolean
}

export function serverName({ host, port }: ServerAddress): string {
  return `${host}:${port}`
}

/** Connects; rejects with a PostgresError. */
export async function open(login: Login, signal: AbortSignal): Promise<Connection> {
  const { address } = login
  const socket = new Socket()
  const client = new Client({ ...clientConfig(login), stream: () => socket })
  const connection = over(client, socket, address)
  const tlsRefused = address.tls.mode === 'disable' ? () => false : watchForRefusedTls(socket)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(deadlines.connect)])
  try {
    await orAbort(client.connect(), limit, () => socket.destroy())
  } catch (error) {
    socket.destroy()
    if (limit.aborted) throw timedOut(serverName(address))
    throw tlsRefused() ? withoutTls(serverName(address)) : translate(error, serverName(address))
  }
  return connection
}

/** The answer to an SSLRequest is one byte, `N` where the server has no TLS (PostgreSQL manual, SSL Session Encryption). */
function watchForRefusedTls(socket: Socket): () => boolean {
  let tlsRefused = false
  socket.once('data', (answer: Buffer) => {
    tlsRefused = answer.toString('latin1') === 'N'
  })
  return () => tlsRefused
}

function over(client: Client, socket: Socket, address: ServerAddress): Connection {
  let usable = true
  const broken = () => {
    usable = false
  }
  // `pg` emits these besides rejecting; without a listener they would end the process.
  client.on('error', broken)
  client.on('end', broken)
  return {
    usable: () => usable,
    run: async (statement, whole) => {
      // A frozen server does not keep its own statement_timeout.
      const until = AbortSignal.any([
        whole,
        AbortSignal.timeout(statement.statementTimeout ?? deadlines.statement + deadlines.connect),
      ])
      const giveUp = () => {
        usable = false
        cancel(address, client)
        socket.destroy()
      }
      try {
        until.throwIfAborted()
        return lastRows(await orAbort(client.query(query(statement)), until, giveUp))
      } catch (error) {
        throw until.aborted ? timedOut(serverName(address)) : translate(error, serverName(address))
      }
    },
    close: async () => {
      usable = false
      // A frozen server does not answer a goodbye.
      const limit = AbortSignal.timeout(deadlines.goodbye)
      await orAbort(client.end(), limit, () => socket.destroy()).catch(() => undefined)
      socket.destroy()
    },
  }
}

/**
 * `search_path` is pinned so that no name is ever looked up in a tenant's schema (pg_temp last: otherwise it would come
 * first), and string constants so that quote.ts is right. The startup packet overrides ALTER ROLE and ALTER DATABASE.
 */
export function clientConfig({ address, database, username, password, applicationName, plain }: Login): ClientConfig {
  const login: ClientConfig = {
    host: address.host,
    port: address.port,
    user: username,
    password,
    database,
    ssl: tls(address.tls),
    application_name: applicationName,
    keepAlive: true,
  }
  if (plain === true) return login
  return {
    ...login,
    options: '-c search_path=pg_catalog,pg_temp -c standard_conforming_strings=on -c client_min_messages=error',
    statement_timeout: deadlines.statement,
    lock_timeout: deadlines.lock,
    idle_in_transaction_session_timeout: deadlines.statement,
  }
}

/** As libpq's sslmode has it: `require` encrypts, `verify-ca` checks the chain, `verify-full` the host name too. */
function tls({ mode, ca }: ServerAddress['tls']): false | ConnectionOptions {
  if (mode === 'disable') return false
  if (mode === 'require') return { rejectUnauthorized: false }
  const verified = { rejectUnauthorized: true, ...(ca !== undefined && { ca }) }
  return mode === 'verify-full' ? verified : { ...verified, checkServerIdentity: () => undefined }
}

function query({ text, values, name }: Statement) {
  return { text, ...(values && { values: [...values] }), ...(name !== undefined && { name }) }
}

/** Several statements in one simple query have a result each. */
function lastRows(result: QueryResult | QueryResult[]): readonly unknown[] {
  return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? []
}

/** `work`, or a rejection as soon as the signal is aborted; then `giveUp` has been called and `work` is abandoned. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal, giveUp: () => void): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => {
    giveUp()
    aborted.reject(signal.reason)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  work.catch(() => undefined)
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    aborted.promise.catch(() => undefined)
  }
}

/**
 * A CancelRequest (PostgreSQL manual, 53.2.8) on a connection of its own, so that the server stops a statement without
 * a client. Best effort: it may come too late, and it carries no secret but its own key.
 */
function cancel({ host, port }: ServerAddress, client: Client): void {
  if (!('processID' in client && 'secretKey' in client)) return
  const { processID, secretKey } = client
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return
  const request = Buffer.alloc(16)
  request.writeInt32BE(16, 0)
  request.writeInt32BE(80_877_102, 4)
  request.writeInt32BE(processID, 8)
  request.writeInt32BE(secretKey, 12)
  const socket = connect({ host, port, timeout: deadlines.connect })
  socket.on('error', () => socket.destroy())
  socket.on('timeout', () => socket.destroy())
  socket.on('connect', () => socket.end(request))
  socket.unref()
}
