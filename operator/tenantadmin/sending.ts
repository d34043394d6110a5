/** One mail's way to the relay as a series of values: attempted, taken, failed, put off. Pure. */
import type { TenantAdminStatus } from '../api/tenantadmin.ts'
import type { MailError } from '../mail/port.ts'
import { timestamp } from '../runtime/clock.ts'

/** What is written down of a mail, whatever it says. */
export type Sending = Pick<
  NonNullable<TenantAdminStatus['invite']>,
  'attempts' | 'nextAttemptAt' | 'lastError' | 'sentAt'
>

/** An attempt that is about to be made. Without nextAttemptAt it is known as interrupted should nothing follow. */
export function attempted<T extends Sending>({ nextAttemptAt: _due, ...mail }: T) {
  return { ...mail, attempts: (mail.attempts ?? 0) + 1 }
}

/** Takes {@link attempted} back: the breaker let nothing through. */
export function postponed<T extends Sending>(mail: T) {
  return { ...mail, attempts: Math.max(0, (mail.attempts ?? 1) - 1) }
}

export function delivered<T extends Sending>({ lastError: _error, nextAttemptAt: _due, ...mail }: T, now: number) {
  return { ...mail, sentAt: timestamp(now) }
}

const errorClasses = { transient: 'Transient', permanent: 'Permanent', configuration: 'Configuration' } as const

/** `delay`: milliseconds until the next attempt. */
export function failed<T extends Sending>(
  { nextAttemptAt: _due, ...mail }: T,
  error: MailError,
  now: number,
  delay: number,
) {
  const code = codeOf(error)
  const lastError = {
    class: errorClasses[error.class],
    ...(code === undefined ? {} : { code }),
    message: error.message.slice(0, 1024),
  }
  return { ...mail, lastError, nextAttemptAt: timestamp(Math.ceil((now + delay) / 1000) * 1000) }
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

export function isPermanentFailure(mail: Sending): boolean {
  return mail.lastError?.class === 'Permanent'
}

/** Whether it is time for an attempt: never tried, interrupted, or a failure's pause is over. */
export function isAttemptDue(mail: Sending, now: number): boolean {
  if (mail.sentAt !== undefined) return false
  return mail.nextAttemptAt === undefined || Date.parse(mail.nextAttemptAt) <= now
}
