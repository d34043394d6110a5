/**
 * Writes a status: a JSON merge patch (RFC 7386) of the differences, with uid and resourceVersion of the object that
 * was read as preconditions, and no write when nothing differs.
 */
import { isDeepStrictEqual } from 'node:util'

import type { KubeObject, KubeWriter, Resource } from '../../kube/port.ts'
import { fromKey, keyOf } from './object.ts'

type Json = Readonly<Record<string, unknown>>

/** Returns the resulting object. Throws KubeError `Conflict` when it changed since it was read. */
export async function writeStatus<T extends KubeObject & { readonly status?: object }>(
  kube: Pick<KubeWriter, 'patch'>,
  resource: Resource<T>,
  object: T,
  status: NonNullable<T['status']>,
): Promise<T> {
  const patch = mergePatch({ ...object.status }, { ...status })
  if (patch === undefined) return object
  const { uid, resourceVersion } = object.metadata
  return kube.patch(resource, fromKey(keyOf(object)), { metadata: { uid, resourceVersion }, status: patch }, 'status')
}

/**
 * The patch from `before` to `after`: what is new or different, null for what is gone. Undefined when nothing changed.
 */
export function mergePatch(before: Json, after: Json): Json | undefined {
  const gone = Object.keys(before).filter((key) => before[key] !== undefined && after[key] === undefined)
  const changed = Object.entries(after).flatMap(([key, value]) => {
    const change = changeOf(before[key], value)
    return change === undefined ? [] : [[key, change] as const]
  })
  if (gone.length + changed.length === 0) return undefined
  return Object.fromEntries([...gone.map((key) => [key, null] as const), ...changed])
}

function changeOf(before: unknown, after: unknown): unknown {
  if (after === undefined) return undefined
  if (isJson(before) && isJson(after)) return mergePatch(before, after)
  return isDeepStrictEqual(before, after) ? undefined : after
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
