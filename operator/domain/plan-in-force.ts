/**
 * The spec that the tenants of a TenantPlan follow: the current one once the Kubernetes API has accepted it; until then
 * the latest that it accepted. Pure.
 */
import { findCondition } from '../api/conditions.ts'
import type { Condition } from '../api/conditions.ts'
import { acceptedSpecLimit, tenantPlanSpec } from '../api/tenantplan.ts'
import type { TenantPlan, TenantPlanSpec } from '../api/tenantplan.ts'
import { givenByPlan, isTried } from './plan-revision.ts'

/** The Kubernetes API's refusal of the current plan, as the plan's status records it. */
export function planRefusalOf(plan: TenantPlan): Condition | undefined {
  const stalled = findCondition(plan.status?.conditions, 'Stalled')
  return isTried(plan) && stalled?.reason === 'PlanRefused' ? stalled : undefined
}

/** For `status.acceptedSpec`: JSON of all that tenants get from the plan; undefined where it is too long to keep. */
export function acceptedSpecOf(spec: TenantPlanSpec): string | undefined {
  const text = JSON.stringify(givenByPlan(spec))
  return text.length > acceptedSpecLimit ? undefined : text
}

/** Whether tenants follow the plan's current spec. */
export function isInForce(plan: TenantPlan): boolean {
  return isTried(plan) && planRefusalOf(plan) === undefined
}

/** The plan with the spec that its tenants follow; undefined where none was accepted yet. */
export function inForce(plan: TenantPlan): TenantPlan | undefined {
  if (isInForce(plan)) return plan
  const accepted = parse(plan.status?.acceptedSpec)
  if (accepted === undefined) return undefined
  const { default: isDefault, admins, deletion } = plan.spec
  const own = { default: isDefault, admins, ...(deletion === undefined ? {} : { deletion }) }
  return { ...plan, spec: { ...accepted, ...own } }
}

function parse(text: string | undefined): TenantPlanSpec | undefined {
  if (text === undefined) return undefined
  try {
    return tenantPlanSpec.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
