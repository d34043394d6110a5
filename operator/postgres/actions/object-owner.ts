/** The action that gives objects of a tenant's logins to its owner role, so that each of its logins reaches them. */
import { z } from 'zod'

import { PostgresError } from '../model/port.ts'
import type { TenantDatabase } from '../model/port.ts'
import { notAsExpected } from '../model/refused-statement.ts'
import type { Server } from '../session/server.ts'
import { column } from '../session/server.ts'
import { giveByHand, giveStatements, ownedQuery, ownSomething } from '../statements/ownership-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

const owned = z.object({ lasting: z.boolean(), held: z.boolean(), schemas: z.array(z.string()) })

/**
 * Does nothing where a lock is in the way, or where all these objects end with their session: the next look sees what
 * is left. Rejects with `Conflict` for as long as the server refuses.
 */
export async function giveToOwner(
  server: Server,
  target: TenantDatabase,
  seen: ObservedDatabase,
  signal: AbortSignal,
): Promise<void> {
  if (seen.database === undefined || !ownSomething(target, seen)) return
  try {
    await server.inside(target.names.database, signal, async (connection) => {
      const [row] = await connection.run({ text: ownedQuery(target) }, signal)
      const { lasting, held, schemas } = owned.parse(column(row, 'owned'))
      if (!lasting || held) return
      await server.write(connection, { text: giveStatements(target, seen, schemas).join(';\n') }, signal)
    })
  } catch (error) {
    if (isLocked(error)) return
    throw isStatementRefusal(error) ? byHand(target, error) : error
  }
}

/** Runs before another action, which must not be held up by objects of the tenant. */
export async function giveWhatCanBe(
  server: Server,
  target: TenantDatabase,
  seen: ObservedDatabase,
  signal: AbortSignal,
): Promise<void> {
  try {
    await giveToOwner(server, target, seen, signal)
  } catch (error) {
    if (!isStatementRefusal(error)) throw error
  }
}

/** lock_not_available */
function isLocked(error: unknown): boolean {
  return error instanceof PostgresError && error.sqlstate === '55P03'
}

function isStatementRefusal(error: unknown): error is PostgresError {
  return error instanceof PostgresError && error.sqlstate !== undefined && notAsExpected(error.sqlstate)
}

function byHand(target: TenantDatabase, { message, sqlstate }: PostgresError): PostgresError {
  const { database } = target.names
  return new PostgresError(
    'Conflict',
    `Something in the database "${database}" belongs to a login role of the tenant, which alternates with another one, and cannot be given to the tenant's role: ${message} As an administrator of the server, run in that database: ${giveByHand(target)}`,
    sqlstate,
  )
}
