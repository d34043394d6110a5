/**
 * One mail's way to the relay as a series of values: attempted, taken, failed, put off; and when it is tried again.
 * When a new invite is issued instead: resend.ts. Pure.
 */
import type { TenantAdminStatus } from '../../api/tenantadmin.ts'
import type { MailError } from '../../mail/port.ts'
import { slowVerdict } from '../../mail/relay-refusal.ts'
import { areSameWords } from '../../mail/same-answer.ts'
import { backoff } from '../../runtime/base/backoff.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { TenantAdminSettings } from './settings.ts'

/** The record of a mail, whatever its content. */
export type Sending = Pick<
  NonNullable<TenantAdminStatus['invite']>,
  'attempts' | 'nextAttemptAt' | 'lastError' | 'sentAt'
>

type LastError = NonNullable<Sending['lastError']>

export interface Pauses extends Pick<TenantAdminSettings, 'retry' | 'slowRetry'> {
  /** From 0 to 1, drawn once per pass: the report before an attempt still holds after it. */
  readonly jitter: number
}

/**
 * An attempt that is about to be made. A retry records beforehand when the next attempt is due, so that the usual failure
 * needs no second write. The first attempt records no such time: a first attempt without an outcome was interrupted.
 */
export function attempted<T extends Sending>({ nextAttemptAt: _due, ...mail }: T, now: number, pauses: Pauses) {
  const next = { ...mail, attempts: (mail.attempts ?? 0) + 1 }
  return mail.lastError === undefined ? next : { ...next, nextAttemptAt: retryTime(next, mail.lastError, now, pauses) }
}

/** Takes {@link attempted} back: the circuit breaker let nothing through. */
export function postponed<T extends Sending>({ nextAttemptAt: _due, ...mail }: T) {
  return { ...mail, attempts: Math.max(0, (mail.attempts ?? 1) - 1) }
}

export function delivered<T extends Sending>({ lastError: _error, nextAttemptAt: _due, ...mail }: T, now: number) {
  return { ...mail, sentAt: timestamp(now) }
}

const errorClasses = { transient: 'Transient', permanent: 'Permanent', configuration: 'Configuration' } as const

/**
 * `mail` as {@link attempted} left it: unchanged where that recorded this failure already, and the next attempt lies
 * ahead.
 */
export function failed<T extends Sending>(mail: T, error: MailError, now: number, pauses: Pauses) {
  const code = codeOf(error)
  const lastError = {
    class: errorClasses[error.class],
    ...(code === undefined ? {} : { code }),
    message: error.message.slice(0, 1024),
  }
  const isTold = isSameAnswer(mail.lastError, lastError) && !isAttemptDue(mail, now)
  return isTold ? mail : { ...mail, lastError, nextAttemptAt: retryTime(mail, lastError, now, pauses) }
}

/** A time in whole seconds, as a metav1.Time holds it. */
function retryTime(
  { attempts = 1 }: Sending,
  error: LastError,
  now: number,
  { retry, slowRetry, jitter }: Pauses,
): string {
  const delay = backoff(attempts, isSlow(error) ? slowRetry : retry, { fraction: () => jitter })
  return timestamp(Math.ceil((now + delay) / 1000) * 1000)
}

/** Failures that do not pass in minutes: a refused address, a full mailbox, a quota. */
function isSlow({ class: errorClass, code = '' }: LastError): boolean {
  if (errorClass !== 'Transient') return errorClass === 'Permanent'
  const [reply = '', status] = code.split(' ')
  return slowVerdict({ command: 'RCPT TO', reply: Number(reply), status }) !== undefined
}

/** The reply code and the enhanced status code, as far as the relay gave any. */
export function codeOf({ code, status }: MailError): string | undefined {
  if (code === undefined) return undefined
  return status === undefined ? String(code) : `${code} ${status}`
}

/** Whether the relay gave the same answer, whatever its words. */
export function isSameFailure(one: Sending['lastError'], other: Sending['lastError']): boolean {
  return one?.class === other?.class && one?.code === other?.code
}

/** Whether both read the same, except for the ids in them. */
function isSameAnswer(one: Sending['lastError'], other: Sending['lastError']): boolean {
  return isSameFailure(one, other) && areSameWords(one?.message ?? '', other?.message ?? '')
}

export function isPermanentFailure(mail: Sending): boolean {
  return mail.lastError?.class === 'Permanent'
}

/** Whether it is time for an attempt: never tried, interrupted, or the pause after a failure is over. */
export function isAttemptDue(mail: Sending, now: number): boolean {
  if (mail.sentAt !== undefined) return false
  return mail.nextAttemptAt === undefined || Date.parse(mail.nextAttemptAt) <= now
}
