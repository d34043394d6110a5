/** The verdicts on an AccessGrant that is not in force, and how kstatus reports them. Pure. */
import type { Reason } from '../../api/reasons.ts'
import type { Verdict } from '../../api/verdict.ts'

/** Nothing to do; in progress; or refused, which takes a person. */
export interface GrantVerdict extends Verdict {
  readonly kind: 'Ready' | 'Reconciling' | 'Refused'
}

export const resting = (reason: Reason, message: string): GrantVerdict => ({ kind: 'Ready', reason, message })
export const underWay = (reason: Reason, message: string): GrantVerdict => ({ kind: 'Reconciling', reason, message })
export const grantRefused = (message: string, reason: Reason = 'GrantNotAllowed'): GrantVerdict => ({
  kind: 'Refused',
  reason,
  message,
})
