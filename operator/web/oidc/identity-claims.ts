/** From claims to the identity of a person. Pure. */
import { mailbox } from '../../api/tenantadmin.ts'
import type { Identity } from '../identity/identity.ts'
import type { Claims } from './id-token.ts'
import { refused } from './oidc-outcome.ts'
import type { Refused } from './oidc-outcome.ts'
import type { OidcSettings } from './settings.ts'

type ClaimSettings = Pick<OidcSettings, 'id' | 'claims' | 'requireVerifiedEmail'>

/** Groups beyond are dropped: RBAC only ever adds, so that a dropped group takes access and never gives any. */
export const mostGroups = 500
export const longestGroup = 256

const longestName = 256
const address = mailbox()

/** Whether the userinfo may have what the ID token has not. */
export function isIncomplete(idToken: Claims, { claims }: Pick<ClaimSettings, 'claims'>): boolean {
  return [claims.username, claims.email, claims.name, claims.groups].some((name) => idToken[name] === undefined)
}

/** `userinfo` is of the same subject; what the ID token says counts before it. */
export function identityOf(
  idToken: Claims & { readonly sub: string },
  userinfo: Claims,
  { id, claims, requireVerifiedEmail }: ClaimSettings,
): Identity | Refused {
  const claim = (name: string): unknown => idToken[name] ?? userinfo[name]
  const email = emailOf(idToken, userinfo, claims.email, requireVerifiedEmail)
  if (typeof email === 'object') return email
  return {
    provider: id,
    subject: idToken.sub,
    username: usernameOf(claim(claims.username)) ?? email ?? idToken.sub,
    email,
    name: lineOf(claim(claims.name)),
    groups: groupsOf(claim(claims.groups)),
  }
}

/**
 * `email_verified` counts for the address that it came with only. Without it the provider vouches for the address if the
 * settings say so; kube-apiserver takes such addresses too, and those with `false` never.
 */
function emailOf(idToken: Claims, userinfo: Claims, name: string, required: boolean): string | Refused | undefined {
  const source = idToken[name] === undefined ? userinfo : idToken
  const email = source[name]
  if (email === undefined || email === null || email === '') return undefined
  // ASCII only: beyond it, lower case makes one address of two (the Kelvin sign becomes k).
  if (!address.safeParse(email).success || typeof email !== 'string') return refused('EmailMalformed')
  const verified = source['email_verified'] ?? (userinfo[name] === email ? userinfo['email_verified'] : undefined)
  if (verified === true || verified === 'true') return email.toLowerCase()
  if (required) return refused('EmailNotVerified')
  return verified === undefined ? email.toLowerCase() : undefined
}

/** A text for people on one line. */
function lineOf(value: unknown): string | undefined {
  const isLine = typeof value === 'string' && value.length <= longestName && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)
  return isLine && value.trim() !== '' ? value.trim() : undefined
}

/** As it is: `root` with a space behind it is another account than `root`. */
function usernameOf(value: unknown): string | undefined {
  return lineOf(value) === value ? lineOf(value) : undefined
}

/** Groups of Kubernetes itself (`system:masters`) are not the provider's to give. */
function groupsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  const usable = values.filter((group): group is string => typeof group === 'string' && isGroup(group))
  return [...new Set(usable)].slice(0, mostGroups)
}

function isGroup(group: string): boolean {
  return group !== '' && group.length <= longestGroup && !/\p{Cc}/u.test(group) && !group.startsWith('system:')
}
