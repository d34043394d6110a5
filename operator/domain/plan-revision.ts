/** What tells one edit of a TenantPlan from another, and which tenants follow it. Pure. */
import { isTrue } from '../api/conditions.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantPlan, TenantPlanSpec } from '../api/tenantplan.ts'
import { digest } from './fingerprint.ts'

/**
 * A digest of all that tenants get from a plan. Whether it is the default one is nothing that they get, how many they may
 * invite is asked at each invite, and what becomes of them at their deletion then.
 */
export function planRevision({ spec }: TenantPlan): string {
  return digest(givenByPlan(spec))
}

/** Of the spec of a plan what its tenants get. */
export function givenByPlan({ default: _default, admins: _admins, deletion: _deletion, ...given }: TenantPlanSpec) {
  return given
}

/** Whether the Kubernetes API was asked what it says of the latest edit of the plan. */
export function isTried({ metadata, status }: TenantPlan): boolean {
  return status?.observedGeneration === metadata.generation
}

/** Whether nothing is to be done for the tenant because of its plan; undefined: the plan is gone. */
export function isAsAsked({ status }: Tenant, plan: TenantPlan | undefined): boolean {
  return plan !== undefined && status?.planRevision === planRevision(plan) && isTrue(status.conditions, 'Ready')
}

/** Whether all of the tenant is as this revision of its plan asks. Of one that goes nothing is brought to it any more. */
export function follows({ metadata, status }: Tenant, revision: string): boolean {
  return status?.planRevision === revision || metadata.deletionTimestamp !== undefined || status?.phase === 'Purged'
}
