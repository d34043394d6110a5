/**
 * The reconciler of TenantPlans: tries each edit before the tenants follow it, and reports whether the plan can be
 * followed and how many do. The tenants read the plan themselves.
 */
import type { Tenant } from '../api/tenant.ts'
import { tenantPlans } from '../api/tenantplan.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Kube } from '../kube/port.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { Clock } from '../runtime/base/clock.ts'
import type { RecordsEvents } from '../api/events.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Reconcile } from '../runtime/queue/reconcile.ts'
import { protectInUse } from '../runtime/objects/in-use-finalizer.ts'
import { writeStatus } from '../runtime/objects/status.ts'
import { inUseProtection, planUsers } from '../domain/in-use.ts'
import { decide } from './decide.ts'
import { dryRunPlan } from './dry-run.ts'
import type { DryRunSettings } from './dry-run.ts'
import { changeEvents } from './events.ts'
import { PlanRefusals } from './plan-refusals.ts'

export interface TenantPlanPorts {
  readonly caches: {
    readonly plans: Pick<Cache<TenantPlan>, 'get' | 'values'>
    readonly tenants: Pick<Cache<Tenant, 'plan'>, 'by'>
  }
  readonly kube: Pick<Kube, 'get' | 'patch' | 'dryRun'>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly events: RecordsEvents
}

export interface TenantPlanSettings extends DryRunSettings {
  /** Milliseconds after which a refused plan is tried again although it was not edited. */
  readonly retryInterval: number
  /** The ClusterRoles that the operator may bind. */
  readonly bindableRoles: readonly string[]
}

export function createTenantPlanReconciler(
  { caches, kube, clock, events }: TenantPlanPorts,
  settings: TenantPlanSettings,
): Reconcile {
  const { bindableRoles, retryInterval } = settings
  const refusals = new PlanRefusals((plan) => dryRunPlan(plan, kube, settings), clock, retryInterval)
  return async (name) => {
    const found = caches.plans.get(name)
    if (found === undefined) return done
    const tenants = caches.tenants.by('plan', name)
    const held = await protectInUse(kube, tenantPlans, found, planUsers(tenants).length > 0, inUseProtection)
    if (held === undefined) return done
    const { object: plan, unheld } = held
    const plans = [...caches.plans.values()]
    refusals.retain(plans)
    const refusal = await refusals.look(plan)
    const seen = { plan, plans, tenants, bindableRoles, refusal, unheld }
    const written = await writeStatus(kube, tenantPlans, plan, decide(seen, clock.now()))
    for (const event of changeEvents(plan, written)) events.record(event)
    return refusal === undefined && unheld === undefined
      ? done
      : { stuck: { base: retryInterval, cap: 10 * retryInterval } }
  }
}
