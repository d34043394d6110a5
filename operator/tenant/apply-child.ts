/** Objects in a tenant's namespace: made, mended or taken away, and never somebody else's. */
import type { Kube, KubeObject, Resource } from '../kube/port.ts'
import { configMaps, limitRanges, networkPolicies, resourceQuotas, roleBindings, secrets } from '../kube/resources.ts'
import type { RoleBinding } from '../kube/resources.ts'
import type { PlannedChild } from './action.ts'
import type { Pass } from './apply.ts'
import { assertOurs, ensure, preconditionsOf } from './live-object.ts'
import { childDigest, digest } from './fingerprint.ts'
import type { ChildKind, ChildObjects } from './fingerprint.ts'
import { digestOf } from './namespace.ts'

export const childResources: { readonly [Kind in ChildKind]: Resource<ChildObjects[Kind]> } = {
  Secret: secrets,
  RoleBinding: roleBindings,
  NetworkPolicy: networkPolicies,
  LimitRange: limitRanges,
  ResourceQuota: resourceQuotas,
  ConfigMap: configMaps,
}

/** Throws KubeError or {@link Occupied}. */
export async function ensureChild(child: PlannedChild, fresh: boolean, pass: Pass, kube: Kube): Promise<void> {
  await ensureKind(child, fresh, pass, kube)
}

function ensureKind(child: PlannedChild, fresh: boolean, pass: Pass, kube: Kube): Promise<KubeObject> {
  const wanted = digestOf(child)
  switch (child.childKind) {
    case 'RoleBinding':
      return ensureBindingOfRole(child.object, fresh, pass, kube)
    case 'NetworkPolicy':
      return ensure(
        networkPolicies,
        child.object,
        (live) => childDigest('NetworkPolicy', live) === wanted,
        fresh,
        pass,
        kube,
      )
    case 'LimitRange':
      return ensure(limitRanges, child.object, (live) => childDigest('LimitRange', live) === wanted, fresh, pass, kube)
    case 'ResourceQuota':
      return ensure(
        resourceQuotas,
        child.object,
        (live) => childDigest('ResourceQuota', live) === wanted,
        fresh,
        pass,
        kube,
      )
    case 'ConfigMap':
      return ensure(configMaps, child.object, (live) => childDigest('ConfigMap', live) === wanted, fresh, pass, kube)
  }
}

/** The role of a RoleBinding cannot be changed: one with another role is deleted and made anew. */
async function ensureBindingOfRole(object: RoleBinding, fresh: boolean, pass: Pass, kube: Kube): Promise<RoleBinding> {
  const wanted = childDigest('RoleBinding', object)
  const { namespace = '', name } = object.metadata
  const live = fresh ? undefined : await kube.get(roleBindings, { namespace, name })
  if (live !== undefined && digest(live.roleRef) !== digest(object.roleRef)) {
    assertOurs(live, pass)
    await kube.delete(roleBindings, { namespace, name }, preconditionsOf(live))
  }
  return ensure(roleBindings, object, (each) => childDigest('RoleBinding', each) === wanted, fresh, pass, kube)
}

interface DeletedChild {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export async function deleteChild(kind: ChildKind, { namespace, name, uid }: DeletedChild, kube: Kube): Promise<void> {
  await kube.delete(childResources[kind], { namespace, name }, { uid })
}
