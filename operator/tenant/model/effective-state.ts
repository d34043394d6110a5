/** Whether a tenant may be used now. Data. */
import type { Verdict } from '../../api/verdict.ts'

export interface EffectiveState {
  readonly phase: EffectivePhase
  /** What is said once everything is as this asks. */
  readonly verdict: Verdict
}

type EffectivePhase = 'Active' | 'Deactivated' | 'Archived' | 'Expired' | 'Purged'
