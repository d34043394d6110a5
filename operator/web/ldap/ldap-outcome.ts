/** How a sign-in with a directory can end. Pure. */
import type { Identity } from '../identity/identity.ts'

export type LdapOutcome = Accepted | Refused | Unavailable

export interface Accepted {
  readonly outcome: 'accepted'
  readonly identity: Identity
  /** A sentence for the log, where something of the person's entry was left out. */
  readonly note: string | undefined
}

/** For the person all refusals are alike; the reason is for the audit. */
export interface Refused {
  readonly outcome: 'refused'
  readonly reason: RefusalReason
  /** A sentence for the audit. It does not contain the password. */
  readonly message: string
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
  readonly outcome: 'unavailable'
  readonly class: UnavailableClass
  /** A sentence for the log. */
  readonly message: string
}

export type UnavailableClass =
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
  readonly class: UnavailableClass
  constructor(failureClass: UnavailableClass, message: string, options?: ErrorOptions) {
    super(message, options)
    this.class = failureClass
  }
}

export function refused(reason: RefusalReason, message: string): Refused {
  return { outcome: 'refused', reason, message }
}
