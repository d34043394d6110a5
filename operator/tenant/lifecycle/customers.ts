/** The customers of an MSP, in words. Pure. */
import type { Snapshot } from '../model/snapshot.ts'

/** The customers that keep an MSP from being removed, sorted, ten at most. */
export function customerNames(customers: Snapshot['customers']): string {
  const names = customers.map(({ metadata }) => metadata.name).toSorted()
  const more = names.length > 10 ? ` and ${names.length - 10} more` : ''
  return `${names.slice(0, 10).join(', ')}${more}`
}
