/** The record of the fields of one object that other writers change. Pure. */
import { mayWrite, toldUntil } from './contest-history.ts'
import type { FieldHistory } from './contest-history.ts'
import type { Thing } from './contested-thing.ts'
import type { Difference } from '../namespace/object-differences.ts'
import { canonicalJson } from '../../domain/fingerprint.ts'
import type { Finding } from '../model/finding.ts'

interface Field {
  readonly history: FieldHistory
  readonly finding: Finding
  /** The value in the answer to the last write, where it differs from the written one. */
  readonly answered?: string | undefined
  /** The log has it already. */
  readonly logged?: boolean
}

export interface Known {
  readonly thing: Thing
  readonly wanted: string
  /** The time of the last look. */
  lookedAt: number
  /** The time of the next look, as the last one was too early. */
  lookDue?: number | undefined
  readonly fields: Map<string, Field>
}

/** A field that became due during a pass is looked at soon after; a field whose write something else blocks, after `long`. */
const overdue = { soon: 500, long: 30_000, since: 5_000 } as const

export function untilNext(time: number, now: number): number {
  if (time > now) return time - now
  return now - time < overdue.since ? overdue.soon : overdue.long
}

export function postpone({ fields }: Known, ids: readonly string[], now: number): void {
  for (const id of ids) {
    const field = fields.get(id)
    if (field === undefined || field.history.postponed || mayWrite(field.history, now)) continue
    fields.set(id, { ...field, history: { ...field.history, postponed: true } })
  }
}

export function fieldOf(
  { fields }: Pick<Known, 'fields'>,
  difference: Difference,
): readonly [string, Field | undefined] {
  const id = idOf(difference)
  return [id, fields.get(id)]
}

/** Surplus keys count together: else each new key would be a field of its own, without a pause. */
export function idOf({ path, wanted }: Difference): string {
  const isSurplus = wanted === undefined && path.length > 0
  return (isSurplus ? [...path.slice(0, -1), '*'] : path).join('\n')
}

/** One difference of all that count together. */
export function distinct<V>(all: readonly V[], of: (each: V) => Difference): readonly V[] {
  return [...new Map(all.toReversed().map((each) => [idOf(of(each)), each])).values()].toReversed()
}

/**
 * Whether the value is neither the written one nor the one in the answer to that write. Fields that guard nothing can
 * wait.
 */
export function isOther({ history, answered }: Field, value: string | undefined): boolean {
  return history.guards && history.refusedWrites > 0 && answered !== value
}

/** The values of all differences that count together, by their id. */
export function valuesOf(differences: readonly Difference[]): ReadonlyMap<string, string> {
  const together = Map.groupBy(differences, idOf)
  return new Map([...together].map(([id, all]) => [id, canonicalJson(all.map(({ path, seen }) => [path, seen]))]))
}

/** Whether an admission plugin is reported there, whatever another writer did since. */
export function isOfPolicy({ history, answered, finding }: Field, now: number): boolean {
  return history.refusedWrites > 0 || (answered !== undefined && isTold({ history, finding }, now))
}

/** A report stays as it is, the same from pass to pass. */
export function isTold({ history }: Field, now: number): boolean {
  return now < (toldUntil(history) ?? 0)
}

export function keyOf({ object, field = '' }: Finding): string {
  return `${object}\n${field}`
}
