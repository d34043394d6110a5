/**
 * What a password must be: NIST SP 800-63B (revision 4, section 3.1.1.2) asks for length and against rules of composition;
 * a limit keeps the hash from being fed megabytes. Counted in characters, as people count. Pure.
 */
export const shortestPassword = 12
export const longestPassword = 256

export function acceptablePassword(password: string): boolean {
  const length = Array.from(password.normalize('NFKC')).length
  return length >= shortestPassword && length <= longestPassword
}
