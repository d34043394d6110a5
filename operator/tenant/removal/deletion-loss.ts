/**
 * Whether a deletion removes something that nothing else keeps: the brake and the grace period are for such deletions
 * alone. Pure.
 */
import { finalizer } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import { hasStarted } from '../model/life-stage.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { deletionFate, hasBegun } from '../lifecycle/deletion-rules.ts'

export type LossFacts = Pick<Snapshot, 'tenant' | 'identity' | 'customers' | 'live' | 'names' | 'namespace'>

/** A deletion loses data that was made, that nothing else keeps, and whose removal has not begun. */
export function losesData(facts: LossFacts): boolean {
  const { tenant, live, customers } = facts
  if (tenant.metadata.deletionTimestamp === undefined || live === undefined) return false
  const deletion = { tenant, live, customers, brake: undefined, grace: undefined }
  return deletionFate(deletion).outcome === 'Removed' && hasSomethingToRemove(facts)
}

/** Whether there is something that a deletion would remove. */
export function hasSomethingToRemove(facts: Pick<LossFacts, 'tenant' | 'identity' | 'names' | 'namespace'>): boolean {
  return isLoss(facts.tenant) && hasStarted(facts)
}

export function isLoss(tenant: Tenant): boolean {
  const { metadata, spec, status } = tenant
  const isBound = metadata.finalizers?.includes(finalizer) === true
  // What a purge has removed is lost already.
  return isBound && spec.deletion.policy !== 'Retain' && status?.purge?.startedAt === undefined && !hasBegun(tenant)
}
