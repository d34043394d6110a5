/** Whether what was restored is what was dumped. Pure. */
import type { Inventory } from '../postgres/inventory.ts'

/** In words, at most `most` of them; none when both hold the same. */
export function differences(dumped: Inventory, restored: Inventory, most = 5): readonly string[] {
  const all = [
    ...differing(dumped.rows, restored.rows, 'rows in'),
    ...differing(dumped.sequences, restored.sequences, 'the value of'),
    ...differing(dumped.objects, restored.objects, 'the number of'),
  ]
  return all.slice(0, most)
}

type Values = Readonly<Record<string, number | string | null>>

function differing(dumped: Values, restored: Values, what: string): string[] {
  const names = [...new Set([...Object.keys(dumped), ...Object.keys(restored)])].toSorted()
  const told = (value: number | string | null | undefined) => (value === undefined ? 'missing' : String(value))
  return names
    .filter((name) => dumped[name] !== restored[name])
    .map((name) => `${what} ${name}: ${told(dumped[name])} dumped, ${told(restored[name])} restored`)
}
