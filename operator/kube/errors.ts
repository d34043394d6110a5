/**
 * Translates an answer or a failure of the Kubernetes API into {@link KubeError}: by HTTP status and `Status.reason`,
 * by text only where no field says it.
 */
import { DeadlineExceeded } from '../runtime/base/deadline.ts'
import { KubeError, type FieldCause, type KubeErrorReason, type RefusedBy } from './port.ts'

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

/** An answer other than success. `body` is the content, JSON or not; `retryAfter` the header's value. */
export function answerError(status: number, body: unknown, what: string, retryAfter?: string): KubeError {
  const told = isStatus(body) ? body : {}
  const reason = reasonOf(status, told)
  const refusal = refusalIn(reason, told, status)
  return new KubeError(reason, `${what}: ${told.message ?? `HTTP ${status}`}`, status, {
    retryAfter: waitFor(retryAfter, told),
    quota: reason === 'Forbidden' ? quotaIn(told) : undefined,
    webhook: reason === 'Unavailable' ? webhookIn(told) : undefined,
    refusal,
    refusedBy: refusal === undefined ? undefined : refusedBy(reason, told),
    causes: reason === 'Invalid' ? causesIn(told) : [],
    ending: isEnding(told),
  })
}

/**
 * A webhook gives its denial whatever status it likes, 409 and 500 too, and a policy 403 or 413 (spec.validations[].reason).
 * What they deny is refused; only their sentence says that it was they.
 */
function reasonOf(status: number, told: Status): KubeErrorReason {
  const reason = byReason[told.reason ?? ''] ?? byStatus[status] ?? (status >= 500 ? 'Unavailable' : 'Unknown')
  return reason !== 'Invalid' && deniedBy(told) !== undefined ? 'Forbidden' : reason
}

/**
 * apiserver/pkg/admission/plugin/webhook/errors and …/plugin/policy/{validating,mutating} have these sentences. A policy that
 * cannot be evaluated, for want of its parameters for instance, denies too; its binding is not always named.
 */
function deniedBy({ message = '' }: Status): 'Policy' | 'Webhook' | undefined {
  if (/^admission webhook "[^"]+" denied the request\b/.test(message)) return 'Webhook'
  return byValidatingPolicy.test(message) || byMutatingPolicy.test(message) ? 'Policy' : undefined
}

const byValidatingPolicy = /\bValidatingAdmissionPolicy '[^']+'(?: with binding '[^']+')? denied request\b/
const byMutatingPolicy = /^policy (?:'[^']+' with binding '[^']+'|"[^"]+") denied request: /

/** The object of a watch's ERROR event. */
export function watchError(object: unknown, what: string): KubeError {
  return answerError(isStatus(object) ? (object.code ?? 0) : 0, object, what)
}

/** No answer came: whether the request had its effect is unknown. */
export function failure(error: unknown, what: string): KubeError {
  if (error instanceof KubeError) return error
  const late = error instanceof DeadlineExceeded
  const message = error instanceof Error ? error.message : String(error)
  const translated = new KubeError(late ? 'Timeout' : 'Unavailable', `${what}: ${message}`, 0)
  translated.cause = error
  return translated
}

/**
 * The Status of a refusal by kube-apiserver's admission plugin ResourceQuota has `Forbidden` and a sentence, and
 * neither a cause nor a detail that distinguishes it from a missing right
 * (apiserver/pkg/admission/plugin/resourcequota/controller.go). Should the sentence change, the message names the
 * refusal alone.
 */
function quotaIn({ message }: Status): string | undefined {
  return /is forbidden: exceeded quota: ([-a-z0-9.]+),/.exec(message ?? '')?.[1]
}

/** apiserver/pkg/admission/plugin/webhook/errors: the Status of a webhook that does not answer names it in its sentence only. */
function webhookIn({ message }: Status): string | undefined {
  return /failed calling webhook "([^"]+)"/.exec(message ?? '')?.[1]
}

/**
 * Admission plugins that are not ready yet answer Forbidden too, with these sentences: ResourceQuota for a quota whose
 * use was not counted yet, all others for what they have not read yet.
 */
const notReady = /is forbidden: (status unknown for quota: |not yet ready to handle request$)/

/** Undefined where the cause may pass: a full quota, a namespace in deletion, a plugin that starts. */
function refusalIn(reason: KubeErrorReason, told: Status, status: number): string | undefined {
  const isRefusal = reason === 'Invalid' || reason === 'Forbidden' || (reason === 'Unknown' && isClientError(status))
  const { message = `HTTP ${status}` } = told
  return !isRefusal || isEnding(told) || quotaIn(told) !== undefined || notReady.test(message) ? undefined : message
}

/** Whether a status without a reason of its own (405, 413, 415) is the client's error: the same request has the same answer tomorrow. */
function isClientError(status: number): boolean {
  return status >= 400 && status < 500
}

function refusedBy(reason: KubeErrorReason, told: Status): RefusedBy | undefined {
  const by = deniedBy(told)
  if (by !== undefined) return by
  if (reason === 'Invalid' && causesIn(told).length > 0) return 'Rule'
  return reason === 'Forbidden' && lacksRight.test(told.message ?? '') ? 'Right' : undefined
}

/** apiserver/pkg/endpoints/handlers/responsewriters/errors.go, and the check against escalation of RBAC. */
const lacksRight = /: [Uu]ser "[^"]+" (?:cannot |\(groups=.*\) is attempting to grant )/

function isEnding({ details }: Status): boolean {
  return details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') === true
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
