/** The root admin of the installation, as the settings name this person. Pure. */
import type { Identity, Person } from './identity.ts'

export interface RootSettings {
  readonly username: string
  readonly email: string | undefined
  /** The Kubernetes user. */
  readonly user: string
  readonly signIn: RootSignIn
}

export type RootSignIn =
  /** By a password in the Secret `tenantry-root`. */
  | { readonly kind: 'Local' }
  /** By a directory. One of both names the account there; the username where no subject is given. */
  | { readonly kind: 'Provider'; readonly provider: string; readonly account: RootAccount }

export type RootAccount = { readonly subject: string } | { readonly username: string }

/** The person of a directory's account that the settings name as root; undefined for all other accounts. */
export function rootOf(identity: Identity, { signIn, user, email }: RootSettings): Person | undefined {
  if (signIn.kind !== 'Provider' || signIn.provider !== identity.provider) return undefined
  const { provider, subject, username, name, groups } = identity
  const isNamed =
    'subject' in signIn.account ? signIn.account.subject === subject : signIn.account.username === username
  if (!isNamed) return undefined
  return { provider, subject, name, email: identity.email ?? email, groups, user, admins: undefined, root: true }
}

/** The person of the root admin's own password. */
export function localRoot({ username, email, user }: RootSettings): Person {
  return {
    provider: 'local',
    subject: 'root',
    name: username,
    email: email?.toLowerCase(),
    groups: [],
    user,
    admins: undefined,
    root: true,
  }
}

/** Whether the settings still make this person root. `username`: the one that made a directory's account root. */
export function isStillRoot(
  { provider, subject, user }: Person,
  username: string | undefined,
  root: RootSettings,
): boolean {
  const { signIn } = root
  if (user !== root.user) return false
  if (signIn.kind === 'Local') return provider === 'local'
  const { account } = signIn
  const isNamed = 'subject' in account ? account.subject === subject : account.username === username
  return provider === signIn.provider && isNamed
}
