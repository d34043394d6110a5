/** The actions on objects in a tenant's namespace: made, repaired or removed, and never foreign ones. */
import type { Kube, Resource } from '../../kube/port.ts'
import {
  configMaps,
  limitRanges,
  networkPolicies,
  resourceQuotas,
  roleBindings,
  secrets,
} from '../../kube/resources.ts'
import type { PlannedChild } from '../model/action.ts'
import { childDifferences } from '../namespace/object-differences.ts'
import { ensure } from './live-object.ts'
import type { RepairRules, Tools } from './live-object.ts'
import { digest } from '../../domain/fingerprint.ts'
import type { ChildKind, ChildObjects } from '../../domain/fingerprint.ts'
import type { ApplyContext } from './apply-context.ts'

export const childResources: { readonly [Kind in ChildKind]: Resource<ChildObjects[Kind]> } = {
  Secret: secrets,
  RoleBinding: roleBindings,
  NetworkPolicy: networkPolicies,
  LimitRange: limitRanges,
  ResourceQuota: resourceQuotas,
  ConfigMap: configMaps,
}

/** Throws KubeError, {@link NameTaken} or {@link Postponed}. */
export async function ensureChild(
  { childKind, object }: PlannedChild,
  certainlyAbsent: boolean,
  context: ApplyContext,
  tools: Tools,
): Promise<void> {
  await ensure(object, repairRulesFor(childKind, object), certainlyAbsent, context, tools)
}

export function repairRulesFor<Kind extends ChildKind>(
  kind: Kind,
  wanted: ChildObjects[Kind],
): RepairRules<ChildObjects[Kind]> {
  const isFixed: (live: ChildObjects[Kind], wanted: ChildObjects[Kind]) => boolean = fixed[kind]
  return {
    resource: childResources[kind],
    differ: childDifferences(kind, wanted),
    isFixed: (live) => isFixed(live, wanted),
  }
}

/** Whether the live object cannot become the wanted one, as Kubernetes lets some fields never change. */
const fixed: { readonly [Kind in ChildKind]: (live: ChildObjects[Kind], wanted: ChildObjects[Kind]) => boolean } = {
  Secret: (live, wanted) => live.type !== wanted.type || live.immutable === true,
  RoleBinding: (live, wanted) => digest(live.roleRef) !== digest(wanted.roleRef),
  NetworkPolicy: () => false,
  LimitRange: () => false,
  ResourceQuota: ({ spec }) => (spec?.scopes ?? []).length > 0 || spec?.scopeSelector !== undefined,
  ConfigMap: ({ immutable }) => immutable === true,
}

interface DeletedChild {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export async function deleteChild(kind: ChildKind, { namespace, name, uid }: DeletedChild, kube: Kube): Promise<void> {
  await kube.delete(childResources[kind], { namespace, name }, { uid })
}
