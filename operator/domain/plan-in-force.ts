/** What the tenants of a TenantPlan follow: its spec, once the Kubernetes API was asked and takes it; before, the latest that it took. Pure. */
import { findCondition } from '../api/conditions.ts'
import type { Condition } from '../api/conditions.ts'
import { acceptedSpecLimit, tenantPlanSpec } from '../api/tenantplan.ts'
import type { TenantPlan, TenantPlanSpec } from '../api/tenantplan.ts'
import { givenByPlan, isTried } from './plan-revision.ts'

/** What the Kubernetes API has against the plan as it is now, as its status says. */
export function refusalOf(plan: TenantPlan): Condition | undefined {
  const stalled = findCondition(plan.status?.conditions, 'Stalled')
  return isTried(plan) && stalled?.reason === 'PlanRefused' ? stalled : undefined
}

/** For `status.acceptedSpec`: JSON of all that tenants get from the plan; undefined where that is too long to be kept. */
export function acceptedSpecOf(spec: TenantPlanSpec): string | undefined {
  const text = JSON.stringify(givenByPlan(spec))
  return text.length > acceptedSpecLimit ? undefined : text
}

/** Whether the spec that the plan has now is followed. */
export function isInForce(plan: TenantPlan): boolean {
  return isTried(plan) && refusalOf(plan) === undefined
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
