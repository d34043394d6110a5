/**
 * Objects that others need, and that can be deleted all the same: a finalizer is on one exactly while it is used, so that it
 * does not go from under its users, and nothing waits for a finalizer where nobody uses it. The way of Kubernetes for volumes
 * in use.
 */
import type { Kube, KubeObject, Resource } from '../../kube/port.ts'
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizer.ts'
import { deletionCauseOf } from './deletion-cause.ts'
import { repeatsName } from './object.ts'

export interface Protection {
  readonly finalizer: string
  /** The annotation by which a deletion is meant although the object is in use. Value: the object's name. */
  readonly allowDeletion: string
}

/** The object as it is now; undefined when it was let go. Throws KubeError. */
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
