/** The claims of an ID token (OpenID Connect Core 1.0, section 3.1.3.7). Pure. */
import { createHash } from 'node:crypto'
import type { RefusalReason } from './oidc-outcome.ts'

/** Asymmetric only: with a symmetric one each holder of the client secret could sign, and `none` signs nothing. */
export const signingAlgorithms: readonly string[] =
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

/** Seconds by which the provider's clock may differ from ours. */
export const clockTolerance = 30

export type Claims = Readonly<Record<string, unknown>>

export interface ExpectedToken {
  readonly issuer: string
  readonly clientID: string
  readonly nonce: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Which claim is wrong or missing; undefined: none. */
export function idTokenProblem(
  claims: Claims,
  { issuer, clientID, nonce, now }: ExpectedToken,
): RefusalReason | undefined {
  const { iss, aud, azp, exp, iat, nbf, sub } = claims
  const seconds = now / 1000
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (iss !== issuer) return 'WrongIssuer'
  if (!audiences.includes(clientID)) return 'WrongAudience'
  if (azp === undefined ? audiences.length > 1 : azp !== clientID) return 'WrongAuthorizedParty'
  if (typeof exp !== 'number' || exp + clockTolerance <= seconds) return 'TokenExpired'
  if (typeof iat !== 'number' || iat - clockTolerance > seconds) return 'WrongIssueTime'
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf - clockTolerance > seconds)) return 'TokenNotYetValid'
  if (claims['nonce'] !== nonce) return 'WrongNonce'
  return isSubject(sub) ? undefined : 'WrongSubject'
}

/** Core 1.0, section 2: at most 255 ASCII characters. */
export function isSubject(sub: unknown): sub is string {
  return typeof sub === 'string' && /^[\x20-\x7e]{1,255}$/.test(sub)
}

/** Whether the access token is the one that the ID token was issued with; a token without the claim says nothing about it. */
export function fitsAtHash(atHash: unknown, accessToken: string, algorithm: string): boolean {
  if (atHash === undefined) return true
  const digest = createHash(`sha${/(256|384|512)$/.exec(algorithm)?.[0] ?? '512'}`)
    .update(accessToken, 'ascii')
    .digest()
  return atHash === digest.subarray(0, digest.length / 2).toString('base64url')
}
