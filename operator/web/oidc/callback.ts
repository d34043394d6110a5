/** The parameters that the provider sends back with the person's browser. Pure. */
import { refused, unavailable } from './oidc-outcome.ts'
import type { Refused, Unavailable } from './oidc-outcome.ts'

export interface ExpectedCallback {
  readonly state: string
  readonly issuer: string
  /** The provider promises to send `iss` (RFC 9207). */
  readonly issRequired: boolean
}

const longest = 8192
const known = ['code', 'state', 'iss', 'error'] as const

/** The parameters that may go to the token endpoint, or why there is no sign-in. */
export function readCallback(
  query: URLSearchParams,
  expected: ExpectedCallback,
): URLSearchParams | Refused | Unavailable {
  if (query.toString().length > longest || known.some((name) => query.getAll(name).length > 1))
    return refused('MalformedCallback')
  if (query.get('state') !== expected.state) return refused('WrongState')
  const iss = query.get('iss')
  if (iss === null ? expected.issRequired : iss !== expected.issuer) return refused('WrongIssuer')
  const error = query.get('error')
  if (error !== null) return ofError(error)
  const code = query.get('code')
  if (code === null || code === '') return refused('MalformedCallback')
  return new URLSearchParams({ code, state: expected.state, ...(iss === null ? {} : { iss }) })
}

/** RFC 6749, section 4.1.2.1. */
function ofError(error: string): Refused | Unavailable {
  const detail = errorCode(error)
  if (error === 'access_denied') return refused('AccessDenied', detail)
  if (error === 'server_error' || error === 'temporarily_unavailable') return unavailable('Server', detail)
  if (error === 'unauthorized_client' || error === 'invalid_client') return unavailable('Client', detail)
  return refused('RequestRefused', detail)
}

/** What may go into the log of an error code that arrived. */
export function errorCode(text: string): string {
  return /^[a-z_]{1,64}$/.test(text) ? text : 'unknown'
}
