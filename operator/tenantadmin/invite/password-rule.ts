/**
 * The rule for passwords: NIST SP 800-63B (revision 4, section 3.1.1.2) asks for length, for a check against common
 * passwords, and against rules of composition; a limit keeps megabytes from the hash. Pure.
 */
import { adminPasswordSecretType } from '../../api/names.ts'
import type { Secret } from '../../kube/resources.ts'
import { credentialOf } from '../../runtime/base/credential.ts'

export const shortestPassword = 12
export const longestPassword = 256

/** Counted in characters, as people count. */
export function acceptablePassword(password: string): boolean {
  const length = Array.from(password.normalize('NFKC')).length
  return length >= shortestPassword && length <= longestPassword
}

/** The first password in an admin's Secret, if it can be one; `Unfit`: it has control characters. */
export function firstPasswordOf({ type, data }: Pick<Secret, 'type' | 'data'>): FirstPassword {
  const text = credentialOf(data?.['password'])
  if (type !== adminPasswordSecretType) return { kind: 'Invalid' }
  if (text === undefined) return { kind: 'Unfit' }
  return acceptablePassword(text) ? { kind: 'Usable', text } : { kind: 'Invalid' }
}

export type FirstPassword = { readonly kind: 'Invalid' | 'Unfit' } | { readonly kind: 'Usable'; readonly text: string }

/** The parts of most leaked passwords that are long enough. */
const commonParts =
  /password|passwort|passw0rd|p@ssw0rd|qwertyuiop|qwertz|qwerty|azerty|asdfgh|zxcvbn|1q2w3e4r|1qaz2wsx|abc123|letmein|welcome|changeme|administrator|iloveyou|0123456789|1234567890|12345|secret|default|admin|login/g

/**
 * Whether little is left of a password without the first guesses: common words, runs of one character, counting, and
 * `known`, the facts about this person.
 */
export function isObviousPassword(password: string, known: readonly string[]): boolean {
  let rest = password.normalize('NFKC').toLowerCase()
  for (const word of known.toSorted((one, other) => other.length - one.length)) {
    const part = word.toLowerCase().trim()
    if (part.length >= 3) rest = rest.replaceAll(part, '')
  }
  rest = rest.replace(commonParts, '').replace(/(.)\1{2,}/gu, '$1')
  return new Set(rest.replace(/[^\p{L}\p{N}]/gu, '')).size < 5
}
