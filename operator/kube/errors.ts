/** From an answer or a failure of the Kubernetes API to {@link KubeError}: by HTTP status and `Status.reason`, never by text. */
import { DeadlineExceeded } from '../runtime/deadline.ts'
import { KubeError, type KubeErrorReason } from './port.ts'

/** The parts of `metav1.Status` that decide. */
interface Status {
  readonly reason?: string
  readonly message?: string
  readonly code?: number
  readonly details?: { readonly retryAfterSeconds?: number }
}

const byReason: Readonly<Record<string, KubeErrorReason>> = {
  NotFound: 'NotFound',
  AlreadyExists: 'AlreadyExists',
  Conflict: 'Conflict',
  Invalid: 'Invalid',
  BadRequest: 'Invalid',
  Forbidden: 'Forbidden',
  Unauthorized: 'Unauthorized',
  Gone: 'Gone',
  Expired: 'Gone',
  TooManyRequests: 'TooManyRequests',
  ServerTimeout: 'Timeout',
  Timeout: 'Timeout',
  ServiceUnavailable: 'Unavailable',
  InternalError: 'Unavailable',
}

const byStatus: Readonly<Record<number, KubeErrorReason>> = {
  400: 'Invalid',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  504: 'Timeout',
}

/** An answer that is no success. `body` is what came, JSON or not; `retryAfter` the header's value. */
export function answerError(status: number, body: unknown, what: string, retryAfter?: string): KubeError {
  const told = isStatus(body) ? body : {}
  const reason = byReason[told.reason ?? ''] ?? byStatus[status] ?? (status >= 500 ? 'Unavailable' : 'Unknown')
  return new KubeError(reason, `${what}: ${told.message ?? `HTTP ${status}`}`, status, waitFor(retryAfter, told))
}

/** The object of a watch's ERROR event. */
export function watchError(object: unknown, what: string): KubeError {
  return answerError(isStatus(object) ? (object.code ?? 0) : 0, object, what)
}

/** No answer came: whether the request had its effect is not known. */
export function failure(error: unknown, what: string): KubeError {
  if (error instanceof KubeError) return error
  const late = error instanceof DeadlineExceeded
  const message = error instanceof Error ? error.message : String(error)
  const translated = new KubeError(late ? 'Timeout' : 'Unavailable', `${what}: ${message}`, 0)
  translated.cause = error
  return translated
}

function waitFor(header: string | undefined, status: Status): number | undefined {
  const seconds = header !== undefined && /^\d+$/.test(header) ? Number(header) : status.details?.retryAfterSeconds
  return seconds === undefined ? undefined : seconds * 1000
}

function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status'
}
