/** The reconciler of TenantPlans: says whether a plan can be followed, and how far it is. The tenants read the plan themselves. */
import type { Tenant } from '../api/tenant.ts'
import { tenantPlans } from '../api/tenantplan.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Kube } from '../kube/port.ts'
import type { Cache } from '../runtime/cache.ts'
import type { Clock } from '../runtime/clock.ts'
import { protectInUse } from '../runtime/in-use.ts'
import { done } from '../runtime/reconcile.ts'
import type { Reconcile } from '../runtime/reconcile.ts'
import { writeStatus } from '../runtime/status.ts'
import { inUseProtection, planUsers } from '../tenant/in-use.ts'
import { decide } from './decide.ts'

export interface TenantPlanPorts {
  readonly caches: {
    readonly plans: Pick<Cache<TenantPlan>, 'get' | 'values'>
    readonly tenants: Pick<Cache<Tenant, 'plan'>, 'by'>
  }
  readonly kube: Pick<Kube, 'get' | 'patch'>
  readonly clock: Pick<Clock, 'now'>
}

export interface TenantPlanSettings {
  /** The ClusterRoles that the operator may bind. */
  readonly bindableRoles: readonly string[]
}

export function createTenantPlanReconciler(
  { caches, kube, clock }: TenantPlanPorts,
  { bindableRoles }: TenantPlanSettings,
): Reconcile {
  return async (name) => {
    const found = caches.plans.get(name)
    if (found === undefined) return done
    const tenants = caches.tenants.by('plan', name)
    const plan = await protectInUse(kube, tenantPlans, found, planUsers(tenants).length > 0, inUseProtection)
    if (plan === undefined) return done
    const seen = { plan, plans: [...caches.plans.values()], tenants, bindableRoles }
    await writeStatus(kube, tenantPlans, plan, decide(seen, clock.now()))
    return done
  }
}
