/** The verdict on a server's health, by ordered checks, and the trouble that it makes. Pure. */
import type { DatabaseServerSpec } from '../api/databaseserver.ts'
import { failureVerdict } from '../api/failures.ts'
import type { FailureFacts } from '../api/failures.ts'
import { failuresOfServers } from '../api/failures-server.ts'
import { firstOf } from '../api/verdict.ts'
import type { Check as CheckOf, Verdict } from '../api/verdict.ts'
import type { PostgresError, PostgresErrorReason } from '../postgres/model/port.ts'
import type { ServerHealth } from '../postgres/model/server-facts.ts'
import { tlsTrouble } from './tls-trouble.ts'

export interface Trouble extends Verdict {
  /** Whether it needs a person, or may pass without one. */
  readonly stalled: boolean
}

/** The oldest version that is supported: 15.0 in `server_version_num`. */
export const oldestVersion = 150_000

type Check = CheckOf<ServerHealth, Trouble>

const checks: readonly Check[] = [
  ({ version }) => (version >= oldestVersion ? undefined : troubleAs('ServerOutdated', { name: versionText(version) })),
  ({ accountProblems }) =>
    accountProblems.length === 0 ? undefined : troubleAs('ServerAccountUnfit', { words: accountProblems.join(' ') }),
  ({ openToPublic, closingSql }) =>
    openToPublic.length === 0
      ? undefined
      : troubleAs('ServerOpenToPublic', { name: openToPublic.join(', '), words: closingSql.join(' ') }),
  ({ readOnly }) => (readOnly ? troubleAs('ServerReadOnly', {}) : undefined),
]

export function troubleOf(health: ServerHealth): Trouble | undefined {
  return firstOf(checks, health)
}

/** What a row of the table of failures says of the server. */
export function troubleAs(row: keyof typeof failuresOfServers, facts: FailureFacts): Trouble {
  return { ...failureVerdict(row, facts), stalled: failuresOfServers[row].told === 'Stalled' }
}

const rows: Readonly<Partial<Record<PostgresErrorReason, keyof typeof failuresOfServers>>> = {
  AuthenticationFailed: 'ServerLoginRefused',
  InsufficientPrivilege: 'ServerCatalogueRefused',
  Refused: 'ServerQueryRefused',
  TooManyConnections: 'ServerFull',
  Timeout: 'ServerLate',
}

/** The verdict where the server could not be asked at all. */
export function troubleFrom(
  { reason, message }: Pick<PostgresError, 'reason' | 'message'>,
  { endpoint, tls }: DatabaseServerSpec,
): Trouble {
  const server = `PostgreSQL at ${endpoint.host}:${endpoint.port}`
  const ofTls = tlsTrouble(reason, tls)
  if (ofTls !== undefined) return troubleAs(ofTls.row, { ...ofTls.facts, server })
  return troubleAs(rows[reason] ?? 'ServerUnreachable', { server, words: message })
}

/** `180004` → `18.4`. */
export function versionText(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`
}
