/**
 * The end of the access of an AccessGrant, by its spec and its creation time. Users who may update the AccessGrant can
 * make it earlier in its spec (api/accessgrant.ts), and those who may delete the object end the access by that. accessgrant/decide.ts
 * reports the end; tenant/access/granted-binding.ts takes the user out of the RoleBinding. Access to a tenant that is off,
 * archived or purged: access-blocker.ts. Pure.
 */
import type { AccessGrant } from '../../api/accessgrant.ts'
import { parseDuration } from '../../api/duration.ts'
import type { AccessGrantSettings } from './settings.ts'

/** Milliseconds that a masquerade is to last. */
export function masqueradeLength({ spec }: AccessGrant, limit: number): number {
  return spec.duration === undefined ? limit : parseDuration(spec.duration)
}

/**
 * When the access ends, in milliseconds since the epoch; undefined with an open end. A masquerade counts from the
 * creation of its object, which no user can set: so it ends in time also where its status was lost, and time during
 * which the tenant was off is not added.
 */
export function endOf(
  grant: AccessGrant,
  { masqueradeLimit }: Pick<AccessGrantSettings, 'masqueradeLimit'>,
): number | undefined {
  const { metadata, spec } = grant
  if (spec.type === 'Delegation') return spec.until === undefined ? undefined : Date.parse(spec.until)
  const length = Math.min(masqueradeLength(grant, masqueradeLimit), masqueradeLimit)
  return Date.parse(metadata.creationTimestamp ?? '1970-01-01T00:00:00Z') + length
}

/** Whether nothing more can follow: its end was recorded, or its end or its deletion has come. */
export function isOver(
  grant: AccessGrant,
  settings: Pick<AccessGrantSettings, 'masqueradeLimit'>,
  now: number,
): boolean {
  const end = endOf(grant, settings)
  return grant.metadata.deletionTimestamp !== undefined || hasEnded(grant) || (end !== undefined && end <= now)
}

/** A masquerade that has ended stays ended, also when a clock that was ahead is set back. */
export function hasEnded({ spec, status }: AccessGrant): boolean {
  return spec.type === 'Masquerade' && status?.phase === 'Ended'
}
