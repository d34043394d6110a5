/** How a sign-in with a directory can end. Pure. */
import type { Identity } from '../identity/identity.ts'

export type LdapOutcome = Accepted | Refused | Unavailable

export interface Accepted {
  readonly kind: 'Accepted'
  readonly identity: Identity
  /** A sentence for the log, where something of the person's entry was left out. */
  readonly note: string | undefined
}

/** For the person all refusals are alike; the reason is for the audit. */
export interface Refused {
  readonly kind: 'Refused'
  readonly reason: RefusalReason
  /** A sentence for the log. It does not contain the password. */
  readonly detail: string
}

export type RefusalReason =
  | 'EmptyPassword'
  /** The username or the password cannot be one: too long, or with control characters. */
  | 'Malformed'
  | 'UnknownUser'
  /** The search found more than one entry. */
  | 'Ambiguous'
  | 'WrongPassword'
  /** Locked, disabled, or without a password: the directory says so. */
  | 'AccountDisabled'
  | 'PasswordExpired'
  /** The entry has no usable id or username. */
  | 'IncompleteEntry'

/** The directory could not decide. */
export interface Unavailable {
  readonly kind: 'Unavailable'
  readonly reason: UnavailableReason
  /** A sentence for the log. */
  readonly detail: string
}

export type UnavailableReason =
  /** No connection, or it was cut. */
  | 'Connection'
  | 'TLS'
  | 'Timeout'
  /** The directory refuses the account of the settings, or its password cannot be read. */
  | 'ServiceAccount'
  /** The settings do not fit the directory: an unknown base DN, a CA that is none. */
  | 'Settings'
  /** The directory answers that it cannot, or refers to another server. */
  | 'Server'
  /** The answer breaks the protocol or a limit. */
  | 'Protocol'
  /** The caller aborted. */
  | 'Stopped'

/** Thrown inside of this folder; becomes the outcome {@link Unavailable}. */
export class DirectoryFailure extends Error {
  override readonly name = 'DirectoryFailure'
  readonly reason: UnavailableReason
  constructor(reason: UnavailableReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export function refused(reason: RefusalReason, detail: string): Refused {
  return { kind: 'Refused', reason, detail }
}
