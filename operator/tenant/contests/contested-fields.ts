/** The fields of one object that others do not leave alone, as they are remembered. Pure. */
import { mayWrite, toldUntil } from './contest-history.ts'
import type { FieldHistory } from './contest-history.ts'
import type { Thing } from './contested-thing.ts'
import type { Difference } from '../namespace/differences.ts'
import { canonicalJson } from '../../domain/fingerprint.ts'
import type { Finding } from '../model/finding.ts'

interface Field {
  readonly history: FieldHistory
  readonly finding: Finding
  /** What the last write was answered with, where that was something else than was written. */
  readonly answered?: string | undefined
  /** It was given out for the log. */
  readonly logged?: boolean
}

export interface Known {
  readonly thing: Thing
  readonly wanted: string
  /** When it was last looked at. */
  lookedAt: number
  /** When it is to be looked at again, as that was too early. */
  lookDue?: number | undefined
  readonly fields: Map<string, Field>
}

/** What became due while the pass went on is looked at after the first; what something else keeps from being done, after `long`. */
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

/** What should not be there counts together: else each new key would be a field of its own, without a pause. */
export function idOf({ path, wanted }: Difference): string {
  const isSurplus = wanted === undefined && path.length > 0
  return (isSurplus ? [...path.slice(0, -1), '*'] : path).join('\n')
}

/** One of all that count together. */
export function distinct<V>(all: readonly V[], of: (each: V) => Difference): readonly V[] {
  return [...new Map(all.toReversed().map((each) => [idOf(of(each)), each])).values()].toReversed()
}

/** Whether it is neither as it was written nor as that write was answered. What guards nothing has time. */
export function isOther({ history, answered }: Field, value: string | undefined): boolean {
  return history.guards && history.refused > 0 && answered !== value
}

/** The values of all that counts together, by its id. */
export function valuesOf(differences: readonly Difference[]): ReadonlyMap<string, string> {
  const together = Map.groupBy(differences, idOf)
  return new Map([...together].map(([id, all]) => [id, canonicalJson(all.map(({ path, seen }) => [path, seen]))]))
}

/** Whether people are told of an admission plugin there, whatever another writer did since. */
export function isOfPolicy({ history, answered, finding }: Field, now: number): boolean {
  return history.refused > 0 || (answered !== undefined && isTold({ history, finding }, now))
}

/** What people were told stays as it is, the same from pass to pass. */
export function isTold({ history }: Field, now: number): boolean {
  return now < (toldUntil(history) ?? 0)
}

export function keyOf({ object, field = '' }: Finding): string {
  return `${object}\n${field}`
}
