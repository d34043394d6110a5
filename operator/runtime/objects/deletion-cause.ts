/**
 * The cause of a deletion: the object itself, its CRD or its namespace. A deletion that followed from that of the CRD
 * or namespace was most likely not meant for the data, so a finalizer checks this before it removes anything.
 */
import type { KubeObject, KubeReader, Resource } from '../../kube/port.ts'
import { customResourceDefinitions, namespaces } from '../../kube/resources.ts'

/** The deletion that takes the object along. */
export type DeletionCause = 'CustomResourceDefinition' | 'Namespace'

/**
 * Read live; a missing CRD or namespace counts as being deleted. Throws KubeError: without an answer nothing is known.
 */
export async function deletionCauseOf(
  { metadata }: KubeObject,
  { plural, apiVersion }: Resource,
  kube: Pick<KubeReader, 'get'>,
): Promise<DeletionCause | undefined> {
  const group = apiVersion.split('/')[0] ?? ''
  const [definition, namespace] = await Promise.all([
    kube.get(customResourceDefinitions, { name: `${plural}.${group}` }),
    metadata.namespace === undefined ? undefined : kube.get(namespaces, { name: metadata.namespace }),
  ])
  if (isBeingDeleted(definition)) return 'CustomResourceDefinition'
  return metadata.namespace !== undefined && isBeingDeleted(namespace) ? 'Namespace' : undefined
}

function isBeingDeleted(object: KubeObject | undefined): boolean {
  return object === undefined || object.metadata.deletionTimestamp !== undefined
}
