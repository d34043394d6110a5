/** What is recorded of sign-ins, sign-outs and passwords, for the log and for the audit. Pure. */

export type AuditRecord = SignedIn | Refused | SignedOut | PasswordChanged | RootPasswordMade

interface Common {
  /** RFC 3339. */
  readonly at: string
  /** The id of the provider; `local` for Tenantry's own passwords. */
  readonly provider: string
}

interface ByRequest extends Common {
  /** The address of the client. */
  readonly client: string
}

export interface SignedIn extends ByRequest {
  readonly type: 'SignedIn'
  /** The Kubernetes user. */
  readonly user: string
  readonly root: boolean
  /** The uids of the TenantAdmins of a local sign-in. */
  readonly admins: readonly string[] | undefined
}

export interface Refused extends ByRequest {
  readonly type: 'Refused'
  readonly reason: RefusalReason
  /**
   * The account that was tried, where it is one; undefined for others, as people enter passwords in the wrong field.
   */
  readonly account: string | undefined
  /** A code of the directory. */
  readonly detail: string | undefined
}

export type RefusalReason =
  | 'WrongCredentials'
  /** Too many attempts for this account or from this client. */
  | 'Paused'
  /** The directory names no e-mail address, or does not vouch for it. */
  | 'NoEmail'
  /** The person has accepted no invitation, or is not active. */
  | 'NoTenantAdmin'
  | 'ProviderRefused'
  | 'ProviderUnavailable'
  /** The form or the callback does not belong to this browser. */
  | 'Forged'

export interface SignedOut extends Common {
  readonly type: 'SignedOut'
  readonly user: string | undefined
  readonly cause: 'Requested' | 'Everywhere' | 'Provider' | 'NoLongerAllowed'
  readonly sessions: number
}

export interface PasswordChanged extends ByRequest {
  readonly type: 'PasswordChanged'
  readonly user: string
  readonly root: boolean
  readonly admins: readonly string[] | undefined
}

/** A new initial password for the root admin: at the installation, or after its Secret was deleted. */
export interface RootPasswordMade extends Common {
  readonly type: 'RootPasswordMade'
}

export type Audit = (record: AuditRecord) => void
