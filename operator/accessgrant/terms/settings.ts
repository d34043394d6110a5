/** The settings of granted access, built once from the configuration. */

export interface AccessGrantSettings {
  /** The prefix of the e-mail in lower case, where a TenantAdmin names no Kubernetes user. */
  readonly userPrefix: string
  /** Milliseconds that a masquerade lasts at most, and its default where the AccessGrant gives none. */
  readonly masqueradeLimit: number
  /** Milliseconds that the AccessGrant of a masquerade is kept after its end. */
  readonly masqueradeRetention: number
}
