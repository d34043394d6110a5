/** The fields of the status on a tenant's life (suspendedAt, revivedAt, archivedAt, purgeAfter, purge), and when a purge is due. Pure. */
import { parseDuration } from '../../api/duration.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { LifeFields } from '../model/outlook.ts'
import type { EffectiveState } from '../model/effective-state.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { planToFollow } from '../model/tenant-plan.ts'

/** What the end of a retention depends on. */
export type RetentionFacts = Pick<Snapshot, 'tenant' | 'plans'>

/** The current times in the status. */
export function lifeFieldsOf({ status }: Tenant): LifeFields {
  const { suspendedAt, revivedAt, archivedAt, purgeAfter, purge } = status ?? {}
  return {
    ...(suspendedAt === undefined ? {} : { suspendedAt }),
    ...(revivedAt === undefined ? {} : { revivedAt }),
    ...(archivedAt === undefined ? {} : { archivedAt }),
    ...(purgeAfter === undefined ? {} : { purgeAfter }),
    ...(purge === undefined ? {} : { purge }),
  }
}

/** The next times; `plan`: undefined where it is missing. */
export function nextLifeFields(
  tenant: Tenant,
  { phase }: EffectiveState,
  plan: TenantPlan | undefined,
  now: number,
): LifeFields {
  const before = lifeFieldsOf(tenant)
  if (phase === 'Active') {
    const revivedAt = before.suspendedAt === undefined ? before.revivedAt : timestamp(now)
    return revivedAt === undefined ? {} : { revivedAt }
  }
  const suspendedAt = before.suspendedAt ?? timestamp(now)
  if (phase !== 'Archived') return { suspendedAt }
  const archivedAt = before.archivedAt ?? timestamp(now)
  const end = archiveEnd(tenant, plan, archivedAt)
  const { purge } = before
  return {
    suspendedAt,
    archivedAt,
    ...(end === undefined ? {} : { purgeAfter: timestamp(end) }),
    ...(purge === undefined ? {} : { purge }),
  }
}

/**
 * The end of the retention. A recorded date is never brought forward by a shorter retention, only put off by a longer
 * one. Undefined where only the missing plan has the retention.
 */
function archiveEnd({ spec, status }: Tenant, plan: TenantPlan | undefined, archivedAt: string): number | undefined {
  const retention = spec.archive.retention ?? plan?.spec.archive.retention
  const ends = [
    ...(retention === undefined ? [] : [Date.parse(archivedAt) + parseDuration(retention)]),
    ...(status?.purgeAfter === undefined ? [] : [Date.parse(status.purgeAfter)]),
  ]
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/**
 * Milliseconds until an archived tenant's data may go; 0 when it is due. Undefined until a date is recorded. A retention
 * that is longer than the recorded one counts before it is recorded.
 */
export function purgeIn(facts: RetentionFacts, now: number): number | undefined {
  const { spec, status } = facts.tenant
  if (spec.state !== 'Archived' || status?.purgeAfter === undefined) return undefined
  const { archivedAt, purgeAfter } = status
  const end = archivedAt === undefined ? undefined : archiveEnd(facts.tenant, planToFollow(facts).plan, archivedAt)
  return Math.max(0, (end ?? Date.parse(purgeAfter)) - now)
}

/** Whether the Tenant is being deleted, or its data has begun to go: neither can be undone. */
export function isEnding({ metadata, status }: Tenant): boolean {
  return metadata.deletionTimestamp !== undefined || status?.purge?.startedAt !== undefined
}

/** Whether the data may go, or has begun to go, and is not all gone. */
export function isPurging(facts: RetentionFacts, now: number): boolean {
  const { startedAt, finishedAt } = facts.tenant.status?.purge ?? {}
  if (finishedAt !== undefined) return false
  return startedAt !== undefined || purgeIn(facts, now) === 0
}
