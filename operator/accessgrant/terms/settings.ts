/** What an installation decides about access that is granted. Built once from the configuration, by the composition root. */

export interface AccessGrantSettings {
  /** In front of the e-mail in lower case, where a TenantAdmin names no Kubernetes user. */
  readonly userPrefix: string
  /** Milliseconds that a masquerade lasts at most, and where its AccessGrant does not say. */
  readonly masqueradeLimit: number
  /** Milliseconds that the AccessGrant of a masquerade is kept after its end. */
  readonly masqueradeRetention: number
}
