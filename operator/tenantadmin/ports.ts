/** The ports of the reconciler of TenantAdmins. */
import type { LineWriter } from '../api/log-lines.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Kube } from '../kube/port.ts'
import type { GuardedMailer } from '../mail/breaker.ts'
import type { MailTemplates } from '../mail/templates.ts'
import type { Cache, IndexFunction } from '../runtime/cache/cache.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import type { RecordsEvents } from '../api/events.ts'
import type { NameClaim, tenantAdminIndexes } from '../domain/caches.ts'
import type { Acceptance } from '../domain/acceptance.ts'
import type { FirstPasswordHash } from '../domain/first-password.ts'
import type { ReadKeys } from './invite/signing-keys.ts'

/** Acceptances: by the uid of the TenantAdmin, and by that of the Tenant. */
export const acceptanceIndexes = {
  adminUid: ({ adminUid }) => [adminUid],
  tenantUid: ({ tenantUid }) => [tenantUid],
} satisfies Record<string, IndexFunction<Acceptance>>

/** The hashes of first passwords: by the uid of the TenantAdmin. */
export const firstPasswordIndexes = {
  adminUid: ({ adminUid }) => [adminUid],
} satisfies Record<string, IndexFunction<FirstPasswordHash>>

/** Reads from the reflectors' caches; the index names are those of domain/caches.ts. */
export interface TenantAdminCaches {
  readonly tenants: Pick<Cache<Tenant, 'owning'>, 'get' | 'by'>
  readonly admins: Pick<Cache<TenantAdmin, keyof typeof tenantAdminIndexes>, 'get' | 'by'>
  readonly plans: Pick<Cache<TenantPlan>, 'get'>
  readonly claims: Pick<Cache<NameClaim, 'holder'>, 'by'>
  readonly acceptances: Pick<Cache<Acceptance, keyof typeof acceptanceIndexes>, 'by'>
  readonly firstPasswords: Pick<Cache<FirstPasswordHash, keyof typeof firstPasswordIndexes>, 'by'>
}

export interface TenantAdminPorts {
  readonly caches: TenantAdminCaches
  readonly kube: Pick<Kube, 'get' | 'list' | 'create' | 'replace' | 'patch' | 'delete'>
  readonly keys: ReadKeys
  readonly mailer: GuardedMailer
  readonly templates: MailTemplates
  readonly events: RecordsEvents
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: LineWriter
  readonly random: Pick<Random, 'fraction' | 'bytes'>
}
