/**
 * Finalizers: a merge patch of the whole list, with the resourceVersion of the object that was read as its
 * precondition, so that no finalizer of another controller is lost. Throws KubeError `Conflict` when the object changed
 * meanwhile.
 */
import { KubeError, type KubeObject, type KubeWriter, type Resource } from '../../kube/port.ts'
import { fromKey, keyOf } from './object.ts'

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false
}

/** The object with `finalizer`; not written when it has the finalizer already. */
export async function addFinalizer<T extends KubeObject>(
  kube: Pick<KubeWriter, 'patch'>,
  resource: Resource<T>,
  object: T,
  finalizer: string,
): Promise<T> {
  if (hasFinalizer(object, finalizer)) return object
  return kube.patch(
    resource,
    fromKey(keyOf(object)),
    finalizers(object, [...(object.metadata.finalizers ?? []), finalizer]),
  )
}

/** The object without `finalizer`, which no longer holds it; undefined when it is gone already. */
export async function removeFinalizer<T extends KubeObject>(
  kube: Pick<KubeWriter, 'patch'>,
  resource: Resource<T>,
  object: T,
  finalizer: string,
): Promise<T | undefined> {
  if (!hasFinalizer(object, finalizer)) return object
  const others = object.metadata.finalizers?.filter((other) => other !== finalizer) ?? []
  try {
    return await kube.patch(resource, fromKey(keyOf(object)), finalizers(object, others))
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'NotFound') return undefined
    throw error
  }
}

function finalizers(object: KubeObject, list: readonly string[]): object {
  const { uid, resourceVersion } = object.metadata
  return { metadata: { uid, resourceVersion, finalizers: list } }
}
