/** Which TenantPlan a tenant has. Pure. */
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Seen } from './seen.ts'
import type { Verdict } from '../api/verdict.ts'

export type PlanChoice =
  | { readonly plan: TenantPlan; readonly wait?: never; readonly refusal?: never }
  | { readonly plan?: never; readonly wait: Verdict; readonly refusal?: never }
  | { readonly plan?: never; readonly wait?: never; readonly refusal: Verdict }

/** The plan that the spec names, or the one that is marked default if it is the only one. */
export function choosePlan({ tenant, plans }: Pick<Seen, 'tenant' | 'plans'>): PlanChoice {
  const name = tenant.spec.plan
  if (name !== undefined) {
    const plan = plans.find(({ metadata }) => metadata.name === name)
    return plan === undefined ? { wait: notFound(name) } : { plan }
  }
  const [plan, ...more] = plans.filter(({ spec }) => spec.default)
  if (plan === undefined) return { wait: noDefault }
  if (more.length > 0) return { refusal: severalDefaults([plan, ...more]) }
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
