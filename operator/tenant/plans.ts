/** Which TenantPlan a tenant has. Pure. */
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Seen } from './seen.ts'
import type { Verdict } from '../api/verdict.ts'

/** `refused`: by itself it does not come; a person has to change something. */
export type PlanChoice =
  | { readonly plan: TenantPlan; readonly without?: never; readonly refused?: never }
  | { readonly plan?: never; readonly without: Verdict; readonly refused: boolean }

/** The plan that the spec names, or the one that is marked default if it is the only one. */
export function choosePlan({ tenant, plans }: Pick<Seen, 'tenant' | 'plans'>): PlanChoice {
  const name = tenant.spec.plan
  if (name !== undefined) {
    const plan = plans.find(({ metadata }) => metadata.name === name)
    return plan === undefined ? { without: notFound(name), refused: false } : { plan }
  }
  const [plan, ...more] = plans.filter(({ spec }) => spec.default)
  if (plan === undefined) return { without: noDefault, refused: false }
  if (more.length > 0) return { without: severalDefaults([plan, ...more]), refused: true }
  return { plan }
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
