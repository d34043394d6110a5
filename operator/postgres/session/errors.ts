/**
 * Translates errors of `pg` and of the socket under it: by SQLSTATE (PostgreSQL manual, appendix A) and by the socket's
 * code, never by text. Messages are the same from pass to pass and hold no value of a statement. How each reason is
 * told: tenant/status/row-of-failure.ts.
 */
import { DatabaseError } from 'pg'

import { PostgresError } from '../model/port.ts'
import type { PostgresErrorReason } from '../model/port.ts'
import { tlsReasonOf } from './tls-errors.ts'

const exact: Readonly<Record<string, PostgresErrorReason>> = {
  '25006': 'ReadOnly',
  '28000': 'AuthenticationFailed',
  '28P01': 'AuthenticationFailed',
  '2BP01': 'InUse',
  '40001': 'Unavailable',
  '40P01': 'Unavailable',
  '42501': 'InsufficientPrivilege',
  '42710': 'Conflict',
  '42P04': 'Conflict',
  '42P06': 'Conflict',
  '23505': 'Conflict',
  '53300': 'TooManyConnections',
  '55006': 'InUse',
  '55P03': 'Timeout',
  '57014': 'Timeout',
}

/** Classes of SQLSTATE: connection, resources, operator intervention, system errors. */
const byClass: Readonly<Record<string, PostgresErrorReason>> = {
  '08': 'Unavailable',
  '53': 'Unavailable',
  '57': 'Unavailable',
  '58': 'Unavailable',
}

/** Unsupported, invalid, or forbidden by a rule or a check of the server: the answer will be the same tomorrow. */
const forGood: ReadonlySet<string> = new Set(['0A', '0L', '0P', '22', '2F', '38', '39', '42', '44', 'P0'])
/** undefined_object, undefined_table: another session removed it meanwhile. */
const passing: ReadonlySet<string> = new Set(['42704', '42P01'])

/** Classes whose primary message names objects and never holds a value. */
const tellable = new Set(['08', '0A', '25', '28', '2B', '3D', '42', '53', '55', '57'])
const syntaxError = '42601'

export function reasonOf(sqlstate: string): PostgresErrorReason {
  const known = exact[sqlstate] ?? byClass[sqlstate.slice(0, 2)]
  return known ?? (forGood.has(sqlstate.slice(0, 2)) && !passing.has(sqlstate) ? 'Refused' : 'Unknown')
}

/** `server` is `host:port`. A RangeError or a TypeError is a bug of Tenantry's and is returned unchanged. */
export function translate(error: unknown, server: string): unknown {
  if (error instanceof PostgresError) return error
  if (error instanceof DatabaseError && error.code !== undefined) return fromServer(error.code, error.message, server)
  if (!(error instanceof Error) || error instanceof RangeError || error instanceof TypeError) return error
  const code = codeOf(error)
  const tls = code === undefined ? undefined : tlsReasonOf(code)
  if (tls !== undefined) return new PostgresError(tls, `TLS with PostgreSQL at ${server} failed: ${code}.`)
  const cause = code === undefined ? 'the connection was lost or never made' : code
  return new PostgresError('Unavailable', `PostgreSQL at ${server} cannot be reached: ${cause}.`)
}

/** The error when a signal or a deadline of this side ended the wait; whether the statement took effect is unknown. */
export function timedOut(server: string): PostgresError {
  return new PostgresError('Timeout', `PostgreSQL at ${server} did not answer in time.`)
}

/** The server answered that it has no TLS. */
export function withoutTls(server: string): PostgresError {
  return new PostgresError('TlsNotOffered', `PostgreSQL at ${server} offers no TLS.`)
}

function fromServer(sqlstate: string, message: string, server: string): PostgresError {
  const tell = tellable.has(sqlstate.slice(0, 2)) && sqlstate !== syntaxError
  const words = tell ? `${message} (SQLSTATE ${sqlstate})` : `SQLSTATE ${sqlstate}`
  return new PostgresError(reasonOf(sqlstate), `PostgreSQL at ${server}: ${words}.`, sqlstate)
}

function codeOf(error: Error): string | undefined {
  if ('code' in error && typeof error.code === 'string') return error.code
  // A host with several addresses that all refuse.
  if (error instanceof AggregateError)
    return error.errors.flatMap((each) => (each instanceof Error ? (codeOf(each) ?? []) : []))[0]
  return undefined
}
