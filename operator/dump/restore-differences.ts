/** Whether the restored data equals the dumped data. Pure. */
import type { Inventory } from '../postgres/reads/inventory.ts'
import type { DumpScope } from './scope.ts'

/** `inventory` without the sequences that moved while `dumped` was read: no snapshot covers them. */
export function withoutMoved(
  inventory: Inventory,
  { sequences: before }: Inventory,
  after: Inventory['sequences'],
): Inventory {
  const sequences = Object.entries(inventory.sequences).filter(([name]) => before[name] === after[name])
  return { ...inventory, sequences: Object.fromEntries(sequences) }
}

/** The differences in words, at most `most` of them; none when both hold the same. */
export function differences(dumped: Inventory, restored: Inventory, most = 5): readonly string[] {
  return compared(dumped, restored)
    .slice(0, most)
    .map(({ what, before, after }) => `${what}: ${before} dumped, ${after} restored`)
}

/**
 * What differs, without the amount, which may vary from attempt to attempt; and who can correct it, where that is
 * known.
 */
export function toldOfDifferences(dumped: Inventory, restored: Inventory, { schema }: DumpScope, most = 5): string {
  const what = compared(dumped, restored).slice(0, most)
  const words = `Not the same: ${what.map((each) => each.what).join(', ')}.`
  const largeObjects = schema !== undefined && dumped.objects['largeObjects'] !== restored.objects['largeObjects']
  return largeObjects ? `${words} ${ofLargeObjects}` : words
}

const ofLargeObjects =
  "Large objects lie in no schema, so the dump of a tenant's schema holds none. With the tenant's credentials, move them into a table (lo_get, lo_unlink)."

interface Difference {
  readonly what: string
  readonly before: string
  readonly after: string
}

function compared(dumped: Inventory, restored: Inventory): readonly Difference[] {
  return [
    ...comparedBy(dumped.rows, restored.rows, 'rows in'),
    ...comparedBy(dumped.sequences, restored.sequences, 'the value of'),
    ...comparedBy(dumped.objects, restored.objects, 'the number of', kindNamed),
  ]
}

type Values = Readonly<Record<string, number | string | null>>

/** The letters of `pg_class.relkind`. */
const relations: Readonly<Record<string, string>> = {
  c: 'composite types',
  f: 'foreign tables',
  I: 'partitioned indexes',
  i: 'indexes',
  m: 'materialized views',
  p: 'partitioned tables',
  r: 'tables',
  S: 'sequences',
  v: 'views',
}

function kindNamed(kind: string): string {
  return relations[kind.replace(/^relations /, '')] ?? kind
}

function comparedBy(
  dumped: Values,
  restored: Values,
  kind: string,
  named = (name: string) => name,
): readonly Difference[] {
  const names = [...new Set([...Object.keys(dumped), ...Object.keys(restored)])].toSorted()
  const told = (value: number | string | null | undefined) => (value === undefined ? 'missing' : String(value))
  return names
    .filter((name) => dumped[name] !== restored[name])
    .map((name) => ({ what: `${kind} ${named(name)}`, before: told(dumped[name]), after: told(restored[name]) }))
}
