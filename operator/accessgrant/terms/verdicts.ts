/** What is said of an AccessGrant that is not in force, and what kstatus shall make of it. Pure. */
import type { Reason } from '../../api/reasons.ts'
import type { Verdict as Said } from '../../api/verdict.ts'

/** Nothing to do; under way; or refused, which takes a person. */
export interface Verdict extends Said {
  readonly kind: 'Ready' | 'Reconciling' | 'Refused'
}

export const resting = (reason: Reason, message: string): Verdict => ({ kind: 'Ready', reason, message })
export const underWay = (reason: Reason, message: string): Verdict => ({ kind: 'Reconciling', reason, message })
export const refused = (message: string, reason: Reason = 'GrantNotAllowed'): Verdict => ({
  kind: 'Refused',
  reason,
  message,
})
