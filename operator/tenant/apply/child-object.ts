/** The actions on objects in a tenant's namespace: made, repaired or removed, and never foreign ones. */
import type { Kube, KubeObject, Resource } from '../../kube/port.ts'
import {
  configMaps,
  limitRanges,
  networkPolicies,
  resourceQuotas,
  roleBindings,
  secrets,
} from '../../kube/resources.ts'
import type { ConfigMap, ResourceQuota, RoleBinding } from '../../kube/resources.ts'
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
  child: PlannedChild,
  certainlyAbsent: boolean,
  context: ApplyContext,
  tools: Tools,
): Promise<void> {
  await ensureKind(child, certainlyAbsent, context, tools)
}

function ensureKind(
  child: PlannedChild,
  certainlyAbsent: boolean,
  context: ApplyContext,
  tools: Tools,
): Promise<KubeObject> {
  switch (child.childKind) {
    case 'RoleBinding':
      return ensure(
        child.object,
        repairRulesFor(child.childKind, child.object, isOtherRole),
        certainlyAbsent,
        context,
        tools,
      )
    case 'NetworkPolicy':
      return ensure(child.object, repairRulesFor(child.childKind, child.object), certainlyAbsent, context, tools)
    case 'LimitRange':
      return ensure(child.object, repairRulesFor(child.childKind, child.object), certainlyAbsent, context, tools)
    case 'ResourceQuota':
      return ensure(
        child.object,
        repairRulesFor(child.childKind, child.object, isScoped),
        certainlyAbsent,
        context,
        tools,
      )
    case 'ConfigMap':
      return ensure(
        child.object,
        repairRulesFor(child.childKind, child.object, isImmutable),
        certainlyAbsent,
        context,
        tools,
      )
  }
}

/** `isFixed`: whether this object cannot become `wanted`. */
export function repairRulesFor<Kind extends ChildKind>(
  kind: Kind,
  wanted: ChildObjects[Kind],
  isFixed: (live: ChildObjects[Kind], wanted: ChildObjects[Kind]) => boolean = () => false,
): RepairRules<ChildObjects[Kind]> {
  return {
    resource: childResources[kind],
    differ: childDifferences(kind, wanted),
    isFixed: (live) => isFixed(live, wanted),
  }
}

function isOtherRole(live: RoleBinding, wanted: RoleBinding): boolean {
  return digest(live.roleRef) !== digest(wanted.roleRef)
}

function isScoped({ spec }: ResourceQuota): boolean {
  return (spec?.scopes ?? []).length > 0 || spec?.scopeSelector !== undefined
}

function isImmutable({ immutable }: ConfigMap): boolean {
  return immutable === true
}

interface DeletedChild {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export async function deleteChild(kind: ChildKind, { namespace, name, uid }: DeletedChild, kube: Kube): Promise<void> {
  await kube.delete(childResources[kind], { namespace, name }, { uid })
}
