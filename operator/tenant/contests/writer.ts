/** The last writer of a field of an object, by its metadata.managedFields. Pure. */
import { fieldManager } from '../../api/names.ts'
import type { ManagedFields, ObjectMeta } from '../../kube/port.ts'
import { isRecord } from '../../domain/fingerprint.ts'

/**
 * The newest other writer of the field, as `manager (operation)`; undefined where none is recorded. Changes during the
 * admission of Tenantry's own write are recorded as Tenantry's, and removals as no writer's.
 */
export function writerOf({ managedFields = [] }: Pick<ObjectMeta, 'managedFields'>, path: readonly string[]) {
  const others = managedFields.filter(({ manager, fieldsV1 }) => manager !== fieldManager && holds(fieldsV1, path))
  const [newest] = others.toSorted(({ time: one = '' }, { time: other = '' }) => (one < other ? 1 : -1))
  return newest && named(newest)
}

function named({ manager = 'unknown', operation, subresource }: ManagedFields): string {
  const how = [operation, subresource].filter((part) => part !== undefined && part !== '').join(', ')
  return how === '' ? manager : `${manager} (${how})`
}

/** A list or map that is owned as a whole is a leaf of the tree. */
function holds(tree: unknown, [step, ...rest]: readonly string[]): boolean {
  if (!isRecord(tree)) return false
  if (step === undefined || Object.keys(tree).length === 0) return true
  return holds(tree[`f:${step}`], rest)
}
