/** The status of a TenantPlan: whether it can be followed, and how many tenants follow it. Pure. */
import { nextConditions, notReady } from '../api/conditions.ts'
import type { Condition, NewCondition } from '../api/conditions.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantPlan, TenantPlanStatus } from '../api/tenantplan.ts'
import { inUse, planUsers } from '../domain/in-use.ts'
import { acceptedSpecOf } from '../domain/plan-in-force.ts'
import type { PassFailure } from '../domain/pass-failure.ts'
import { follows, planRevision } from '../domain/plan-revision.ts'
import { firstOf } from '../api/verdict.ts'
import type { Check, Verdict } from '../api/verdict.ts'
import { defaultsMissingIn, lacksEphemeralDefault, unboundedIn } from './bounds.ts'

export interface PlanSnapshot {
  readonly plan: TenantPlan
  /** All plans, this one among them. */
  readonly plans: readonly TenantPlan[]
  /** The tenants that have it, by their status. */
  readonly tenants: readonly Tenant[]
  /** The ClusterRoles that the operator may bind. */
  readonly bindableRoles: readonly string[]
  /** The Kubernetes API's refusal of the objects that the plan gives to tenants. */
  readonly refusal: Verdict | undefined
  /** Why the finalizer that holds it for its users is not as it should be. The tenants follow it all the same. */
  readonly unheld?: PassFailure | undefined
}

type Rule = Check<PlanSnapshot>

const roleNotBindable: Rule = ({ plan, bindableRoles }) => {
  const foreign = Object.entries(plan.spec.roles ?? {}).filter(
    ([, clusterRole]) => !bindableRoles.includes(clusterRole),
  )
  if (foreign.length === 0) return undefined
  const list = foreign.map(([role, clusterRole]) => `${role} (${clusterRole})`).toSorted()
  return {
    reason: 'RoleNotBindable',
    message: `spec.roles offers ClusterRoles that the installation does not let Tenantry bind: ${list.join(', ')}. Add them to settings.bindableRoles in the chart's values, or remove them here; the other roles work.`,
  }
}

const severalDefaults: Rule = ({ plan, plans }) => {
  const others = plans.filter((other) => other.spec.default && other.metadata.name !== plan.metadata.name)
  if (!plan.spec.default || others.length === 0) return undefined
  const names = others.map(({ metadata }) => metadata.name).toSorted()
  return {
    reason: 'MultipleDefaultPlans',
    message: `spec.default is true here and at ${names.join(', ')}. Keep it at one plan; until then Tenants that name no plan get none.`,
  }
}

const goes: Rule = ({ plan, tenants }) => inUse('TenantPlan', plan, planUsers(tenants))

const refusedByApi: Rule = ({ refusal }) => refusal

/** A refusal comes first: it tells the plan's tenants not to follow. */
const checks: readonly Rule[] = [refusedByApi, goes, severalDefaults, roleNotBindable]

/** `now`: milliseconds since the epoch. */
export function decide(seen: PlanSnapshot, now: number): TenantPlanStatus {
  const { plan, tenants } = seen
  const refusal = firstOf(checks, seen)
  const revision = planRevision(plan)
  const updated = tenants.filter((tenant) => follows(tenant, revision)).length
  const { acceptedSpec: before, ...status } = plan.status ?? {}
  const acceptedSpec = seen.refusal === undefined ? acceptedSpecOf(plan.spec) : before
  return {
    ...status,
    ...(acceptedSpec === undefined ? {} : { acceptedSpec }),
    observedGeneration: plan.metadata.generation ?? 0,
    tenants: tenants.length,
    updatedTenants: updated,
    conditions: conditionsOf(seen, refusal, updated < tenants.length, now),
  }
}

const rollingOut: Verdict = {
  reason: 'RollingOut',
  message:
    'The tenants are being brought to the latest edit of the plan, a few every second; status.updatedTenants counts those that have it. The conditions of a tenant that stays behind tell the cause.',
}

function conditionsOf(
  { plan, unheld }: PlanSnapshot,
  refusal: Verdict | undefined,
  unfinished: boolean,
  now: number,
): readonly Condition[] {
  const observedGeneration = plan.metadata.generation ?? 0
  const message = 'All tenants of the plan follow it.'
  const next = (): readonly NewCondition[] => {
    if (refusal !== undefined) return notReady('Stalled', refusal, observedGeneration)
    if (unheld !== undefined) return notReady(unheld.stalled ? 'Stalled' : 'Reconciling', unheld, observedGeneration)
    if (unfinished) return notReady('Reconciling', rollingOut, observedGeneration)
    return [{ type: 'Ready', status: 'True', reason: 'RolledOut', message, observedGeneration }]
  }
  return nextConditions(plan.status?.conditions, [...next(), ...warnings(plan, observedGeneration)], now)
}

/** Independent of Ready: a plan with few limits, or one that makes pods state much, can be followed as well as any. */
function warnings(plan: TenantPlan, observedGeneration: number): readonly NewCondition[] {
  return [...unbounded(plan, observedGeneration), ...defaultsMissing(plan, observedGeneration)]
}

function unbounded({ spec }: TenantPlan, observedGeneration: number): readonly NewCondition[] {
  const keys = unboundedIn(spec)
  const parts = [
    ...(keys.length === 0 ? [] : [`spec.quota has no ${keys.join(', ')}`]),
    ...(lacksEphemeralDefault(spec)
      ? ['spec.limits has no default ephemeral-storage for type Container, without which no quota counts it']
      : []),
  ]
  if (parts.length === 0) return []
  const message = `One tenant of this plan can take resources that all others need: ${parts.join('; ')}. Add what is missing, with values that no tenant needs; the default plan of the chart has some.`
  return [{ type: 'Unbounded', status: 'True', reason: 'QuotaIncomplete', message, observedGeneration }]
}

function defaultsMissing({ spec }: TenantPlan, observedGeneration: number): readonly NewCondition[] {
  const missing = defaultsMissingIn(spec)
  if (missing.length === 0) return []
  const keys = missing.map(({ quota }) => quota).join(', ')
  const fields = missing.map(({ field }) => field).join(', ')
  const message = `spec.quota has ${keys}, and Kubernetes refuses each pod with a container that does not state them. Add to spec.limits, for type Container: ${fields}. Or leave it, if all workloads state them themselves.`
  return [{ type: 'DefaultsMissing', status: 'True', reason: 'DefaultsMissing', message, observedGeneration }]
}
