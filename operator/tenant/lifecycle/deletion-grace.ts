/** The grace time of a deletion: until it is over nothing of the tenant is removed. Pure. */
import { findCondition } from '../../api/conditions.ts'
import type { Condition } from '../../api/conditions.ts'
import { annotations } from '../../api/names.ts'
import type { Tenant, TenantStatus } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import { repeatsName } from '../../runtime/objects/object.ts'
import type { Outlook } from '../status/status.ts'
import { requeue } from '../model/decision.ts'
import type { Plan } from '../model/decision.ts'

/** A grace time that is not over. */
export interface Grace {
  /** RFC 3339. */
  readonly until: string
  /** In how many milliseconds that is. */
  readonly in: number
  /** Which setting gives it; undefined where that was another one, and it was told. */
  readonly by: string | undefined
}

const reason = 'DeletionPostponed'

/** What is said meanwhile; the same from pass to pass. */
export function postponedVerdict({ metadata: { name } }: Tenant, grace: Grace | undefined): Verdict | undefined {
  if (grace === undefined) return undefined
  const { until, by } = grace
  return {
    reason,
    message: `The Tenant is deleted, and nothing of it is removed before ${until}${by === undefined ? '' : `, as ${by} says`}. To get it back, set the annotation ${annotations.undoDeletion}: ${name} and apply its manifest again. To delete it at once, set ${annotations.releaseDeletion}: ${name}.`,
  }
}

/** A person, or the end of the time, decides; it is no trouble that a person has to mend. */
export function postponed(plan: Plan, outlook: Outlook, { status }: Tenant, grace: Grace): Plan {
  const { stalled } = outlook
  const told = stalled?.reason === reason ? { stalled: undefined, reconciling: stalled } : {}
  const deletion = { ...status?.deletion, notBefore: grace.until }
  return {
    ...plan,
    outlook: { ...outlook, ...told, fields: { ...outlook.fields, deletion } },
    ...requeue(plan.requeueAfter, grace.in),
  }
}

/** What the status tells of a deletion that waits for the end of its time. */
export function toldPostponed(status: Pick<TenantStatus, 'conditions'> | undefined): Condition | undefined {
  const told = findCondition(status?.conditions, 'Reconciling')
  return told?.reason === reason ? told : undefined
}

/** By a person, for this Tenant: neither the brake nor the grace time keeps it. */
export function isReleasedByName(tenant: Pick<Tenant, 'metadata'>): boolean {
  return repeatsName(tenant, annotations.releaseDeletion)
}
