/** A JSON merge patch (RFC 7386) from one value to another. Pure. */
import { isDeepStrictEqual } from 'node:util'

type Json = Readonly<Record<string, unknown>>

/** The patch that makes `after` of `before`; undefined when they are alike. Lists are replaced as a whole. */
export function mergePatch(before: Json, after: Json): Json | undefined {
  const patch: Record<string, unknown> = {}
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, next] = [before[field], after[field]]
    if (isDeepStrictEqual(old, next)) continue
    if (next === undefined) patch[field] = null
    else patch[field] = isObject(old) && isObject(next) ? mergePatch(old, next) : next
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
