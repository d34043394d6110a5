/**
 * Whether a deletion was meant for the object itself. One that came from its CRD's or its namespace's own deletion was most
 * likely not meant for the data that hangs on it; so a finalizer asks before it takes anything away.
 */
import type { KubeObject, KubeReader, Resource } from '../../kube/port.ts'
import { customResourceDefinitions, namespaces } from '../../kube/resources.ts'

/** What the object goes with. */
export type DeletionCause = 'CustomResourceDefinition' | 'Namespace'

/** Read live; what is not there any more counts as going. Throws KubeError: without an answer nothing is known. */
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
