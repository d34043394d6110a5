/**
 * The finalizer of objects that others use: an object has it exactly while it is in use, as Kubernetes does for
 * volumes, so that it does not disappear under its users and an unused one can be deleted at once.
 */
import type { Kube, KubeObject, Resource } from '../../kube/port.ts'
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizer.ts'
import { deletionCauseOf } from './deletion-cause.ts'
import { repeatsName } from './object.ts'

export interface Protection {
  readonly finalizer: string
  /** The annotation that confirms a deletion although the object is in use. Value: the object's name. */
  readonly allowDeletion: string
}

/** The object as it is now; undefined when it was released. Throws KubeError. */
export async function protectInUse<T extends KubeObject>(
  kube: Pick<Kube, 'get' | 'patch'>,
  resource: Resource<T>,
  object: T,
  used: boolean,
  protection: Protection,
): Promise<T | undefined> {
  const { finalizer } = protection
  if (object.metadata.deletionTimestamp === undefined) {
    if (used) return addFinalizer(kube, resource, object, finalizer)
    return removeFinalizer(kube, resource, object, finalizer)
  }
  if (!hasFinalizer(object, finalizer)) return object
  if (
    used &&
    !repeatsName(object, protection.allowDeletion) &&
    (await deletionCauseOf(object, resource, kube)) === undefined
  )
    return object
  await removeFinalizer(kube, resource, object, finalizer)
  return undefined
}
