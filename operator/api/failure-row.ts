/** What a row of the table of failures has. Pure. */
import type { Reason } from './reasons.ts'

/** `Stalled`: a person has to change something. `Retried`: it goes away by itself. Tenantry retries both. */
export type Told = 'Stalled' | 'Retried'

/** When the loop tries again, with pauses that double. `Backoff`: it logs and counts an error too. */
export const pauses = {
  Soon: 'after 200 ms first',
  Later: 'after 2 s first',
  Seldom: 'after 30 s first',
  Backoff: 'as an error: logged, counted, with backoff',
} as const

export type Again = keyof typeof pauses

export interface FailureRow {
  /** What failed, and at which actions, for the reference. */
  readonly when: string
  readonly reason: Reason
  readonly told: Told
  readonly again: Again
  /** With `{action}`, `{Action}` at its beginning, `{server}`, and the error's own `{words}` or `{name}` in it. */
  readonly sentence: string
  readonly remedy?: string
}

export const stalled = { told: 'Stalled', again: 'Later' } as const
/** What stands in the way is another's. */
export const theirs = { told: 'Stalled', again: 'Seldom' } as const
export const retried = { told: 'Retried', again: 'Backoff', remedy: 'Tenantry retries automatically.' } as const
export const evermore = 'Tenantry retries with growing pauses.'
