/** The revision of a TenantPlan's spec, and which tenants follow it. Pure. */
import { isTrue } from '../api/conditions.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantPlan, TenantPlanSpec } from '../api/tenantplan.ts'
import { digest } from './fingerprint.ts'

/**
 * A digest of all that tenants get from a plan. Three fields are left out: whether the plan is the default; how many
 * admins they may invite, which each invite checks; and what becomes of them at deletion, which the deletion checks. A
 * change of the last still wakes the tenants that are being deleted (app/watch-selectors.ts).
 */
export function planRevision({ spec }: TenantPlan): string {
  return digest(givenByPlan(spec))
}

/** The part of a plan's spec that tenants get. */
export function givenByPlan({ default: _default, admins: _admins, deletion: _deletion, ...given }: TenantPlanSpec) {
  return given
}

/** Whether the Kubernetes API has judged the latest edit of the plan. */
export function isTried({ metadata, status }: TenantPlan): boolean {
  return status?.observedGeneration === metadata.generation
}

/** Whether the tenant's plan leaves nothing to do for it; undefined: the plan is gone. */
export function isAsAsked({ status }: Tenant, plan: TenantPlan | undefined): boolean {
  return plan !== undefined && status?.planRevision === planRevision(plan) && isTrue(status.conditions, 'Ready')
}

/**
 * Whether the whole tenant is as this revision of its plan asks. A tenant that is being deleted receives no more
 * changes.
 */
export function follows({ metadata, status }: Tenant, revision: string): boolean {
  return status?.planRevision === revision || metadata.deletionTimestamp !== undefined || status?.phase === 'Purged'
}
