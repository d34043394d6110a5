/** Each row of docs/reference/status.md about TenantPlans is made to happen. */
import type { Tenant } from '../../../operator/api/tenant.ts'
import { tenantPlans } from '../../../operator/api/tenantplan.ts'
import type { Verdict } from '../../../operator/api/verdict.ts'
import { planRevision } from '../../../operator/domain/plan-revision.ts'
import { decide } from '../../../operator/tenantplan/decide.ts'
import { tenant, tenantPlan } from '../../gen.ts'
import { eachRowHappens, failedPasses, told } from '../api/situations-lived.ts'
import type { Way } from '../api/situations-lived.ts'

function decided(over: Parameters<typeof tenantPlan>[0], revision?: string, refusal?: Verdict): Way {
  const plan = tenantPlan(over)
  const status = { observedGeneration: 1, plan: 'standard', planRevision: revision ?? planRevision(plan) }
  const tenants: readonly Tenant[] = [{ ...tenant(), status }]
  return async () => [
    told({
      ...plan,
      status: decide({ plan, plans: [plan], tenants, bindableRoles: ['app-viewer'], refusal }, 0),
    }),
  ]
}

eachRowHappens('TenantPlan', {
  '- RollingOut': decided({}, 'another'),
  '- RolledOut': decided({}),
  '- InUse': async () => {
    const plan = tenantPlan()
    const deletionCause = { ...plan, metadata: { ...plan.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } }
    const tenants: readonly Tenant[] = [
      { ...tenant(), status: { observedGeneration: 1, plan: 'standard', planRevision: planRevision(plan) } },
    ]
    return [
      told({
        ...deletionCause,
        status: decide(
          { plan: deletionCause, plans: [deletionCause], tenants, bindableRoles: [], refusal: undefined },
          0,
        ),
      }),
    ]
  },
  '- PlanRefused': decided({}, 'another', { reason: 'PlanRefused', message: 'spec.quota[pods]: no' }),
  '- RoleNotBindable': decided({ spec: { roles: { root: 'cluster-admin' } } }),
  ...failedPasses(tenantPlans, tenantPlan()),
})
