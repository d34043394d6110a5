/** Chooses the TenantPlan of a tenant. Pure. */
import type { TenantPlan } from '../../api/tenantplan.ts'
import { inForce, isInForce, planRefusalOf } from '../../domain/plan-in-force.ts'
import type { Snapshot } from './snapshot.ts'
import type { Verdict } from '../../api/verdict.ts'

/** `refused`: no plan will come without a person's change. */
export type PlanChoice =
  | { readonly plan: TenantPlan; readonly without?: never; readonly needsPerson?: never }
  | { readonly plan?: never; readonly without: Verdict; readonly needsPerson: boolean }

/** The plan that the spec names, or the only one that is marked default, with its spec in force. */
export function choosePlan(snapshot: Pick<Snapshot, 'tenant' | 'plans'>): PlanChoice {
  const choice = declaredPlan(snapshot)
  if (choice.plan === undefined) return choice
  const plan = inForce(choice.plan)
  return plan === undefined ? { without: notReady(choice.plan), needsPerson: false } : { plan }
}

/** Like {@link choosePlan}, but no tenant begins with a spec that the plan has replaced. */
export function planToFollow(snapshot: Pick<Snapshot, 'tenant' | 'plans'>): PlanChoice {
  const choice = choosePlan(snapshot)
  if (choice.plan === undefined || isInForce(choice.plan)) return choice
  const { plan, planRevision } = snapshot.tenant.status ?? {}
  const follows = planRevision !== undefined && plan === choice.plan.metadata.name
  return follows ? choice : { without: notReady(choice.plan), needsPerson: false }
}

/** The tenant's plan, whatever the Kubernetes API says of its spec. */
export function declaredPlan({ tenant, plans }: Pick<Snapshot, 'tenant' | 'plans'>): PlanChoice {
  const name = tenant.spec.plan
  if (name !== undefined) {
    const plan = plans.find(({ metadata }) => metadata.name === name)
    return plan === undefined ? { without: notFound(name), needsPerson: false } : { plan }
  }
  const [plan, ...more] = plans.filter(({ spec }) => spec.default)
  if (plan === undefined) return { without: noDefault, needsPerson: false }
  if (more.length > 0) return { without: severalDefaults([plan, ...more]), needsPerson: true }
  return { plan }
}

function notReady(plan: TenantPlan): Verdict {
  const refusal = planRefusalOf(plan)
  const { name } = plan.metadata
  const message =
    refusal === undefined
      ? `Tenantry asks the Kubernetes API whether it accepts the TenantPlan ${name}.`
      : `The TenantPlan ${name} cannot be followed until it is corrected. ${refusal.message}`
  return { reason: 'PlanNotReady', message }
}

function notFound(name: string): Verdict {
  return {
    reason: 'PlanNotFound',
    message: `spec.plan names the TenantPlan ${name}, which does not exist. Create it, or name another one.`,
  }
}

const noDefault: Verdict = {
  reason: 'NoDefaultPlan',
  message:
    'No TenantPlan is marked default and spec.plan names none. Create a TenantPlan with spec.default: true, or name one in spec.plan.',
}

function severalDefaults(plans: readonly TenantPlan[]): Verdict {
  const names = plans.map(({ metadata }) => metadata.name).toSorted()
  return {
    reason: 'MultipleDefaultPlans',
    message: `Several TenantPlans are marked default: ${names.join(', ')}. Leave spec.default at one of them, or name a plan in spec.plan.`,
  }
}
