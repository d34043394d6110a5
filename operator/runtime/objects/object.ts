/** Keys of objects, confirmations by annotation, and objects without their managed fields. */
import type { KubeObject } from '../../kube/port.ts'
import type { Key } from '../queue/reconcile.ts'

/** `namespace/name`, or `name` for an object without a namespace. */
export function keyOf(object: KubeObject): Key {
  const { namespace, name } = object.metadata
  return namespace === undefined ? name : `${namespace}/${name}`
}

/** The parts of a key. */
export function fromKey(key: Key): { readonly namespace?: string; readonly name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/**
 * Whether the annotation has the object's own name as its value: repeating the name confirms an act that cannot be
 * undone.
 */
export function repeatsName({ metadata }: Pick<KubeObject, 'metadata'>, annotation: string): boolean {
  return metadata.annotations?.[annotation] === metadata.name
}

/** kubectl keeps a copy of the whole manifest here. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** `object` without what makes it big and is of no use here: managed fields, and kubectl's copy of the manifest. */
export function withoutNoise<T extends KubeObject>(object: T): T {
  const { managedFields: _fields, ...metadata }: T['metadata'] & { managedFields?: unknown } = object.metadata
  if (metadata.annotations?.[lastApplied] === undefined) return { ...object, metadata }
  const { [lastApplied]: _copy, ...annotations } = metadata.annotations
  return { ...object, metadata: { ...metadata, annotations } }
}
