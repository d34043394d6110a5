/** Builds the status of a tenant from its outlook. Pure. */
import { licenseCondition, licenseRecord } from '../lifecycle/license-rules.ts'
import { findCondition, nextConditions } from '../../api/conditions.ts'
import type { Condition, NewCondition, TenantConditionType } from '../../api/conditions.ts'
import type { TenantPhase } from '../../api/phases.ts'
import type { Tenant, TenantStatus } from '../../api/tenant.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { mergePatch } from '../../runtime/objects/status.ts'
import { isPast, settledTally } from '../../domain/invites-per-day.ts'
import { firstAdmin, uninvited } from '../access/admins.ts'
import { lifeFieldsOf } from '../lifecycle/life-fields.ts'
import { warningsAt } from '../lifecycle/expiry-warnings.ts'
import { expiryOf } from '../../domain/expiry.ts'
import { strictestState, isAccepted } from '../model/life-stage.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { closedForSize } from '../../domain/usable.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Outlook, Part } from '../model/outlook.ts'

/**
 * The whole status. `now`: milliseconds since the epoch, for the conditions that change. What is out of date alone is no
 * reason to write.
 */
export function statusOf(snapshot: Snapshot, outlook: Outlook, now: number): TenantStatus {
  const status = wholeStatus(snapshot, outlook, now)
  const { departedInvites, ...others } = status
  if (!isPast(departedInvites, now)) return status
  return mergePatch({ ...snapshot.tenant.status }, { ...status }) === undefined ? status : others
}

function wholeStatus(snapshot: Snapshot, outlook: Outlook, now: number): TenantStatus {
  const { tenant, customers } = snapshot
  const admin = firstAdmin(snapshot.admins)
  const invite = admin?.status?.invite?.status
  const previous = withoutOverview(tenant.status ?? { observedGeneration: -1 })
  const { aliases = [], deletion, departedInvites, ...held } = { ...previous, ...outlook.fields }
  const departed = settledTally(departedInvites, now)
  const deleting = tenant.metadata.deletionTimestamp !== undefined
  return {
    ...held,
    ...(deletion === undefined || !deleting ? {} : { deletion }),
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(departed === undefined ? {} : { departedInvites: departed }),
    ...(outlook.life ?? lifeFieldsOf(tenant)),
    ...licenseRecord(snapshot),
    ...expiryFields(snapshot, outlook, now),
    observedGeneration: tenant.metadata.generation ?? 0,
    phase: deleting ? 'Deleting' : outlook.phase,
    state: strictestState(snapshot),
    ...(admin === undefined
      ? {}
      : { admin: { name: admin.metadata.name, username: admin.spec.username, email: admin.spec.email } }),
    ...(invite === undefined ? {} : { invite }),
    admins: snapshot.admins.length,
    ...(tenant.spec.type === 'MSP' ? { customers: customers.length } : {}),
    conditions: conditionsOf(snapshot, outlook, now),
  }
}

const awake: readonly TenantPhase[] = ['Pending', 'Provisioning', 'Active']

function expiryFields(
  snapshot: Snapshot,
  { phase, off }: Outlook,
  now: number,
): Pick<TenantStatus, 'expiresAt' | 'warnings'> {
  const expiry = expiryOf(snapshot)
  const warnings = warningsAt(expiry, snapshot.tenant.status?.warnings, off === undefined && awake.includes(phase), now)
  return {
    ...(expiry === undefined ? {} : { expiresAt: timestamp(expiry.at) }),
    ...(warnings.length === 0 ? {} : { warnings }),
  }
}

/** The fields that no status takes over from the one before: each pass sets or omits them. */
function withoutOverview({
  admin: _admin,
  invite: _invite,
  license: _license,
  expiresAt: _expiresAt,
  warnings: _warnings,
  suspendedAt: _suspendedAt,
  revivedAt: _revivedAt,
  archivedAt: _archivedAt,
  purgeAfter: _purgeAfter,
  purge: _purge,
  ...rest
}: TenantStatus): TenantStatus {
  return rest
}

function conditionsOf(snapshot: Snapshot, outlook: Outlook, now: number): readonly Condition[] {
  const { tenant } = snapshot
  const observedGeneration = tenant.metadata.generation ?? 0
  const make = (type: TenantConditionType, status: 'True' | 'False', verdict: Verdict): NewCondition => ({
    type,
    status,
    reason: verdict.reason,
    message: verdict.message,
    observedGeneration,
  })
  const { namespace, database, ready } = outlook
  const license = licenseCondition(snapshot)
  const next = [
    make('Ready', ready.status, ready),
    ...(outlook.reconciling === undefined ? [] : [make('Reconciling', 'True', outlook.reconciling)]),
    ...(outlook.stalled === undefined ? [] : [make('Stalled', 'True', outlook.stalled)]),
    available(make, outlook, tenant),
    isAccepted(snapshot)
      ? make('AdminAccepted', 'True', { reason: 'Accepted', message: 'An admin has accepted the invite.' })
      : make('AdminAccepted', 'False', uninvited(snapshot) ?? unanswered),
    part(make, 'NamespaceReady', namespace, 'The namespace and everything in it are in place.'),
    part(make, 'DatabaseReady', database, 'The database, its roles and their Secret are in place.'),
    make('LicenseValid', license.status, license),
    ...sizeCondition(make, outlook, tenant),
    ...rehearsalCondition(make, outlook, tenant),
  ]
  return nextConditions(tenant.status?.conditions, next, now)
}

const unanswered: Verdict = { reason: 'AwaitingAnswer', message: 'No admin has accepted an invite yet.' }

type Make = (type: TenantConditionType, status: 'True' | 'False', verdict: Verdict) => NewCondition

function part(make: Make, type: TenantConditionType, state: Part, message: string): NewCondition {
  return state === 'Done' ? make(type, 'True', { reason: 'Provisioned', message }) : make(type, 'False', state)
}

/** Present only while the size exceeds a threshold. */
function sizeCondition(make: Make, { size, phase }: Outlook, { status }: Tenant): readonly NewCondition[] {
  const before = findCondition(status?.conditions, 'DatabaseOverSize')
  if (phase === 'Purged' || size === 'Within') return []
  if (size === undefined) return before === undefined ? [] : [before]
  return [make('DatabaseOverSize', 'True', size)]
}

/** The condition on the last rehearsal, as long as there is data. */
function rehearsalCondition(make: Make, { rehearsal, phase }: Outlook, { status }: Tenant): readonly NewCondition[] {
  const before = findCondition(status?.conditions, 'DumpRehearsed')
  if (phase === 'Purged') return []
  if (rehearsal === undefined) return before === undefined ? [] : [before]
  return [make('DumpRehearsed', rehearsal.status, rehearsal)]
}

/** Usable now: what was made is there, whatever else is desired. */
function available(make: Make, outlook: Outlook, tenant: Tenant): NewCondition {
  const { namespace, database, off, usable, size } = outlook
  const closed = size === undefined ? closedForSize(tenant) : outlook.closed
  if (off !== undefined) return make('Available', 'False', off)
  const missing = !isThere(namespace) ? namespace : isLeftAlone(outlook) || isThere(database) ? 'Done' : database
  if (usable !== true && missing !== 'Done') return make('Available', 'False', missing)
  if (closed !== undefined) return make('Available', 'False', closed)
  return make('Available', 'True', { reason: 'Provisioned', message: 'The tenant can be used.' })
}

/** What is contested was made all the same. */
function isThere(state: Part): boolean {
  return state === 'Done' || state.reason === 'Contested'
}

/** Its server is not the operator's to use now; its own applications may have the right one all the same. */
function isLeftAlone({ database, wasUsable }: Pick<Outlook, 'database' | 'wasUsable'>): boolean {
  return wasUsable === true && database !== 'Done' && database.reason === 'DatabaseServerNotReady'
}
