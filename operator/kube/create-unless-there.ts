/**
 * Creates an object unless its name is taken: by another writer, or by an earlier request of this process whose answer
 * was lost.
 */
import { KubeError } from './port.ts'
import type { Kube, KubeObject, Resource } from './port.ts'

/** The created object; undefined when the name is taken (409 AlreadyExists). @throws KubeError for anything else. */
export async function createUnlessThere<T extends KubeObject>(
  kube: Pick<Kube, 'create'>,
  resource: Resource<T>,
  object: T,
): Promise<T | undefined> {
  try {
    return await kube.create(resource, object)
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'AlreadyExists') return undefined
    throw error
  }
}
