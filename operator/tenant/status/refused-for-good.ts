/** What a server refuses and will refuse again until a person changes something there, by its SQLSTATE. Pure. */
import type { Verdict } from '../../api/verdict.ts'
import type { PostgresError } from '../../postgres/model/port.ts'
import { inWordsFirst } from '../model/action-words.ts'
import type { Action } from '../model/action.ts'

/** Undefined where it may go away by itself. */
export function refusedForGood(
  { reason, message, sqlstate = '' }: PostgresError,
  action: Action & { readonly target: RolesOf },
): Verdict | undefined {
  if (reason !== 'Refused' && reason !== 'InsufficientPrivilege') return undefined
  return {
    reason: 'DatabaseRefused',
    message: `${inWordsFirst(action)} is refused. ${message}${wayOut(sqlstate, action)}`,
  }
}

interface RolesOf {
  readonly names: { readonly owner: string; readonly logins: { readonly a: string; readonly b: string } }
}

/** Invalid value, not supported, raised by a check of the server's own. */
const checks = /^(22|0A|P0)/

function wayOut(sqlstate: string, { kind, target }: Action & { readonly target: RolesOf }): string {
  if (setsPassword.has(kind) && checks.test(sqlstate))
    return " If the server checks new passwords, let the operator's account set SCRAM-SHA-256 verifiers: it never sends a password, which such a check cannot read."
  if (sqlstate !== '42501') return ''
  const { owner, logins } = target.names
  const roles = [owner, logins.a, logins.b].map((name) => `"${name}"`).join(', ')
  return ` The operator's account needs CREATEDB and CREATEROLE and, from PostgreSQL 16 on, to administer the roles that it changes: GRANT ${roles} TO the account WITH ADMIN TRUE, INHERIT FALSE, SET FALSE.`
}

const setsPassword: ReadonlySet<string> = new Set<Action['kind']>(['EnsureRoles', 'SetPassword', 'PrepareLogin'])
