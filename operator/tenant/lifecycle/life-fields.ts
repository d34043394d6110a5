/** The fields of the status on a tenant's life (suspendedAt, revivedAt, archivedAt, purgeAfter, purge), and when a purge is due. Pure. */
import { parseDuration } from '../../api/duration.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { LifeFields } from '../model/outlook.ts'
import type { EffectiveState } from '../model/effective-state.ts'

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

/** The next times. A purge date, once set, is never brought forward by a shorter retention, only put off. */
export function nextLifeFields(tenant: Tenant, { phase }: EffectiveState, plan: TenantPlan, now: number): LifeFields {
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
  return { suspendedAt, archivedAt, purgeAfter: timestamp(end), ...(purge === undefined ? {} : { purge }) }
}

function archiveEnd({ spec, status }: Tenant, plan: TenantPlan, archivedAt: string): number {
  const retention = parseDuration(spec.archive.retention ?? plan.spec.archive.retention)
  return Math.max(Date.parse(archivedAt) + retention, Date.parse(status?.purgeAfter ?? archivedAt))
}

/** Whether a longer retention than the recorded one postpones a purge whose removal has not begun. */
export function isPurgePostponed(tenant: Tenant, plan: TenantPlan | undefined, now: number): boolean {
  const { archivedAt, purge } = tenant.status ?? {}
  if (plan === undefined || archivedAt === undefined || purge?.startedAt !== undefined) return false
  return archiveEnd(tenant, plan, archivedAt) > now
}

/** Milliseconds until an archived tenant's data may go; 0 when it is due. Undefined without a date. */
export function purgeIn({ status, spec }: Tenant, now: number): number | undefined {
  if (spec.state !== 'Archived' || status?.purgeAfter === undefined) return undefined
  return Math.max(0, Date.parse(status.purgeAfter) - now)
}

/** Whether the Tenant is being deleted, or its data has begun to go: neither can be undone. */
export function isEnding({ metadata, status }: Tenant): boolean {
  return metadata.deletionTimestamp !== undefined || status?.purge?.startedAt !== undefined
}

/** Whether the data may go, or has begun to go, and is not all gone. */
export function isPurging(tenant: Tenant, now: number): boolean {
  const { startedAt, finishedAt } = tenant.status?.purge ?? {}
  if (finishedAt !== undefined) return false
  return startedAt !== undefined || purgeIn(tenant, now) === 0
}
