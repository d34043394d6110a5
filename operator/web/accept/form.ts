/** The content of the accept form, and what is wrong with it. Pure. */
import { createHash } from 'node:crypto'
import { fieldOf } from '../http/form-field.ts'
import { newPasswordProblem, repetitionProblem } from '../identity/new-password.ts'

/** What the tenant and the installation require. */
export interface FormRequirements {
  /** Undefined: no consent is required. */
  readonly consentText: string | undefined
  readonly password: boolean
  /** A box to tick, where nothing else on the page needs a person: programs follow links and press buttons. */
  readonly confirmation: boolean
  /** The first guesses for this person's password: username, names, address, tenant. */
  readonly obvious: readonly string[]
}

export interface AcceptForm {
  readonly key: string
  readonly nonce: string
  readonly consent: boolean
  readonly consentDigest: string
  readonly password: string
  readonly passwordAgain: string
}

export type FieldName = 'consent' | 'password' | 'passwordAgain'
export type FieldErrors = Readonly<Partial<Record<FieldName, string>>>

export function readForm(body: unknown): AcceptForm {
  const text = (name: string): string => fieldOf(body, name)
  return {
    key: text('key'),
    nonce: text('nonce').slice(0, 64),
    consent: text('consent') === 'yes',
    consentDigest: text('consentDigest'),
    password: text('password'),
    passwordAgain: text('passwordAgain'),
  }
}

/** SHA-256 in hexadecimal: identifies the text that was consented to. */
export function consentDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function errorsOf(form: AcceptForm, demands: FormRequirements): FieldErrors {
  const consent = consentError(form, demands)
  const password = demands.password ? newPasswordProblem(form.password, demands.obvious) : undefined
  const again = demands.password && password === undefined ? repetitionProblem(form) : undefined
  return {
    ...(consent === undefined ? {} : { consent }),
    ...(password === undefined ? {} : { password }),
    ...(again === undefined ? {} : { passwordAgain: again }),
  }
}

function consentError(form: AcceptForm, { consentText, confirmation }: FormRequirements): string | undefined {
  if (consentText === undefined)
    return confirmation && !form.consent ? 'Tick the box to accept the invitation.' : undefined
  if (form.consentDigest !== consentDigest(consentText)) return 'The text has changed. Please read it again.'
  return form.consent ? undefined : 'Tick the box to agree. You cannot accept the invitation without it.'
}
