/** Whether a tenant may be used now. Data. */
import type { Verdict } from '../../api/verdict.ts'

export interface Standing {
  readonly phase: StandingPhase
  /** What is said once everything is as this asks. */
  readonly verdict: Verdict
}

export type StandingPhase = 'Active' | 'Deactivated' | 'Archived' | 'Expired' | 'Purged'
