/** The act that takes a tenant's data away, whatever the tenant left in its way. */
import { z } from 'zod'

import { removeSchemas } from './acts-schema.ts'
import { look } from './look.ts'
import { PostgresError } from './port.ts'
import type { DatabaseAction, ObservedDatabase, TenantDatabase } from './port.ts'
import type { Server } from './server.ts'
import { shapeOf } from './shape.ts'
import {
  borrowRole,
  closeDatabase,
  dropDatabase,
  giveBackRole,
  openDatabase,
  preparedQuery,
  rollbackPrepared,
  terminateSessions,
} from './statements/removal.ts'

type DropDatabase = Extract<DatabaseAction, { kind: 'DropDatabase' }>

export async function removeDatabase(server: Server, { target }: DropDatabase, signal: AbortSignal): Promise<void> {
  const seen = await look(server, target, signal)
  if (seen.database === undefined) return
  await endPrepared(server, target, seen, signal)
  if (target.isolation === 'Schema') return removeSchemas(server, target, seen, signal)
  // Two transactions: a connection that starts while the first commits is ended by the second.
  if (seen.database.allowConnections) await server.transact([closeDatabase(target)], signal)
  await server.transact(terminateSessions(target, seen), signal)
  try {
    await server.command(dropDatabase(target), signal)
  } catch (error) {
    // FORCE asks for the right to end every session there.
    if (error instanceof PostgresError && error.reason === 'InsufficientPrivilege')
      throw new PostgresError(
        'InUse',
        `The database "${target.names.database}" has sessions that the operator's account may not end. End them, then the deletion goes on by itself.`,
        error.sqlstate,
      )
    throw error
  }
}

const prepared = z.array(z.object({ gid: z.string(), owner: z.string() }))

/** Rolls back what the tenant's roles left prepared; that of others makes the DROP say `InUse`. */
async function endPrepared(
  server: Server,
  target: TenantDatabase,
  seen: ObservedDatabase,
  signal: AbortSignal,
): Promise<void> {
  const { database, owner, logins } = target.names
  const found = prepared.parse(await server.read({ text: preparedQuery, values: [database] }, signal))
  const ours = found.filter((each) => [owner, logins.a, logins.b].includes(each.owner))
  if (ours.length === 0) return
  const roles = [...new Set(ours.map((each) => each.owner))]
  await server.transact(
    roles.map((role) => borrowRole(role, seen.version)),
    signal,
  )
  if (seen.database?.allowConnections === false) await server.transact([openDatabase(target)], signal)
  await server.inside(database, signal, async (connection) => {
    for (const text of ours.flatMap((each) => rollbackPrepared(each.owner, each.gid)))
      await server.write(connection, { text }, signal)
  })
  const close = shapeOf(target).ownsSessions ? [closeDatabase(target)] : []
  await server.transact([...roles.map(giveBackRole), ...close], signal)
}
