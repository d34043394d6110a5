/**
 * The actions in Kubernetes for a tenant: its namespace, and in it the NetworkPolicy, the LimitRange, the ResourceQuotas of
 * the plan and of a suspension, and the RoleBindings. Elsewhere: the binding Secret (tenant/database) and the ConfigMap
 * that lists who has access (access-list.ts). Pure.
 */
import { isOwnCount } from '../../api/names.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { Namespace, ResourceQuota } from '../../kube/resources.ts'
import { accesses } from '../access/admins.ts'
import type { Action, PlannedChild } from '../model/action.ts'
import { childDigest, childKinds } from '../../domain/fingerprint.ts'
import { isolationPolicy } from './network-policy.ts'
import { isOwnChild } from '../../domain/marks.ts'
import { surplusKeys } from '../../domain/plan-keys.ts'
import {
  accessBinding,
  previewBinding,
  suspensionQuota,
  tenantLimits,
  tenantNamespace,
  tenantQuota,
  withoutOwnCounts,
} from './objects.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { isInForce } from '../../domain/admin-state.ts'

/** The actions, and the wanted objects as digests. */
export interface Work {
  readonly actions: readonly Action[]
  readonly wanted: readonly string[]
}

/** The namespace, when it is missing or lost a key of Tenantry's. Foreign labels and annotations stay. */
export function namespaceWork(snapshot: Snapshot, plan: TenantPlan): Work {
  const { identity, names, tenant, namespace } = snapshot
  const object = tenantNamespace({
    identity,
    name: names.namespace,
    cloudId: names.cloudId,
    type: tenant.spec.type,
    hosts: hostsOf(snapshot),
    plan: plan.spec,
  })
  const isRight = namespace !== undefined && hasRightKeys(namespace, object.metadata)
  return {
    actions: isRight ? [] : [{ kind: 'EnsureNamespace', object, certainlyAbsent: isCertainlyAbsent(snapshot) }],
    wanted: [JSON.stringify(object.metadata)],
  }
}

/** The host name, and the former ones while they are kept. */
function hostsOf({ names, renaming: { held } }: Snapshot): readonly string[] {
  const kept = held.filter(
    ({ kind, bound, handovers }) => kind === 'Host' && bound === undefined && handovers.length === 0,
  )
  const others = kept
    .map(({ value }) => value)
    .filter((host) => host !== names.host)
    .toSorted()
  return names.host === undefined ? others : [names.host, ...others]
}

/** Whether the namespace is certainly empty, so that objects are created without a read first. */
export function isCertainlyAbsent({ namespace, tenant }: Snapshot): boolean {
  return namespace === undefined && tenant.status?.namespace === undefined
}

type DeleteChild = Extract<Action, { kind: 'DeleteChild' }>
type Keyed = Partial<Pick<Namespace['metadata'], 'labels' | 'annotations'>>

/** Whether all labels and annotations of `wanted` are on `actual`, and none of an earlier plan. */
export function hasRightKeys(actual: Keyed, wanted: Keyed): boolean {
  const former = surplusKeys(actual, wanted)
  return containsKeys(actual, wanted) && former.labels.length + former.annotations.length === 0
}

function containsKeys(actual: Keyed, wanted: Keyed): boolean {
  const within = (some: Keyed['labels'] = {}, all: Keyed['labels'] = {}) =>
    Object.entries(some).every(([key, value]) => all[key] === value)
  return within(wanted.labels, actual.labels) && within(wanted.annotations, actual.annotations)
}

/**
 * Everything in the namespace that is missing, different, or no longer wanted. The quota is last: objects that are made
 * before it cost no writes of its status. Without a plan, what only a plan tells is left as it is.
 */
export function childWork(snapshot: Snapshot, plan: TenantPlan | undefined, suspended: boolean): Work {
  const wanted = wantedChildren(snapshot, plan, suspended)
  const digests = wanted.map(digestOf)
  const ensured = wanted.filter((child, index) => isDue(snapshot, child, digests[index]))
  const certainlyAbsent = isCertainlyAbsent(snapshot)
  const unwanted = surplus(snapshot, wanted).filter(
    ({ name }) => plan !== undefined || !isPlans(snapshot, name, suspended),
  )
  const actions = [...unwanted, ...ensured.map((child): Action => ({ kind: 'EnsureChild', child, certainlyAbsent }))]
  return { actions, wanted: wanted.map(({ object }, index) => `${object.metadata.name} ${digests[index] ?? ''}`) }
}

/**
 * Whether the plan alone decides about an object of this name. Roles from the plan give no write access while the
 * tenant is suspended.
 */
function isPlans(snapshot: Snapshot, name: string, suspended: boolean): boolean {
  if (name.startsWith('tenantry-role-')) return !suspended && hasSubAdmins(snapshot)
  return /^tenantry-(isolation|limits|quota)$/.test(name)
}

/** Whether an admin has access by a role that the plan offers. */
export function hasSubAdmins({ admins }: Pick<Snapshot, 'admins'>): boolean {
  return admins.some((admin) => admin.spec.role === 'SubAdmin' && isInForce(admin))
}

function wantedChildren(snapshot: Snapshot, plan: TenantPlan | undefined, suspended: boolean): readonly PlannedChild[] {
  const { identity } = snapshot
  const { namespace } = snapshot.names
  const bindings = accesses(snapshot, plan?.spec.roles ?? {}, suspended).map((access) =>
    accessBinding(identity, namespace, access),
  )
  const { isolation = [], amounts = [] } = plan === undefined ? {} : plannedChildren(snapshot, plan)
  return [
    ...isolation,
    ...(snapshot.preview === 'Waiting'
      ? [{ childKind: 'RoleBinding' as const, object: previewBinding(snapshot) }]
      : []),
    ...bindings.map((object) => ({ childKind: 'RoleBinding' as const, object })),
    ...amounts,
    ...(suspended ? [{ childKind: 'ResourceQuota' as const, object: suspensionQuota(identity, namespace) }] : []),
  ]
}

/** The objects that follow the plan alone. */
function plannedChildren(snapshot: Snapshot, plan: TenantPlan) {
  const { identity, names, settings } = snapshot
  const { namespace } = names
  const limits = tenantLimits(identity, namespace, plan)
  const policy = isolationPolicy(identity, namespace, plan.spec.network, settings.dns)
  return {
    isolation: [{ childKind: 'NetworkPolicy' as const, object: policy }],
    amounts: [
      ...(limits === undefined ? [] : [{ childKind: 'LimitRange' as const, object: limits }]),
      { childKind: 'ResourceQuota' as const, object: plannedQuota(snapshot, plan) },
    ],
  }
}

/** A quota keeps its counts: a kind that came with an upgrade is no reason to lower it. */
function plannedQuota(
  { identity, names: { namespace }, ownKindsCounted, children }: Snapshot,
  plan: TenantPlan,
): ResourceQuota {
  const whole = tenantQuota(identity, namespace, plan)
  const there = children[childId('ResourceQuota', whole.metadata.name)]
  return ownKindsCounted || there?.countsOwnKinds === true ? whole : withoutOwnCounts(whole)
}

/**
 * Milliseconds until the quota has all counts of its plan; undefined where it has, or where that makes no difference.
 */
export function ownCountsDueIn(
  { ownKindsCounted, settings }: Snapshot,
  { spec }: TenantPlan,
  now: number,
): number | undefined {
  if (ownKindsCounted || !Object.keys(spec.quota ?? {}).some(isOwnCount)) return undefined
  return settings.ownKindsCountedFrom - now
}

function isDue({ children }: Snapshot, { childKind, object }: PlannedChild, wanted: string | undefined): boolean {
  const there = children[childId(childKind, object.metadata.name)]
  if (there?.deleting === true) return false
  return there?.digest !== wanted
}

/** The digest of the object as planned. */
export function digestOf({ childKind, object }: PlannedChild): string {
  return childDigest(childKind, object)
}

/** Objects with Tenantry's mark that the plan or the admins no longer ask for. Neither the Secret nor the list of who has access is among them. */
function surplus({ children, identity, names }: Snapshot, wanted: readonly PlannedChild[]): readonly DeleteChild[] {
  const kept = new Set(wanted.map(({ childKind, object }) => childId(childKind, object.metadata.name)))
  const kinds = childKinds.filter((kind) => kind !== 'Secret')
  return Object.entries(children).flatMap(([id, child]) => {
    const { name, uid, deleting } = child
    const childKind = kinds.find((kind) => id === childId(kind, name))
    if (childKind === undefined || kept.has(id) || deleting || !isOwnChild(child, identity) || !isPlannedName(name))
      return []
    return [{ kind: 'DeleteChild' as const, childKind, namespace: names.namespace, name, uid }]
  })
}

/** The names that {@link childWork} plans: a label alone, which a tenant's tool may copy, deletes nothing. */
function isPlannedName(name: string): boolean {
  return /^tenantry-(admins|inherited-admins|granted|role-.+|isolation|limits|quota|suspension|preview)$/.test(name)
}
