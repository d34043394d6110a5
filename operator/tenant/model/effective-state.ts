/** Whether a tenant may be used now. Data. */
import type { Verdict } from '../../api/verdict.ts'

export interface EffectiveState {
  readonly phase: EffectivePhase
  /** The verdict once everything is in this state. */
  readonly verdict: Verdict
}

type EffectivePhase = 'Active' | 'Deactivated' | 'Archived' | 'Expired' | 'Purged'
