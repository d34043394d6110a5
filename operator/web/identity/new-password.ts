/** What is wrong with a new password, as a sentence for the person. Pure. */
import {
  acceptablePassword,
  isObviousPassword,
  longestPassword,
  shortestPassword,
} from '../../tenantadmin/invite/password-rule.ts'

/** `obvious`: the first guesses for this person's password. */
export function newPasswordProblem(password: string, obvious: readonly string[]): string | undefined {
  if (password === '') return 'Choose a password.'
  const length = Array.from(password).length
  if (length < shortestPassword)
    return `The password has ${length} ${length === 1 ? 'character' : 'characters'}. Use at least ${shortestPassword}; a few words are easy to remember.`
  if (!acceptablePassword(password)) return `The password is too long. Use at most ${longestPassword} characters.`
  if (isObviousPassword(password, obvious)) return 'This password is easy to guess. Choose another one.'
  return undefined
}

export function repetitionProblem(form: {
  readonly password: string
  readonly passwordAgain: string
}): string | undefined {
  return form.password === form.passwordAgain ? undefined : 'The passwords do not match. Enter the password again.'
}
