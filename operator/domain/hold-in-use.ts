/**
 * Holds a TenantPlan or a DatabaseServer while Tenants use it. The pass goes on where the Kubernetes API keeps refusing the
 * finalizer, and its status tells that.
 */
import { KubeError } from '../kube/port.ts'
import type { Kube, KubeObject, Resource } from '../kube/port.ts'
import { protectInUse } from '../runtime/objects/in-use-finalizer.ts'
import { inUseProtection } from './in-use.ts'
import { passFailure } from './pass-failure.ts'
import type { PassFailure } from './pass-failure.ts'

export interface Held<T> {
  /** As it is now. */
  readonly object: T
  /** Why the finalizer is not as it should be. */
  readonly unheld: PassFailure | undefined
}

/** Undefined when the object was released. Throws KubeError. */
export async function holdInUse<T extends KubeObject>(
  kube: Pick<Kube, 'get' | 'patch'>,
  resource: Resource<T>,
  object: T,
  used: boolean,
): Promise<Held<T> | undefined> {
  try {
    const held = await protectInUse(kube, resource, object, used, inUseProtection)
    return held && { object: held, unheld: undefined }
  } catch (error) {
    const failure = error instanceof KubeError ? passFailure(error, resource.kind) : undefined
    // A deletion ends with this write, so nothing is left to go on with.
    if (failure === undefined || object.metadata.deletionTimestamp !== undefined) throw error
    return { object, unheld: { ...failure, message: `${failure.message} ${untilThen(resource.kind, used)}` } }
  }
}

function untilThen(kind: string, used: boolean): string {
  return used
    ? `Until then a deletion of the ${kind} does not wait for the Tenants that use it.`
    : `Until then the ${kind} keeps the finalizer ${inUseProtection.finalizer}, although no Tenant uses it.`
}
