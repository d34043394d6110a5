/**
 * One object that may be there already: created, or read live and put right where it is ours. A stale cache costs a read
 * here, and no write.
 */
import { createUnlessThere } from '../kube/create-unless-there.ts'
import type { Kube, KubeObject, ObjectKey, Resource } from '../kube/port.ts'
import type { Pass } from './apply.ts'
import { bearsMark, wasMarked } from './marks.ts'
import { Occupied, Superseded } from './obstacles.ts'

/**
 * Creates `object`, or gives back what is there under its name. A 409 means that it is there: perhaps made by ourselves,
 * with an answer that was lost.
 */
export async function createOrGet<T extends KubeObject>(
  kube: Kube,
  resource: Resource<T>,
  key: ObjectKey,
  object: T,
  fresh: boolean,
): Promise<T | undefined> {
  const before = fresh ? undefined : await kube.get(resource, key)
  if (before !== undefined) return before
  if ((await createUnlessThere(kube, resource, object)) !== undefined) return undefined
  const found = await kube.get(resource, key)
  if (found === undefined) throw new Superseded(`${key.name} came and went`)
  return found
}

export function preconditionsOf({ metadata }: KubeObject): { readonly uid: string; readonly resourceVersion: string } {
  return { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' }
}

/** A merge patch that holds only for the object as it was read. */
export function withPrecondition(
  read: KubeObject,
  patch: { readonly metadata?: object; readonly [key: string]: unknown },
): object {
  return { ...patch, metadata: { ...patch.metadata, ...preconditionsOf(read) } }
}

/** Creates the object, or replaces what is ours and different. Gives back what is there then. */
export async function ensure<T extends KubeObject>(
  resource: Resource<T>,
  object: T,
  isRight: (live: T) => boolean,
  fresh: boolean,
  pass: Pass,
  kube: Kube,
): Promise<T> {
  const { namespace = '', name } = object.metadata
  const live = await createOrGet(kube, resource, { namespace, name }, object, fresh)
  if (live === undefined) return object
  assertOurs(live, pass)
  if (live.metadata.deletionTimestamp !== undefined || isRight(live)) return live
  return kube.replace(resource, mended(live, object))
}

export function assertOurs(live: KubeObject, pass: Pass): void {
  if (bearsMark(live.metadata, pass.identity) || wasMarked(live.metadata, pass.identity)) return
  const { namespace = '', name } = live.metadata
  throw new Occupied(
    'ObjectConflict',
    `The ${live.kind} ${name} in the namespace ${namespace} was not made by Tenantry. Remove or rename it, so that the tenant's own can be made.`,
  )
}

/** `wanted` in place of `live`, with the labels, annotations and finalizers that others have put there. */
export function mended<T extends KubeObject>(live: T, wanted: T): T {
  return {
    ...wanted,
    metadata: {
      ...wanted.metadata,
      ...preconditionsOf(live),
      labels: { ...live.metadata.labels, ...wanted.metadata.labels },
      annotations: { ...live.metadata.annotations, ...wanted.metadata.annotations },
      ...(live.metadata.finalizers === undefined ? {} : { finalizers: live.metadata.finalizers }),
    },
  }
}
