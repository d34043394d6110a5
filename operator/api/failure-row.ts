/** The fields of a row of the table of failures, and the values that many rows share. Pure. */
import type { Reason } from './reasons.ts'

/** `Stalled`: a person has to change something. `Retried`: the cause passes without a person. Tenantry retries both. */
export type Told = 'Stalled' | 'Retried'

/** When the loop tries again, with pauses that double. `Backoff`: it logs and counts an error too. */
export const pauses = {
  Soon: 'after 200 ms',
  Later: 'after 2 s',
  Seldom: 'after 30 s',
  Backoff: 'with backoff; logged and counted as an error',
  Look: 'at the next check of the server, within seconds',
  Mail: 'at the next attempt (status.invite.nextAttemptAt)',
} as const

export type Again = keyof typeof pauses

export interface FailureRow {
  /** What failed, and at which actions, for the reference. */
  readonly when: string
  readonly reason: Reason
  readonly told: Told
  readonly again: Again
  /** With `{action}`, `{Action}` at its beginning, `{server}`, and the error's own `{words}` or `{name}` in it; see FailureFacts. */
  readonly sentence: string
  readonly remedy?: string
  /** In place of `remedy`, where a pass fails over an object of any kind, and no action of a Tenant. */
  readonly remedyOfPass?: string
}

/** A person has to remove the cause. Retried after 2 s at first. */
export const needsPerson = { told: 'Stalled', again: 'Later' } as const
/** A person has to remove the cause, which takes longer, such as a name that another tenant has. Retried after 30 s at first. */
export const needsPersonRetriedSeldom = { told: 'Stalled', again: 'Seldom' } as const
/** The cause may pass without a person, such as an outage. Retried as an error, with backoff. */
export const retriedAutomatically = {
  told: 'Retried',
  again: 'Backoff',
  remedy: 'Tenantry retries automatically.',
} as const
/** The last sentence of a remedy that a person carries out. */
export const retriesWithPauses = 'Tenantry retries with growing pauses.'
