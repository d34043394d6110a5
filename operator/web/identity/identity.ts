/** What a provider says about who signed in, and the person that follows from it. Pure. */

/** What a provider says about the person who signed in. */
export interface Identity {
  /** The id of the provider in the settings, such as `corp-ldap`; `local` for Tenantry's own passwords. */
  readonly provider: string
  /** Stable and unique within the provider: OIDC's `sub`, LDAP's idAttr. */
  readonly subject: string
  /** The name people know their account by: LDAP's login, OIDC's preferred_username. */
  readonly username: string
  /** Lower case. Undefined: the provider gives none, or does not vouch for it (OIDC `email_verified` false). */
  readonly email: string | undefined
  readonly name: string | undefined
  readonly groups: readonly string[]
}

/** A person with a session. */
export interface Person extends Pick<Identity, 'provider' | 'subject' | 'name' | 'email' | 'groups'> {
  /**
   * The Kubernetes user: the configured prefix and the e-mail address in lower case. Comes from the identity only, never
   * from a TenantAdmin.
   */
  readonly user: string
  /**
   * Local sign-in only: the uids of the TenantAdmins whose password was right; the session reaches what these give,
   * nothing else. Undefined: all TenantAdmins of `user`.
   */
  readonly admins: readonly string[] | undefined
  /** The root admin of the installation. */
  readonly root: boolean
}

/** The person behind a directory's identity; undefined without an e-mail address, or where the user would be Kubernetes's own. */
export function personOf(identity: Identity, userPrefix: string): Person | undefined {
  const { provider, subject, name, email, groups } = identity
  const user = email === undefined ? undefined : userOfAddress(email, userPrefix)
  if (user === undefined) return undefined
  return { provider, subject, name, email, groups, user, admins: undefined, root: false }
}

/** The Kubernetes user of an e-mail address; undefined for names that belong to Kubernetes itself. */
export function userOfAddress(email: string, userPrefix: string): string | undefined {
  const user = `${userPrefix}${email.toLowerCase()}`
  return user.startsWith('system:') ? undefined : user
}
