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

/** `delay`: milliseconds until the next attempt; a permanent failure has none. */
export function failed<T extends Sending>(
  { nextAttemptAt: _due, ...mail }: T,
  error: MailError,
  now: number,
  delay: number,
) {
  const lastError = { class: errorClasses[error.class], message: error.message.slice(0, 1024) }
  const next = error.class === 'permanent' ? {} : { nextAttemptAt: timestamp(Math.ceil((now + delay) / 1000) * 1000) }
  return { ...mail, lastError, ...next }
}

export function isPermanentFailure(mail: Sending): boolean {
  return mail.lastError?.class === 'Permanent'
}

/** Whether it is time for an attempt: never tried, interrupted, or a failure's pause is over. */
export function isAttemptDue(mail: Sending, now: number): boolean {
  if (mail.sentAt !== undefined || isPermanentFailure(mail)) return false
  return mail.nextAttemptAt === undefined || Date.parse(mail.nextAttemptAt) <= now
}
