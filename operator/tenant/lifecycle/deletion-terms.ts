/** The terms of a deletion: from the TenantPlan, or else from the installation. Pure. */
import { parseDurationOrNone } from '../../api/duration.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import { declaredPlan } from '../model/tenant-plan.ts'
import type { Snapshot } from '../model/snapshot.ts'

export interface DeletionTerms {
  /** Milliseconds from the deletion for which nothing is removed; 0: none. */
  readonly grace: number
  /** The source of the grace period, for people. */
  readonly graceBy: string
  /** Whether a last dump is taken before anything is removed. */
  readonly finalDump: boolean
}

export type TermsFacts = Pick<Snapshot, 'tenant' | 'plans' | 'settings'>

export function deletionTerms(facts: TermsFacts): DeletionTerms {
  const plan = planInEffect(facts)
  const { grace, finalDump } = plan?.spec.deletion ?? {}
  return {
    grace: grace === undefined ? facts.settings.deletion.grace : parseDurationOrNone(grace),
    graceBy:
      plan === undefined || grace === undefined
        ? 'settings.deletion.grace'
        : `spec.deletion.grace of the TenantPlan ${plan.metadata.name}`,
    finalDump: finalDump ?? facts.settings.deletion.finalDump,
  }
}

/** The plan in effect: the spec may name another one by now, which the tenant may not have. */
function planInEffect({ tenant, plans }: TermsFacts): TenantPlan | undefined {
  const inEffect = plans.find(({ metadata }) => metadata.name === tenant.status?.plan)
  return inEffect ?? declaredPlan({ tenant, plans }).plan
}
