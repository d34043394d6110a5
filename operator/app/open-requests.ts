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
import { repeatsName } from '../runtime/objects/object.ts'
import { hasBegun } from '../tenant/lifecycle/deletion-rules.ts'
import { isDumpSkipped } from '../tenant/lifecycle/skipped-dump.ts'
import { givesUp } from '../tenant/model/earlier-tenant.ts'
import { previewRequest } from '../tenant/removal/preview-request.ts'
import { rehearsalRequest } from '../tenant/removal/rehearsal.ts'

export function hasOpenRequest(tenant: Tenant): boolean {
  const { status } = tenant
  return (
    isOpen(tenant, annotations.rotateRequestedAt, status?.database?.lastHandledRotation) ||
    isNew(rehearsalRequest(tenant), status?.lastHandledDumpRehearsal) ||
    isNew(previewRequest(tenant), status?.deletionPreview?.request) ||
    mayBeginEmpty(tenant) ||
    awaitsAdoption(tenant) ||
    (givesUp(tenant) && status?.namespace === undefined) ||
    endsHold(tenant) ||
    mayGoWithoutDump(tenant)
  )
}

/** An accepted invite is not sent again. */
export function asksForInvite(admin: TenantAdmin): boolean {
  const { acceptedAt, lastHandledResend } = admin.status?.invite ?? {}
  return acceptedAt === undefined && isOpen(admin, annotations.resendRequestedAt, lastHandledResend)
}

function isOpen({ metadata }: Tenant | TenantAdmin, annotation: string, handled: string | undefined): boolean {
  return isNew(metadata.annotations?.[annotation], handled)
}

function isNew(asked: string | undefined, handled: string | undefined): boolean {
  return asked !== undefined && asked !== handled
}

function mayBeginEmpty(tenant: Tenant): boolean {
  const { missingSince, begunEmpty } = tenant.status?.database ?? {}
  return missingSince !== undefined && isOpen(tenant, annotations.beginEmpty, begunEmpty)
}

/** A deletion that has not begun is released, or undone. */
function endsHold(tenant: Tenant): boolean {
  const isSaid = [annotations.undoDeletion, annotations.releaseDeletion].some((each) => repeatsName(tenant, each))
  return isSaid && tenant.metadata.deletionTimestamp !== undefined && !hasBegun(tenant)
}

const withoutDump: ReadonlySet<Reason> = new Set<Reason>(['DumpFailed', 'DatabaseMissing'])

function mayGoWithoutDump(tenant: Tenant): boolean {
  const stalled = findCondition(tenant.status?.conditions, 'Stalled')
  return stalled !== undefined && withoutDump.has(stalled.reason) && isDumpSkipped(tenant)
}
