/** The directories that people sign in with, as sign-in needs them. */
import type { Identity } from '../identity/identity.ts'
import type { OidcSession } from '../sessions/session-record.ts'

export type Provider = LdapProvider | OidcProvider

interface Named {
  /** In the path of its pages; letters, digits and `-`. Never `local`. */
  readonly id: string
  /** For people, on the button. */
  readonly name: string
}

export interface LdapProvider extends Named {
  readonly kind: 'ldap'
  /** The label of the field for the username. */
  readonly usernamePrompt: string | undefined
  readonly authenticate: (username: string, password: string, signal: AbortSignal) => Promise<DirectoryOutcome>
}

export interface OidcProvider extends Named {
  readonly kind: 'oidc'
  /** `flow`: what the browser keeps meanwhile, sealed. */
  readonly begin: (returnTo: string) => Promise<OidcRedirect | ProviderUnavailable>
  /** `flow`: as it came back; undefined where it did not. */
  readonly complete: (callbackUrl: string, flow: string | undefined) => Promise<OidcOutcome>
  /** Undefined: the provider is left signed in. */
  readonly logoutUrl: (idToken: string) => Promise<string | undefined>
  readonly verifyLogoutToken: (token: string) => Promise<LogoutRequest | ProviderRefused | ProviderUnavailable>
}

export interface OidcRedirect {
  readonly kind: 'Redirect'
  readonly url: string
  readonly flow: string
}

export interface LogoutRequest {
  readonly kind: 'LogoutRequested'
  readonly sub: string | undefined
  readonly sid: string | undefined
}

export interface ProviderRefused {
  readonly kind: 'Refused'
  /** For the audit. */
  readonly reason: string
}

export interface ProviderUnavailable {
  readonly kind: 'Unavailable'
  readonly reason: string
}

export type DirectoryOutcome =
  | { readonly kind: 'Accepted'; readonly identity: Identity }
  | ProviderRefused
  | ProviderUnavailable

export type OidcOutcome =
  | { readonly kind: 'Accepted'; readonly identity: Identity; readonly oidc: OidcSession; readonly returnTo: string }
  | ProviderRefused
  | ProviderUnavailable
