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
 * False when the server refuses a statement that is nobody's need: for any reason that lies in the statement, as each kind of
 * parameter has its own. What passes by itself is thrown: no connection, a rollback, no resources, an end, a lock, read-only.
 */
export async function isTaken(work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    const code = error instanceof PostgresError ? error.sqlstate : undefined
    if (code === undefined || passing.has(code.slice(0, 2)) || passingCodes.has(code)) throw error
    return false
  }
}

const passing: ReadonlySet<string> = new Set(['08', '40', '53', '57', '58'])
/** lock_not_available, read_only_sql_transaction */
const passingCodes: ReadonlySet<string> = new Set(['55P03', '25006'])

/**
 * Data exceptions, such as an unfit value or the division of {@link assertNoDatabase}; no such schema; no right, not the
 * owner, exists already, unknown.
 */
export const notAsExpected: ReadonlySet<string> = new Set(['22', '3F', '42'])
