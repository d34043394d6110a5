/**
 * Why an invite must wait: the tenant, its parent MSP, the admin's own state and start date. Whether a new one
 * is due: tenantadmin/decide.ts and tenantadmin/invite/resend.ts; when its mail is sent: tenantadmin/invite/sending.ts.
 * Pure.
 */
import { annotations } from '../api/names.ts'
import { findCondition, isTrue } from '../api/conditions.ts'
import type { TenantPhase } from '../api/phases.ts'
import type { Reason } from '../api/reasons.ts'
import type { Verdict } from '../api/verdict.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { AdminTenant } from './admin-tenant.ts'

/** How kstatus reports the invite: nothing to do, in progress, or in need of a person. */
export interface InviteVerdict extends Verdict {
  readonly kind: 'Ready' | 'Reconciling' | 'Stalled'
}

export const ready = (reason: Reason, message: string): InviteVerdict => ({ kind: 'Ready', reason, message })
export const reconciling = (reason: Reason, message: string): InviteVerdict => ({
  kind: 'Reconciling',
  reason,
  message,
})
export const stalled = (reason: Reason, message: string): InviteVerdict => ({ kind: 'Stalled', reason, message })

/** Why the invite has to wait, or undefined. `issued`: the invite is out already; then only a closed tenant counts. */
export function inviteWaits(
  admin: TenantAdmin,
  home: AdminTenant,
  issued: boolean,
  now: number,
): InviteVerdict | undefined {
  if (admin.spec.state === 'Deactivated')
    return ready('Deactivated', 'spec.state is Deactivated: the admin has no access.')
  if (admin.spec.state === 'Archived') return ready('Archived', 'spec.state is Archived: the admin has no access.')
  if (home.kind === 'Missing') return reconciling('TenantNotFound', `The invite waits for ${home.wanted}.`)
  const closed = tenantClosed(home.tenant, now) ?? parentClosed(home.parent, now)
  if (closed !== undefined) return closed
  if (issued) return undefined
  return tenantPending(home.tenant) ?? startsLater(admin, now)
}

/** Phases that close a tenant although spec.state alone does not say so. */
const closedPhases: readonly (TenantPhase | undefined)[] = ['Deactivated', 'Archived', 'Expired', 'Purged', 'Deleting']

/**
 * A tenant that admits no person now, whatever has been begun. The accept page asks too, about live objects: there an
 * expiry counts before the tenant's own pass has reported it.
 */
export function tenantClosed(tenant: Tenant, now: number): InviteVerdict | undefined {
  const { name } = tenant.metadata
  if (tenant.metadata.deletionTimestamp !== undefined)
    return ready('NotYetActive', `The Tenant ${name} is being deleted.`)
  if (tenant.spec.state !== 'Active')
    return ready('NotYetActive', `The Tenant ${name} is ${tenant.spec.state}. The invite waits until it is Active.`)
  if (tenant.status?.state !== undefined && tenant.status.state !== 'Active')
    return ready('ParentSuspended', `The parent MSP of the Tenant ${name} is ${tenant.status.state}. The invite waits.`)
  const { phase, expiresAt } = tenant.status ?? {}
  const over = expiresAt !== undefined && Date.parse(expiresAt) <= now
  if (!over && !closedPhases.includes(phase)) return undefined
  return ready(
    'NotYetActive',
    `The Tenant ${name} is ${over ? 'Expired' : phase}. The invite waits until it is Active.`,
  )
}

function parentClosed(parent: Tenant | undefined, now: number): InviteVerdict | undefined {
  const closed = parent === undefined ? undefined : tenantClosed(parent, now)
  if (parent === undefined || closed === undefined) return undefined
  return ready('ParentSuspended', `The parent MSP ${parent.metadata.name} is not active. The invite waits.`)
}

/**
 * Whether the tenant has yet to take over an earlier one: it asks for that, or the earlier tenant's deletion was
 * undone.
 */
export function awaitsAdoption({ metadata, status }: Pick<Tenant, 'metadata' | 'status'>): boolean {
  const asked = (metadata.annotations?.[annotations.adopt] ?? '') !== ''
  const adopting = findCondition(status?.conditions, 'Ready')?.reason === 'Adopting'
  return (asked || adopting) && (status?.adopted ?? []).length === 0
}

/** Before its first pass the tenant reconciler has not said whether the names are free and the plan exists. */
function tenantPending(tenant: Tenant): InviteVerdict | undefined {
  const { metadata, status } = tenant
  if (awaitsAdoption(tenant))
    return reconciling(
      'NotYetActive',
      `The invite waits until the Tenant ${metadata.name} has taken over the earlier tenant, whose admins may have accepted already.`,
    )
  if (isTrue(status?.conditions, 'Ready') || isTrue(status?.conditions, 'Available')) return undefined
  const underWay = status?.phase === 'Provisioning' || status?.phase === 'Active'
  if (underWay && findCondition(status.conditions, 'Stalled') === undefined) return undefined
  return reconciling(
    'NotYetActive',
    `The invite waits until the Tenant ${metadata.name} is in order; its conditions tell what is wrong.`,
  )
}

function startsLater({ spec }: TenantAdmin, now: number): InviteVerdict | undefined {
  if (spec.notBefore === undefined || Date.parse(spec.notBefore) <= now) return undefined
  return ready('NotYetActive', `The invite goes out at ${spec.notBefore} (spec.notBefore).`)
}
