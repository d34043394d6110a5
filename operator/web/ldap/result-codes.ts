/** What the result codes of a directory mean (RFC 4511, appendix A), for each operation of ours. Its own words are only quoted. Pure. */
import { DirectoryFailure, refused } from './ldap-outcome.ts'
import type { RefusalReason, Refused, UnavailableReason } from './ldap-outcome.ts'
import type { Result } from './ldap-responses.ts'

export const success = 0
export const sizeLimitExceeded = 4

/** Codes with one meaning for all operations. */
const general: Readonly<Record<number, readonly [UnavailableReason, string]>> = {
  3: ['Timeout', 'The directory ran into its time limit'],
  8: ['Settings', 'The directory demands stronger authentication, such as TLS'],
  10: ['Server', 'The directory refers to another server, and referrals are not followed'],
  11: ['Server', 'The directory ran into an administrative limit'],
  13: ['Settings', 'The directory demands TLS'],
  51: ['Server', 'The directory is busy'],
  52: ['Server', 'The directory is shutting down or offline'],
}

/** No such object, no password in the entry, wrong password. */
const wrongPassword: ReadonlySet<number> = new Set([32, 49])
/** Constraint violation, inappropriate authentication, insufficient access rights, unwilling to perform. */
const disabled: ReadonlySet<number> = new Set([19, 48, 50, 53])

/** Why the directory refused the person's bind; undefined: it did not. @throws DirectoryFailure when it could not decide. */
export function refusalOf(result: Result): Refused | undefined {
  const reason = reasonOf(result)
  if (reason !== undefined) return refused(reason, `The directory refused the bind${quoted(result)}`)
  if (result.code === success) return undefined
  throw failureOf(result, 'The directory failed to check the password')
}

function reasonOf({ code, policy }: Result): RefusalReason | undefined {
  if (policy === 'locked') return 'AccountDisabled'
  if (policy !== undefined) return 'PasswordExpired'
  if (wrongPassword.has(code)) return 'WrongPassword'
  return disabled.has(code) ? 'AccountDisabled' : undefined
}

/** @throws DirectoryFailure unless the directory accepted our own account. */
export function assertBound(result: Result): void {
  if (result.code === success && result.policy === undefined) return
  if (result.code !== success && !wrongPassword.has(result.code) && !disabled.has(result.code) && result.code !== 34)
    throw failureOf(result, 'The directory failed to check the account in bindDN')
  throw new DirectoryFailure(
    'ServiceAccount',
    `The directory refused the account in bindDN with the password in bindPWFile${quoted(result)}`,
  )
}

/** `key`: `userSearch` or `groupSearch`. @throws DirectoryFailure unless the search went well or reached its size limit. */
export function assertFound(result: Result, key: string): void {
  if (result.code === success || result.code === sizeLimitExceeded) return
  if (result.code === 32)
    throw new DirectoryFailure(
      'Settings',
      `The directory has no ${key}.baseDN, or does not show it to the account in bindDN${quoted(result)}`,
    )
  if (result.code === 50)
    throw new DirectoryFailure(
      'ServiceAccount',
      `The directory refuses ${key}; check the rights of the account in bindDN${quoted(result)}`,
    )
  throw failureOf(result, `The search of ${key} failed`)
}

/** @throws DirectoryFailure unless the directory begins with TLS. */
export function assertStartTls(result: Result): void {
  if (result.code === success) return
  throw new DirectoryFailure('TLS', `The directory refused StartTLS${quoted(result)}`)
}

function failureOf(result: Result, otherwise: string): DirectoryFailure {
  const [reason, words] = general[result.code] ?? ['Server' as const, otherwise]
  return new DirectoryFailure(reason, `${words}${quoted(result)}`)
}

/** The code, what the password policy says, and one line of the directory's printable words. */
function quoted({ code, policy, words }: Result): string {
  const line = words
    .replace(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200)
  const facts = policy === undefined ? `code ${code}` : `code ${code}, ${policy}`
  return line === '' ? ` (${facts}).` : ` (${facts}: ${line}).`
}
