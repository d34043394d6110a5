/** The rows of a tenant's admin directory, as the parameters of the statement that writes them. */
import type { DirectoryEntry } from './port.ts'

/** One array per column, in the order of the table's columns; absent is NULL. */
export function directoryValues(entries: readonly DirectoryEntry[]): readonly (readonly (string | null)[])[] {
  const of = (value: (entry: DirectoryEntry) => string | undefined) => entries.map((entry) => value(entry) ?? null)
  return [
    of((entry) => entry.origin),
    of((entry) => entry.username),
    of((entry) => entry.email),
    of((entry) => entry.firstName),
    of((entry) => entry.lastName),
    of((entry) => entry.applicationRole),
    of((entry) => entry.status),
    of((entry) => entry.consentAt),
    of((entry) => entry.passwordHash),
  ]
}
