/**
 * The finalizer of objects that others use: an object has it exactly while it is in use, as Kubernetes does for
 * volumes, so that it does not disappear under its users and an unused one can be deleted at once.
 */
import type { Kube, KubeObject, Resource } from '../../kube/port.ts'
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizer.ts'
import { deletionCauseOf } from './deletion-cause.ts'
import { repeatsName } from './object.ts'

export interface Protection<Refused> {
  readonly finalizer: string
  /** The annotation that confirms a deletion although the object is in use. Value: the object's name. */
  readonly allowDeletion: string
  /** What the status tells of a refused write of the finalizer, in spite of which the pass goes on; undefined: it ends. */
  readonly unheld: (error: unknown, kind: string, used: boolean) => Refused | undefined
}

export interface Protected<T, Refused> {
  /** The object as it is now. */
  readonly object: T
  /** Why the finalizer is not as it should be. */
  readonly unheld: Refused | undefined
}

/** Undefined when the object was released. Throws KubeError. */
export async function protectInUse<T extends KubeObject, Refused>(
  kube: Pick<Kube, 'get' | 'patch'>,
  resource: Resource<T>,
  object: T,
  used: boolean,
  protection: Protection<Refused>,
): Promise<Protected<T, Refused> | undefined> {
  if (object.metadata.deletionTimestamp !== undefined)
    return (await isReleased(kube, resource, object, used, protection)) ? undefined : { object, unheld: undefined }
  const write = used ? addFinalizer : removeFinalizer
  try {
    const written = await write(kube, resource, object, protection.finalizer)
    return written && { object: written, unheld: undefined }
  } catch (error) {
    const unheld = protection.unheld(error, resource.kind, used)
    if (unheld === undefined) throw error
    return { object, unheld }
  }
}

/** Of an object that is being deleted: its deletion ends with this write, so a refused one ends the pass. */
async function isReleased<T extends KubeObject>(
  kube: Pick<Kube, 'get' | 'patch'>,
  resource: Resource<T>,
  object: T,
  used: boolean,
  { finalizer, allowDeletion }: Pick<Protection<unknown>, 'finalizer' | 'allowDeletion'>,
): Promise<boolean> {
  if (!hasFinalizer(object, finalizer)) return false
  const mayStay = used && !repeatsName(object, allowDeletion)
  if (mayStay && (await deletionCauseOf(object, resource, kube)) === undefined) return false
  await removeFinalizer(kube, resource, object, finalizer)
  return true
}
