/** From an answer or a failure of the Kubernetes API to {@link KubeError}: by HTTP status and `Status.reason`; by text only what has no field of its own. */
import { DeadlineExceeded } from '../runtime/base/deadline.ts'
import { KubeError, type FieldCause, type KubeErrorReason } from './port.ts'

/** The parts of `metav1.Status` that decide. */
interface Status {
  readonly reason?: string
  readonly message?: string
  readonly code?: number
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly Cause[] }
}

interface Cause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
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
  return new KubeError(reason, `${what}: ${told.message ?? `HTTP ${status}`}`, status, {
    retryAfter: waitFor(retryAfter, told),
    quota: reason === 'Forbidden' ? quotaIn(told) : undefined,
    webhook: reason === 'Unavailable' ? webhookIn(told) : undefined,
    refusal: refusalIn(reason, told),
    causes: reason === 'Invalid' ? causesIn(told) : [],
  })
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

/**
 * The Status of a refusal by kube-apiserver's admission plugin ResourceQuota has `Forbidden` and a sentence, and neither a
 * cause nor a detail that would tell it from a missing right (apiserver/pkg/admission/plugin/resourcequota/controller.go).
 * Where the sentence changes people are told of the refusal alone.
 */
function quotaIn({ message }: Status): string | undefined {
  return /is forbidden: exceeded quota: ([-a-z0-9.]+),/.exec(message ?? '')?.[1]
}

/** apiserver/pkg/admission/plugin/webhook/errors: the Status of a webhook that does not answer names it in its sentence only. */
function webhookIn({ message }: Status): string | undefined {
  return /failed calling webhook "([^"]+)"/.exec(message ?? '')?.[1]
}

/**
 * Admission plugins that are not ready yet say Forbidden too, with these sentences: ResourceQuota of a quota whose use was not
 * counted yet, all others of what they have not read yet.
 */
const notReady = /is forbidden: (status unknown for quota: |not yet ready to handle request$)/

/** Undefined where the answer goes away by itself: room in a quota, a namespace that ends, a plugin that begins. */
function refusalIn(reason: KubeErrorReason, status: Status): string | undefined {
  const { message, details } = status
  if (message === undefined || (reason !== 'Invalid' && reason !== 'Forbidden')) return undefined
  const ending = details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') === true
  return ending || quotaIn(status) !== undefined || notReady.test(message) ? undefined : message
}

function causesIn({ details }: Status): readonly FieldCause[] {
  const causes = details?.causes ?? []
  return causes.flatMap(({ field = '', message = '' }) => (field === '' ? [] : [{ field, message }]))
}

function waitFor(header: string | undefined, status: Status): number | undefined {
  const seconds = header !== undefined && /^\d+$/.test(header) ? Number(header) : status.details?.retryAfterSeconds
  return seconds === undefined ? undefined : seconds * 1000
}

function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status'
}
