/** What the specs ask for against what there is, when all is at rest. Sentences; none is good. Pure. */
import type { Stored } from '../../harness/api.ts'
import { conditionOf, inviteOf } from '../life.ts'
import { namesOf } from './names.ts'
import { tenantOf } from './persons.ts'
import { adoptedBy, customersOf, isMade, isOrphan, isTrue, living, parentOf, titleOf, wantedPhase } from './view.ts'
import type { View } from './view.ts'

export function discrepancies(view: View): readonly string[] {
  return [
    ...living(view).flatMap((tenant) => [
      ...namesOf(tenant, view),
      ...(isPurged(tenant) ? purge(tenant, view) : [...standing(tenant, view), ...surroundings(tenant, view)]),
      ...rotation(tenant),
      ...stalled(tenant, view),
    ]),
    ...view.facts.admins.flatMap((admin) => invite(admin, view)),
  ]
}

export function isPurged({ status }: Stored): boolean {
  return status?.['phase'] === 'Purged'
}

function purge({ metadata }: Stored, { facts, memory }: View): readonly string[] {
  const { uid, name } = metadata
  const left = [...facts.roles, ...facts.databases].filter(({ comment }) => comment?.includes(uid))
  const namespaces = facts.namespaces.filter(({ metadata: other }) => other.labels?.['tenantry.dev/tenant-uid'] === uid)
  return [
    ...(memory.mayPurge.has(uid) ? [] : [`${name} is purged, and nobody asked for it.`]),
    ...left.map((each) => `${each.name} is left of ${name}, which is purged.`),
    ...namespaces.map((each) => `The namespace ${each.metadata.name} is left of ${name}, which is purged.`),
  ]
}

function standing(tenant: Stored, view: View): readonly string[] {
  const [title, wanted, phase] = [titleOf(tenant), wantedPhase(tenant, view), tenant.status?.['phase']]
  const stuck = conditionOf(tenant, 'Stalled') !== undefined
  const made = isMade(tenant)
  const due = wanted === 'Active' && !stuck && isDue(tenant, view)
  const good = phase === wanted || (wanted === 'Active' && phase === 'Pending' && !made)
  return [
    ...(good || (stuck && !made) ? [] : [`${title} is ${String(phase)}, and should be ${wanted}.`]),
    ...(due && !made ? [`${title} should have been made.`] : []),
    ...(made && isTrue(tenant, 'Available') !== (wanted === 'Active')
      ? [`${title} is ${wanted}, and Available says otherwise.`]
      : []),
    ...(isTrue(tenant, 'Ready') || stuck ? [] : [`${title} is neither Ready nor Stalled.`]),
    ...overdue(tenant, view),
  ]
}

/** Provisioned at once, or somebody has accepted. */
function isDue(tenant: Stored, view: View): boolean {
  const uid = tenant.metadata.uid
  const accepted = view.facts.admins.some(
    (admin) => tenantOf(admin) === uid && inviteOf(admin)['status'] === 'Accepted' && isTrue(admin, 'Ready'),
  )
  const parent = parentOf(tenant, view)
  return (tenant.spec?.['provisioning'] === 'Immediate' || accepted) && parent?.metadata.deletionTimestamp === undefined
}

function overdue(tenant: Stored, view: View): readonly string[] {
  const after = tenant.status?.['purgeAfter']
  if (
    isOrphan(tenant, view) ||
    tenant.spec?.['state'] !== 'Archived' ||
    typeof after !== 'string' ||
    Date.parse(after) > view.now
  )
    return []
  const deletion = (tenant.spec['deletion'] ?? {}) as { readonly policy?: string } // of our own schema
  const kept = customersOf(tenant, view).length > 0 || deletion.policy === 'Retain'
  return kept ? [] : [`${titleOf(tenant)} should have been purged.`]
}

/** What keeps a tenant in its bounds, or still. */
function surroundings(tenant: Stored, view: View): readonly string[] {
  const namespace = tenant.status?.['namespace']
  if (!isMade(tenant) || isOrphan(tenant, view)) return []
  const title = titleOf(tenant)
  const inside = (objects: readonly Stored[], name: string) =>
    objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name)
  const still = inside(view.quotas, 'tenantry-suspension') !== undefined
  const off = wantedPhase(tenant, view) !== 'Active'
  const pods = podsOf(inside(view.quotas, 'tenantry-quota')?.spec?.['hard'])
  const planned = podsOf(view.plan.spec?.['quota'])
  return [
    ...(still === off ? [] : [`${title} ${off ? 'is off and its pods may run' : 'is on and its pods may not run'}.`]),
    ...(pods === planned ? [] : [`${title} may have ${pods} pods, and its plan says ${planned}.`]),
    ...(inside(view.policies, 'tenantry-isolation') === undefined ? [`${title} has no NetworkPolicy.`] : []),
  ]
}

function podsOf(quantities: unknown): string {
  return String((quantities as Readonly<Record<string, unknown>> | undefined)?.['pods']) // a map of quantities
}

function rotation(tenant: Stored): readonly string[] {
  const asked = tenant.metadata.annotations?.['tenantry.dev/rotate-requested-at']
  const database = (tenant.status?.['database'] ?? {}) as Readonly<Record<string, unknown>> // of our own schema
  const due = asked !== undefined && isMade(tenant) && conditionOf(tenant, 'Stalled') === undefined
  return due && database['lastHandledRotation'] !== asked ? [`${titleOf(tenant)} has not rotated its password.`] : []
}

/** Only what people did here can stall a tenant. */
function stalled(tenant: Stored, view: View): readonly string[] {
  const condition = conditionOf(tenant, 'Stalled')
  if (condition === undefined) return []
  const because: Readonly<Record<string, boolean>> = {
    CloudIdConflict: true, // names.ts looks closer
    HostConflict: true,
    Misplaced: isOrphan(tenant, view),
    IsolationFixed: adoptedBy(tenant).length > 0,
    HasCustomers: customersOf(tenant, view).length > 0,
  }
  return because[condition.reason] === true
    ? []
    : [`${titleOf(tenant)} is stalled: ${condition.reason}: ${condition.message}`]
}

/** An invite is out where its tenant is in order; who accepted has accepted, and nobody else. */
function invite(admin: Stored, view: View): readonly string[] {
  const { memory } = view
  const { uid } = admin.metadata
  const uids = view.facts.tenants
    .filter(({ metadata }) => metadata.uid === tenantOf(admin))
    .flatMap((tenant) => [tenant.metadata.uid, ...adoptedBy(tenant)])
  const theirs = [...memory.accepted].filter(([id]) => memory.messages.get(id) === uid)
  const must = theirs.some(([, { tenant, certain }]) => certain && tenant !== undefined && uids.includes(tenant))
  // For this tenant, and for no other of its name. Where it is gone, the record stays as it was.
  const mine = [tenantOf(admin), ...uids]
  const may = uids.length > 1 || theirs.some(([, { tenant }]) => tenant === undefined || mine.includes(tenant))
  const { status, sentAt } = inviteOf(admin)
  const accepted = status === 'Accepted'
  const there = tenantNamedBy(admin, view)
  const open = there !== undefined && isOpen(there, view) && admin.spec?.['state'] === 'Active'
  return [
    ...(must && !accepted ? [`${titleOf(admin)} accepted, and is ${String(status)}.`] : []),
    ...(accepted && !may ? [`${titleOf(admin)} is Accepted, and never accepted.`] : []),
    ...(open && tenantOf(admin) !== there.metadata.uid
      ? [`${titleOf(admin)} is still invited to another tenant than the one that is there.`]
      : []),
    ...(open && !accepted && sentAt === undefined ? [`${titleOf(admin)} has no invite: it is ${String(status)}.`] : []),
  ]
}

/** Who lives in slots names the tenant beside. */
function tenantNamedBy({ metadata, spec }: Stored, view: View): Stored | undefined {
  const { name } = (spec?.['tenantRef'] ?? {}) as { readonly name?: string } // of our own schema
  return living(view).find(
    (tenant) => tenant.metadata.namespace === metadata.namespace && tenant.metadata.name === name,
  )
}

function isOpen(tenant: Stored, view: View): boolean {
  if (conditionOf(tenant, 'Stalled') !== undefined) return false
  const parent = parentOf(tenant, view)
  return parent?.metadata.deletionTimestamp === undefined && wantedPhase(tenant, view) === 'Active' && !isPurged(tenant)
}
