/** Errors of openid-client and jose as outcomes, by their codes. */
import { errors as joseErrors } from 'jose'
import { ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'
import { errorCode } from './callback.ts'
import { idTokenProblem } from './id-token.ts'
import type { Claims, ExpectedToken } from './id-token.ts'
import { OutcomeError, refused, unavailable } from './oidc-outcome.ts'
import type { RefusalReason, Refused, Unavailable } from './oidc-outcome.ts'

/** @throws the error itself when it is none of the libraries': a bug of ours. */
export function outcomeOf(error: unknown, expected?: ExpectedToken): Refused | Unavailable {
  const carried = causesOf(error).find((cause) => cause instanceof OutcomeError)
  if (carried !== undefined) return carried.outcome
  if (error instanceof ResponseBodyError) return ofAnswer(error.error)
  if (error instanceof WWWAuthenticateChallengeError) return unavailable('Client', String(error.status))
  if (error instanceof joseErrors.JOSEError) return ofJose(error)
  if (error instanceof ClientError) return ofClient(error, expected)
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  if (typeof code === 'string' && (code.startsWith('OAUTH_') || code === 'ERR_INVALID_URL'))
    return unavailable('Protocol', code)
  throw error
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = []
  for (let next = error; next !== undefined && causes.length < 8; next = next instanceof Error ? next.cause : undefined)
    causes.push(next)
  return causes
}

/** RFC 6749, section 5.2. */
function ofAnswer(error: string): Refused | Unavailable {
  const detail = errorCode(error)
  return error === 'invalid_grant' ? refused('CodeRefused', detail) : unavailable('Client', detail)
}

/** Where claims are at fault, the library gives them with its error; {@link idTokenProblem} names the one. */
function ofClient({ code, cause }: ClientError, expected: ExpectedToken | undefined): Refused | Unavailable {
  const facts = cause instanceof Error ? cause.cause : cause
  const claims = recordAt(facts, 'claims')
  if (claims !== undefined && expected !== undefined)
    return refused(idTokenProblem(claims, expected) ?? 'MalformedToken')
  if (recordAt(facts, 'header') !== undefined) return refused('WrongAlgorithm')
  if (code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') return unavailable('OtherIssuer')
  return unavailable(code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' ? 'Server' : 'Protocol', code)
}

function recordAt(value: unknown, name: string): Claims | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof found === 'object' && found !== null ? Object.fromEntries(Object.entries(found)) : undefined
}

const claimReasons: Readonly<Record<string, RefusalReason>> = {
  iss: 'WrongIssuer',
  aud: 'WrongAudience',
  iat: 'WrongIssueTime',
  nbf: 'TokenNotYetValid',
}

const joseReasons: Readonly<Record<string, RefusalReason>> = {
  ERR_JWT_EXPIRED: 'TokenExpired',
  ERR_JOSE_ALG_NOT_ALLOWED: 'WrongAlgorithm',
  ERR_JOSE_NOT_SUPPORTED: 'WrongAlgorithm',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'WrongSignature',
  ERR_JWKS_NO_MATCHING_KEY: 'WrongSignature',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'WrongSignature',
  ERR_JWS_INVALID: 'MalformedToken',
  ERR_JWT_INVALID: 'MalformedToken',
}

function ofJose(error: joseErrors.JOSEError): Refused | Unavailable {
  if (error instanceof joseErrors.JWTClaimValidationFailed)
    return refused(claimReasons[error.claim] ?? 'MalformedToken')
  const reason = joseReasons[error.code]
  return reason === undefined ? unavailable('Keys', error.code) : refused(reason)
}
