/** Whether what was restored is what was dumped. Pure. */
import type { Inventory } from '../postgres/inventory.ts'

/** In words, at most `most` of them; none when both hold the same. */
export function differences(dumped: Inventory, restored: Inventory, most = 5): readonly string[] {
  return compared(dumped, restored)
    .slice(0, most)
    .map(({ what, before, after }) => `${what}: ${before} dumped, ${after} restored`)
}

/** What differs, without by how much: that may be another from try to try. */
export function differing(dumped: Inventory, restored: Inventory, most = 5): readonly string[] {
  return compared(dumped, restored)
    .slice(0, most)
    .map(({ what }) => what)
}

interface Difference {
  readonly what: string
  readonly before: string
  readonly after: string
}

function compared(dumped: Inventory, restored: Inventory): readonly Difference[] {
  return [
    ...comparedBy(dumped.rows, restored.rows, 'rows in'),
    ...comparedBy(dumped.sequences, restored.sequences, 'the value of'),
    ...comparedBy(dumped.objects, restored.objects, 'the number of'),
  ]
}

type Values = Readonly<Record<string, number | string | null>>

function comparedBy(dumped: Values, restored: Values, kind: string): readonly Difference[] {
  const names = [...new Set([...Object.keys(dumped), ...Object.keys(restored)])].toSorted()
  const told = (value: number | string | null | undefined) => (value === undefined ? 'missing' : String(value))
  return names
    .filter((name) => dumped[name] !== restored[name])
    .map((name) => ({ what: `${kind} ${name}`, before: told(dumped[name]), after: told(restored[name]) }))
}
