/** How a sign-in or a logout ends. The reasons are for the log and the audit; the person's page says less. Pure. */
import type { Identity } from '../identity/identity.ts'

export type RefusalReason =
  /** Repeated parameters, or neither a code nor an error. */
  | 'MalformedCallback'
  /** The flow is of another provider. */
  | 'OtherProvider'
  | 'WrongState'
  /** In the callback (RFC 9207) or in a token. */
  | 'WrongIssuer'
  | 'AccessDenied'
  /** The provider has refused the request; `detail` is its error code. */
  | 'RequestRefused'
  /** The code is spent, expired, of another client or of another flow. */
  | 'CodeRefused'
  | 'MalformedToken'
  | 'WrongAlgorithm'
  | 'WrongSignature'
  | 'WrongAudience'
  | 'WrongAuthorizedParty'
  | 'TokenExpired'
  | 'TokenNotYetValid'
  | 'WrongIssueTime'
  | 'WrongNonce'
  | 'WrongSubject'
  /** The access token is not the one of the ID token's `at_hash`. */
  | 'WrongAccessToken'
  /** The userinfo is of another person than the ID token. */
  | 'OtherUserinfo'
  | 'EmailNotVerified'
  | 'EmailMalformed'
  // Of logout tokens only:
  | 'WrongType'
  | 'NoLogoutEvent'
  | 'NoTokenId'
  | 'Replayed'

export type UnavailableReason =
  | 'Connection'
  /** The certificate cannot be verified, or the port speaks no TLS. */
  | 'TLS'
  | 'Timeout'
  /** The answer has more bytes than any provider needs. */
  | 'TooLarge'
  /** The provider answers that it cannot, or with a status that OpenID Connect does not have. */
  | 'Server'
  /** The answer is not as OpenID Connect has it. */
  | 'Protocol'
  /** The discovery document is of another issuer than the settings say. */
  | 'OtherIssuer'
  /** The provider signs with no asymmetric algorithm. */
  | 'NoAlgorithm'
  /** The provider's keys cannot be read. */
  | 'Keys'
  /** The provider does not accept Tenantry as its client: the id, the secret or the redirect URI is wrong. */
  | 'Client'
  | 'ClientSecretFile'
  | 'RootCAFile'

export interface Refused {
  readonly kind: 'Refused'
  readonly reason: RefusalReason
  /** An error code of the provider. */
  readonly detail: string | undefined
}

/** Not the person's fault; the same may succeed later. */
export interface Unavailable {
  readonly kind: 'Unavailable'
  readonly reason: UnavailableReason
  /** A code of the system or of the provider. */
  readonly detail: string | undefined
}

export interface Accepted {
  readonly kind: 'Accepted'
  readonly identity: Identity
  /** The session at the provider, which back-channel logout names. */
  readonly sid: string | undefined
  /** The hint for the sign-out at the provider. */
  readonly idToken: string
}

export interface LogoutRequested {
  readonly kind: 'LogoutRequested'
  /** The sessions of this person end; with `sid` that one only. At least one of the two is there. */
  readonly sub: string | undefined
  readonly sid: string | undefined
  readonly jti: string
}

export function refused(reason: RefusalReason, detail?: string): Refused {
  return { kind: 'Refused', reason, detail }
}

export function unavailable(reason: UnavailableReason, detail?: string): Unavailable {
  return { kind: 'Unavailable', reason, detail }
}

/** Carries an outcome through the libraries that call us back. */
export class OutcomeError extends Error {
  override readonly name = 'OutcomeError'
  readonly outcome: Refused | Unavailable
  constructor(outcome: Refused | Unavailable, cause?: unknown) {
    super(`${outcome.kind}: ${outcome.reason}`, { cause })
    this.outcome = outcome
  }
}
