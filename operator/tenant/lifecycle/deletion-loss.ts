/**
 * Whether a deletion removes something that nothing else keeps: the brake and the grace period are for such deletions
 * alone. Pure.
 */
import { finalizer } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import { hasStarted } from '../model/life-stage.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { deletionFate, hasBegun } from './deletion-rules.ts'

export type LossFacts = Pick<Snapshot, 'tenant' | 'identity' | 'customers' | 'live' | 'names' | 'namespace'>

/** A deletion loses data that was made, that nothing else keeps, and whose removal has not begun. */
export function losesData(facts: LossFacts): boolean {
  return facts.live !== undefined && mayLoseData(facts)
}

/** Whether it loses data unless the live check finds that it was not meant for the data. */
export function mayLoseData(facts: LossFacts): boolean {
  const { tenant } = facts
  if (tenant.metadata.deletionTimestamp === undefined || !isLoss(tenant) || !hasStarted(facts)) return false
  return deletionFate({ ...facts, brake: undefined, grace: undefined }).outcome === 'Removed'
}

export function isLoss(tenant: Tenant): boolean {
  const { metadata, spec, status } = tenant
  const isBound = metadata.finalizers?.includes(finalizer) === true
  // What a purge has removed is lost already.
  return isBound && spec.deletion.policy !== 'Retain' && status?.purge?.startedAt === undefined && !hasBegun(tenant)
}
