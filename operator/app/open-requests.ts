/**
 * Whether an annotation asks for something that the status does not record as done. Where it was set while no replica led,
 * the object comes before those that are only looked at again. Pure.
 */
import { findCondition } from '../api/conditions.ts'
import { annotations } from '../api/names.ts'
import type { Reason } from '../api/reasons.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { awaitsAdoption } from '../domain/invite-waits.ts'
import { openRotationRequest } from '../tenant/database/rotation.ts'
import { isReleasedByName } from '../tenant/lifecycle/deletion-grace.ts'
import { hasBegun, isUndone } from '../tenant/lifecycle/deletion-rules.ts'
import { isDumpSkipped } from '../tenant/lifecycle/skipped-dump.ts'
import { mayBeginEmpty } from '../tenant/model/data-loss.ts'
import { givesUp } from '../tenant/model/earlier-tenant.ts'
import { openPreviewRequest } from '../tenant/removal/preview-request.ts'
import { openRehearsalRequest } from '../tenant/removal/rehearsal.ts'
import { isResendRequested } from '../tenantadmin/invite/resend.ts'

export function hasOpenRequest(tenant: Tenant): boolean {
  return (
    openRotationRequest(tenant) !== undefined ||
    openRehearsalRequest(tenant) !== undefined ||
    openPreviewRequest(tenant) !== undefined ||
    asksForEmptyDatabase(tenant) ||
    awaitsAdoption(tenant) ||
    (givesUp(tenant) && tenant.status?.namespace === undefined) ||
    endsHold(tenant) ||
    mayGoWithoutDump(tenant)
  )
}

export function asksForInvite(admin: TenantAdmin): boolean {
  return isResendRequested(admin, admin.status?.invite ?? {})
}

function asksForEmptyDatabase(tenant: Tenant): boolean {
  const { name, schema, missingSince, begunEmpty } = tenant.status?.database ?? {}
  if (name !== undefined) return mayBeginEmpty(tenant, { database: name, ...(schema === undefined ? {} : { schema }) })
  // Where data was lost before its names were recorded, the claims know them, and any request counts here.
  const asked = tenant.metadata.annotations?.[annotations.beginEmpty]
  return missingSince !== undefined && asked !== undefined && asked !== begunEmpty
}

/** A deletion that has not begun is released, or undone. */
function endsHold(tenant: Tenant): boolean {
  if (tenant.metadata.deletionTimestamp === undefined || hasBegun(tenant)) return false
  return isUndone(tenant) || isReleasedByName(tenant)
}

const withoutDump: ReadonlySet<Reason> = new Set<Reason>(['DumpFailed', 'DatabaseMissing'])

function mayGoWithoutDump(tenant: Tenant): boolean {
  const stalled = findCondition(tenant.status?.conditions, 'Stalled')
  return stalled !== undefined && withoutDump.has(stalled.reason) && isDumpSkipped(tenant)
}
