/** The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6), after its signature. Pure. */
import { clockTolerance, isSubject } from './id-token.ts'
import type { Claims } from './id-token.ts'
import { refused } from './oidc-outcome.ts'
import type { LogoutRequested, Refused } from './oidc-outcome.ts'

/** Seconds in which a logout token arrives. */
export const logoutTokenAge = 120

export const longestLogoutToken = 16 * 1024

const event = 'http://schemas.openid.net/event/backchannel-logout'
const longestId = 1024

/** Keycloak before 26 and others send `JWT`, or none. */
export function isLogoutType(typ: unknown): boolean {
  return typ === undefined || (typeof typ === 'string' && /^(application\/)?(logout\+jwt|jwt)$/i.test(typ))
}

/** `now`: milliseconds since the epoch. */
export function readLogoutClaims(claims: Claims, now: number): LogoutRequested | Refused {
  const { iat, jti, sub, sid, events } = claims
  const age = typeof iat === 'number' ? now / 1000 - iat : Number.NaN
  if (!(age <= logoutTokenAge && age >= -clockTolerance)) return refused('WrongIssueTime')
  if (!isLogoutEvent(events)) return refused('NoLogoutEvent')
  if (claims['nonce'] !== undefined) return refused('WrongNonce')
  if (!isId(jti)) return refused('NoTokenId')
  if ((sub === undefined && sid === undefined) || (sub !== undefined && !isSubject(sub))) return refused('WrongSubject')
  if (sid !== undefined && !isId(sid)) return refused('WrongSubject')
  return { kind: 'LogoutRequested', sub, sid, jti }
}

function isLogoutEvent(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || !Object.hasOwn(events, event)) return false
  const content: unknown = Reflect.get(events, event)
  return typeof content === 'object' && content !== null && !Array.isArray(content)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestId
}
