/** Tells a statement that the server refused from any other failure. */
import { PostgresError } from './port.ts'

/** Whether an answer with this SQLSTATE counts as a refusal. */
export type IsStatementRefusal = (sqlstate: string) => boolean

/** False when the server refuses; any other error, such as a lost connection, is thrown. */
export async function succeeds(work: Promise<void>, isStatementRefusal: IsStatementRefusal): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate !== undefined && isStatementRefusal(error.sqlstate))
      return false
    throw error
  }
}

/**
 * Data exceptions, such as an unfit value or the division of {@link assertNoDatabase}; no such schema; no right, not
 * the owner, exists already, unknown.
 */
const unexpected: ReadonlySet<string> = new Set(['22', '3F', '42'])
export const notAsExpected: IsStatementRefusal = (sqlstate) => unexpected.has(sqlstate.slice(0, 2))

/** No connection, a rollback, no resources, an end by an administrator, a system failure. */
const passing: ReadonlySet<string> = new Set(['08', '40', '53', '57', '58'])
/** lock_not_available, read_only_sql_transaction */
const passingCodes: ReadonlySet<string> = new Set(['55P03', '25006'])

/**
 * For a parameter that no tenant depends on: any cause that lies in the statement, as each kind of parameter has its
 * own.
 */
export const notTaken: IsStatementRefusal = (sqlstate) =>
  !passing.has(sqlstate.slice(0, 2)) && !passingCodes.has(sqlstate)
