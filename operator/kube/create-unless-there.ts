/** A creation that somebody else, or a request of our own whose answer was lost, may have been quicker with. */
import { KubeError } from './port.ts'
import type { Kube, KubeObject, Resource } from './port.ts'

/** What was created; undefined when the name is taken (409 AlreadyExists). @throws KubeError for anything else. */
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
