/** The metrics of tenants, in Prometheus' form. */
import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { findCondition } from '../../api/conditions.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Cache } from '../../runtime/cache/cache.ts'
import type { Leadership } from '../../runtime/leadership/fence.ts'
import { toldMissing } from '../model/data-loss.ts'
import { repairable } from './repairs.ts'
import type { Repairable } from './repairs.ts'
import { toldPostponed } from '../../domain/postponed-deletion.ts'

/** The metrics of tenants, read from the statuses at each scrape. */
export function createTenantMetrics(
  registry: Registry,
  tenants: Pick<Cache<Tenant>, 'values'>,
  leadership: Leadership,
): void {
  createExpiryMetric(registry, tenants, leadership)
  createDeletionMetrics(registry, tenants, leadership)
  createSizeMetric(registry, tenants, leadership)
}

/**
 * `tenantry_tenants_over_size`: how many tenants' data takes more than 80 % of its size limit (`DatabaseNearlyFull`),
 * or more than all of it (`DatabaseOverSize`, `DatabaseReadOnly`). On the leader only.
 */
function createSizeMetric(registry: Registry, tenants: Pick<Cache<Tenant>, 'values'>, leadership: Leadership): Gauge {
  return new Gauge({
    name: 'tenantry_tenants_over_size',
    help: 'Tenants whose data is close to its size limit or exceeds it, by the reason of the condition DatabaseOverSize; on the leader only.',
    labelNames: ['server', 'reason'],
    registers: [registry],
    collect() {
      this.reset()
      if (!leadership.isLeader()) return
      for (const { status } of tenants.values()) {
        const told = findCondition(status?.conditions, 'DatabaseOverSize')
        if (told !== undefined) this.inc({ server: status?.database?.server ?? '', reason: told.reason })
      }
    },
  })
}

/** Tenants whose deletion waits: for an administrator, or for the end of its grace period. On the leader only. */
function createDeletionMetrics(
  registry: Registry,
  tenants: Pick<Cache<Tenant>, 'values'>,
  leadership: Leadership,
): void {
  const count = (name: string, help: string, counts: (tenant: Tenant) => boolean) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.remove()
        if (leadership.isLeader()) this.set([...tenants.values()].filter(counts).length)
      },
    })
  const isPostponed = ({ status }: Tenant) => toldPostponed(status) !== undefined
  count(
    'tenantry_deletions_held',
    'Deletions of Tenants that settings.deletionBrake holds; on the leader only.',
    (tenant) => {
      const { metadata, status } = tenant
      const isHeld = metadata.deletionTimestamp !== undefined && status?.deletion?.heldAt !== undefined
      return isHeld && !isPostponed(tenant)
    },
  )
  count(
    'tenantry_deletions_postponed',
    'Deletions of Tenants that wait for the end of their grace period; on the leader only.',
    isPostponed,
  )
}

/**
 * `tenantry_tenant_expires_timestamp_seconds` of each tenant whose account ends, read from the statuses at each scrape:
 * a tenant that is gone has none. On the leader only, so that a sum over the replicas counts no tenant twice.
 */
function createExpiryMetric(registry: Registry, tenants: Pick<Cache<Tenant>, 'values'>, leadership: Leadership): Gauge {
  return new Gauge({
    name: 'tenantry_tenant_expires_timestamp_seconds',
    help: 'When the tenant expires, in seconds since the Unix epoch; on the leader only.',
    labelNames: ['namespace', 'name', 'cloud_id'],
    registers: [registry],
    collect() {
      this.reset()
      if (!leadership.isLeader()) return
      for (const { metadata, status } of tenants.values()) {
        if (status?.expiresAt === undefined) continue
        const labels = { namespace: metadata.namespace ?? '', name: metadata.name, cloud_id: status.cloudId ?? '' }
        this.set(labels, Date.parse(status.expiresAt) / 1000)
      }
    },
  })
}

/**
 * `tenantry_tenants_stalled`: how many tenants need a person, by the reason of their condition Stalled; tenants whose
 * data is missing count as such whatever else Stalled says. A reason that has existed becomes 0 and not absent, so that
 * an alert on it ends. On the leader only.
 */
export function createStalledMetrics(
  registry: Registry,
  tenants: Pick<Cache<Tenant>, 'values'>,
  leadership: Leadership,
): Gauge {
  const known = new Set<string>()
  return new Gauge({
    name: 'tenantry_tenants_stalled',
    help: 'Tenants that need a person, by the reason of the condition Stalled; DatabaseMissing also counts tenants with this reason in DatabaseReady; on the leader only.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      if (!leadership.isLeader()) return
      for (const reason of known) this.set({ reason }, 0)
      for (const { status } of tenants.values()) {
        const told = [findCondition(status?.conditions, 'Stalled'), toldMissing(status)]
        for (const reason of new Set(told.flatMap((each) => each?.reason ?? []))) {
          known.add(reason)
          this.inc({ reason })
        }
      }
    },
  })
}

/** `tenantry_repairs_total{what}`: what another writer changed or removed, and Tenantry repaired; people.ts counts. */
export function createRepairMetrics(registry: Registry): (what: Repairable) => void {
  const repairs = new Counter({
    name: 'tenantry_repairs_total',
    help: 'Repairs of differences from an unchanged desired state, by what was repaired.',
    labelNames: ['what'],
    registers: [registry],
  })
  for (const what of repairable) repairs.inc({ what }, 0)
  return (what) => repairs.inc({ what })
}
