/** The fields of Tenantry's in which an object differs from the wanted one. Pure. */
import type { Namespace } from '../../kube/resources.ts'
import { canonicalJson, isRecord, projectionOf } from '../../domain/fingerprint.ts'
import type { ChildKind, ChildObjects } from '../../domain/fingerprint.ts'
import { surplusKeys } from '../../domain/plan-keys.ts'

export interface Difference {
  /** The steps from the object down to the field; none: the object itself. */
  readonly path: readonly string[]
  /** Undefined: the field should not exist. */
  readonly wanted: unknown
  /** Undefined: the field does not exist. */
  readonly seen: unknown
}

/** The object is gone. */
export const missing: Difference = { path: [], wanted: 'there', seen: undefined }
/** The object exists, and should not. */
export const surplus: Difference = { path: [], wanted: undefined, seen: 'there' }

/** The fields in which an object differs from `wanted`. A list is one field. */
export function childDifferences<Kind extends ChildKind>(
  kind: Kind,
  wanted: ChildObjects[Kind],
): (seen: ChildObjects[Kind]) => readonly Difference[] {
  const asked = projectionOf(kind, wanted)
  // The fields have the names of the objects, not of their projections.
  return (seen) =>
    compare(asked, projectionOf(kind, seen), []).map(({ path }) => ({
      path,
      wanted: valueAt(wanted, path),
      seen: valueAt(seen, path),
    }))
}

function valueAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value
  return isRecord(value) ? valueAt(value[step], rest) : undefined
}

type Keyed = Pick<Namespace['metadata'], 'labels' | 'annotations'>

/** The labels and annotations of `wanted` that `seen` lacks or has otherwise, and those of an earlier plan. */
export function keyDifferences(wanted: Keyed, seen: Keyed): readonly Difference[] {
  const former = surplusKeys(seen, wanted)
  return (['labels', 'annotations'] as const).flatMap((part) => {
    const [asked = {}, there = {}] = [wanted[part], seen[part]]
    const left = Object.fromEntries(former[part].map((key) => [key, there[key]]))
    const relevant = Object.fromEntries(Object.keys(asked).map((key) => [key, there[key]]))
    return compare(asked, { ...relevant, ...left }, ['metadata', part])
  })
}

function compare(wanted: unknown, seen: unknown, path: readonly string[]): readonly Difference[] {
  if (wanted === seen) return []
  if (!isRecord(wanted) || !isRecord(seen))
    return canonicalJson(wanted) === canonicalJson(seen) ? [] : [{ path, wanted, seen }]
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(seen)])].toSorted()
  return keys.flatMap((key) => compare(wanted[key], seen[key], [...path, key]))
}

/** The name of a field as in JSONPath: `spec.hard.pods`, `metadata.labels["tenantry.dev/tenant-uid"]`. */
export function fieldName(path: readonly string[]): string {
  return path.map((step, at) => (/^\w+$/.test(step) ? `${at === 0 ? '' : '.'}${step}` : `["${step}"]`)).join('')
}

const longestValue = 120
/** Characters that two long values are shown to have in common before they differ. */
const commonBefore = 40

/** A value for people. Of a long one the part that differs from `other` is shown. */
export function differingText(value: unknown, other: unknown): string {
  if (value === undefined) return 'not there'
  const text = canonicalJson(value)
  if (text.length <= longestValue || other === undefined) return shortened(text)
  const start = Math.max(0, commonLength(text, canonicalJson(other)) - commonBefore)
  return `${start === 0 ? '' : '…'}${shortened(text.slice(start))}`
}

function commonLength(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return length
}

export function shortened(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}
