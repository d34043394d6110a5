/** The verdict on a server's health, by ordered checks, and the trouble that it makes. Pure. */
import type { DatabaseServerSpec } from '../api/databaseserver.ts'
import { firstOf } from '../api/verdict.ts'
import type { Check as CheckOf, Verdict } from '../api/verdict.ts'
import type { PostgresError, PostgresErrorReason } from '../postgres/model/port.ts'
import type { ServerHealth } from '../postgres/model/server-facts.ts'
import { tlsWords } from './tls-trouble.ts'

export interface Trouble extends Verdict {
  /** Whether it needs a person, or may pass without one. */
  readonly stalled: boolean
}

/** The oldest version that is supported: 15.0 in `server_version_num`. */
export const oldestVersion = 150_000

type Check = CheckOf<ServerHealth, Trouble>

const checks: readonly Check[] = [
  ({ version }) =>
    version >= oldestVersion
      ? undefined
      : {
          reason: 'ServerUnsupported',
          message: `The server is PostgreSQL ${versionText(version)}. Tenantry needs 15 or later.`,
          stalled: true,
        },
  ({ accountProblems }) =>
    accountProblems.length === 0
      ? undefined
      : {
          reason: 'ServerPrivilegesMissing',
          message: `The login of spec.admin.secretRef needs a correction: ${accountProblems.join(' ')}`,
          stalled: true,
        },
  ({ openToPublic, closingSql }) =>
    openToPublic.length === 0
      ? undefined
      : {
          reason: 'PublicMayConnect',
          message: `Every tenant could connect to ${openToPublic.join(', ')}. If that is intended, or cannot be changed, name the database in spec.publicDatabases. Otherwise, as an administrator of the server, run: ${closingSql.join(' ')}`,
          stalled: true,
        },
  ({ readOnly }) =>
    readOnly
      ? {
          reason: 'DatabaseUnavailable',
          message: 'The server is read-only: a standby, or configured so. Tenantry retries automatically.',
          stalled: false,
        }
      : undefined,
]

export function troubleOf(health: ServerHealth): Trouble | undefined {
  return firstOf(checks, health)
}

interface Known extends Omit<Trouble, 'message'> {
  /** The end of a sentence that begins with the server, without its full stop. */
  readonly what: string
}

const unavailable: Known = {
  reason: 'DatabaseUnavailable',
  what: 'does not answer as it should. Check spec.endpoint, and the server itself. Tenantry retries automatically',
  stalled: false,
}

const failures: Readonly<Partial<Record<PostgresErrorReason, Known>>> = {
  AuthenticationFailed: {
    reason: 'ServerLoginFailed',
    what: 'refuses the login of spec.admin.secretRef. Correct the Secret, or the server',
    stalled: true,
  },
  InsufficientPrivilege: {
    reason: 'ServerPrivilegesMissing',
    what: 'does not let the login of spec.admin.secretRef read the catalogue. The login needs CREATEDB and CREATEROLE',
    stalled: true,
  },
  Refused: {
    reason: 'DatabaseRefused',
    what: 'permanently refuses the queries of the operator',
    stalled: true,
  },
  TooManyConnections: {
    reason: 'DatabaseUnavailable',
    what: 'has no free connections. From PostgreSQL 16 on it can reserve some for the operator (reserved_connections). Tenantry retries automatically',
    stalled: false,
  },
  Timeout: {
    reason: 'DatabaseUnavailable',
    what: 'did not answer in time. Tenantry retries automatically',
    stalled: false,
  },
}

const quoted: ReadonlySet<PostgresErrorReason> = new Set(['InsufficientPrivilege', 'Refused'])

/** The verdict where the server could not be asked at all. */
export function troubleFrom(
  { reason, message: said }: Pick<PostgresError, 'reason' | 'message'>,
  { endpoint, tls }: DatabaseServerSpec,
): Trouble {
  const known = failures[reason] ?? tlsFailure(reason, tls) ?? unavailable
  const words = `PostgreSQL at ${endpoint.host}:${endpoint.port} ${known.what}.`
  const message = quoted.has(reason) ? `${words} ${said}` : words
  return { reason: known.reason, stalled: known.stalled, message }
}

function tlsFailure(reason: PostgresErrorReason, tls: DatabaseServerSpec['tls']): Known | undefined {
  const what = tlsWords(reason, tls)
  return what === undefined ? undefined : { reason: 'TlsVerificationFailed', what, stalled: true }
}

/** `180004` → `18.4`. */
export function versionText(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`
}
