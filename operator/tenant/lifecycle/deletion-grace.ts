/** The grace period of a deletion: until it is over nothing of the tenant is removed. Pure. */
import { requeue } from '../model/decision.ts'
import { annotations } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import { repeatsName } from '../../runtime/objects/object.ts'
import type { Decision } from '../model/decision.ts'
import type { Grace } from '../model/deletion-hold.ts'
import type { Outlook } from '../model/outlook.ts'

const reason = 'DeletionPostponed'

/** The verdict meanwhile; the same from pass to pass. */
export function postponedVerdict({ metadata: { name } }: Tenant, { until, by }: Grace): Verdict {
  return {
    reason,
    message: `The Tenant is deleted, and nothing of it is removed before ${until}${by === undefined ? '' : `, as ${by} says`}. To get it back, set the annotation ${annotations.undoDeletion}: ${name} and apply its manifest again. To delete it at once, set ${annotations.releaseDeletion}: ${name}.`,
  }
}

/** An administrator, or the end of the grace period, decides; nothing is wrong that a person has to repair. */
export function postponed(decision: Decision, outlook: Outlook, { status }: Tenant, grace: Grace): Decision {
  const { stalled } = outlook
  const told = stalled?.reason === reason ? { stalled: undefined, reconciling: stalled } : {}
  const deletion = { ...status?.deletion, notBefore: grace.until }
  return {
    ...decision,
    outlook: { ...outlook, ...told, fields: { ...outlook.fields, deletion } },
    ...requeue(decision.requeueAfter, grace.in),
  }
}

/** An administrator released this Tenant by name: neither the brake nor the grace period keeps it. */
export function isReleasedByName(tenant: Pick<Tenant, 'metadata'>): boolean {
  return repeatsName(tenant, annotations.releaseDeletion)
}
