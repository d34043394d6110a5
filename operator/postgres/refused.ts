/** Whether a server refused what it was asked for, or something else went wrong. */
import { PostgresError } from './port.ts'

/** False when the server answers with one of these classes of SQLSTATE; any other error, such as a lost connection, is thrown. */
export async function succeeds(work: Promise<void>, classes: ReadonlySet<string>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof PostgresError && classes.has(error.sqlstate?.slice(0, 2) ?? '')) return false
    throw error
  }
}

/**
 * Data exceptions, such as an unfit value or the division of {@link assertNoDatabase}; no such schema; no right, not the
 * owner, exists already, unknown.
 */
export const notAsExpected: ReadonlySet<string> = new Set(['22', '3F', '42'])
