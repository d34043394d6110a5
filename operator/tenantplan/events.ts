/** The Events on a TenantPlan. Pure. */
import type { TenantPlan } from '../api/tenantplan.ts'
import type { OperatorEvent } from '../api/events.ts'
import { planRefusalOf } from '../domain/plan-in-force.ts'

/** A refused edit, once: the tenants of the plan do not notice it. */
export function changeEvents(before: TenantPlan, after: TenantPlan): readonly OperatorEvent[] {
  const refusal = planRefusalOf(after)
  if (refusal === undefined || refusal.message === planRefusalOf(before)?.message) return []
  const { reason, message } = refusal
  return [{ regarding: after, type: 'Warning', reason, action: 'DryRun', note: message }]
}
