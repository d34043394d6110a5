/** The action that removes a tenant's data, with the prepared transactions, sessions and roles that block that. */
import { z } from 'zod'

import { dropClosedDatabase } from './drop-database.ts'
import { removeSchemas } from './schema.ts'
import { look } from '../reads/look.ts'
import { PostgresError } from '../model/port.ts'
import type { DatabaseAction, TenantDatabase } from '../model/port.ts'
import { identifier, literal } from '../model/quote.ts'
import { column } from '../session/server.ts'
import type { Server } from '../session/server.ts'
import { shapeOf } from '../model/shape.ts'
import {
  borrowRole,
  closeDatabase,
  dependentsQuery,
  giveBackRole,
  dropBlockersQuery,
  openDatabase,
  rollbackPrepared,
  sessionRolesQuery,
  terminateSessions,
} from '../statements/removal-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

type DropDatabase = Extract<DatabaseAction, { kind: 'DropDatabase' }>

export async function removeDatabase(server: Server, { target }: DropDatabase, signal: AbortSignal): Promise<void> {
  const seen = await look(server, target, signal)
  if (seen.database === undefined) return
  const blockers = await dropBlockersOn(server, target, signal)
  await endPrepared(server, target, { seen, prepared: blockers.prepared }, signal)
  if (target.isolation === 'Schema') return removeSchemas(server, target, seen, signal)
  // While the database still admits users who can remove the blockers.
  assertDroppable(target, blockers)
  // Two transactions: the second ends a connection that starts while the first commits.
  if (seen.database.allowConnections) await server.transact([closeDatabase(target)], signal)
  await server.transact(terminateSessions(target, seen), signal)
  try {
    await dropClosedDatabase(server, target.names.database, signal)
  } catch (error) {
    if (error instanceof PostgresError && refusedDrops.has(error.reason))
      throw await othersSessions(server, target, error, signal)
    throw error
  }
}

const refusedDrops: ReadonlySet<string> = new Set(['InsufficientPrivilege', 'InUse'])

const sessionRoles = z.array(z.object({ role: z.string() }))

async function othersSessions(
  server: Server,
  { names: { database } }: TenantDatabase,
  { sqlstate }: PostgresError,
  signal: AbortSignal,
): Promise<PostgresError> {
  const found = sessionRoles.parse(await server.read({ text: sessionRolesQuery, values: [database] }, signal))
  const whose = found.length === 0 ? 'others' : found.map(({ role }) => `"${role}"`).join(', ')
  return new PostgresError(
    'InUse',
    `The database "${database}" has sessions of ${whose}, which the operator's account may not end. Close them, or run as a superuser: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${literal(database)}; then the removal continues automatically.`,
    sqlstate,
  )
}

const dropBlockers = z.object({
  prepared: z.array(z.object({ gid: z.string(), owner: z.string() })),
  slots: z.array(z.string()),
  subscriptions: z.array(z.string()),
})
type DropBlockers = z.infer<typeof dropBlockers>

async function dropBlockersOn(server: Server, { names }: TenantDatabase, signal: AbortSignal): Promise<DropBlockers> {
  const [row] = await server.read({ text: dropBlockersQuery, values: [names.database] }, signal)
  return dropBlockers.parse(column(row, 'blockers'))
}

/** @throws PostgresError `InUse`, with the statements that remove the blockers. */
function assertDroppable({ names }: TenantDatabase, { prepared, slots, subscriptions }: DropBlockers): void {
  const { database } = names
  const ways = [
    ...slots.map(
      (slot) =>
        `the logical replication slot ${identifier(slot)} is in use there; end its consumer, then run: SELECT pg_drop_replication_slot(${literal(slot)})`,
    ),
    ...subscriptions.map(
      (name) =>
        `the subscription ${identifier(name)} exists there; run in that database: DROP SUBSCRIPTION ${identifier(name)}`,
    ),
    ...prepared
      .filter(({ owner }) => !rolesOf(names).includes(owner))
      .map(
        ({ gid, owner }) =>
          `the role ${identifier(owner)} left a prepared transaction; run in that database: ROLLBACK PREPARED ${literal(gid)}`,
      ),
  ]
  if (ways.length === 0) return
  throw new PostgresError(
    'InUse',
    `The database "${database}" cannot be dropped: ${ways.join('; ')}. Then the removal continues automatically.`,
    objectInUse,
  )
}

const objectInUse = '55006'

function rolesOf({ owner, logins }: TenantDatabase['names']): readonly string[] {
  return [owner, logins.a, logins.b]
}

const dependents = z.array(z.object({ database: z.string() }))

/**
 * Removes the tenant's roles. @throws PostgresError `InUse`, with the databases in which they are needed and the
 * statement.
 */
export async function removeRoles(
  server: Server,
  { names }: TenantDatabase,
  statements: string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await server.transact(statements, signal)
  } catch (error) {
    if (!(error instanceof PostgresError) || error.reason !== 'InUse') throw error
    const roles = rolesOf(names)
    const found = dependents.parse(await server.read({ text: dependentsQuery, values: [roles] }, signal))
    if (found.length === 0) throw error
    const where = found.map(({ database }) => identifier(database)).join(', ')
    const which = roles.map(identifier).join(', ')
    throw new PostgresError(
      'InUse',
      `The tenant's roles own objects or have rights in databases that are not the tenant's: ${where}. Run in each of them as a superuser: REASSIGN OWNED BY ${which} TO CURRENT_USER; DROP OWNED BY ${which}; then the removal continues automatically.`,
      error.sqlstate,
    )
  }
}

/** Rolls back the transactions that the tenant's roles left prepared. */
async function endPrepared(
  server: Server,
  target: TenantDatabase,
  { seen, prepared }: { readonly seen: ObservedDatabase; readonly prepared: DropBlockers['prepared'] },
  signal: AbortSignal,
): Promise<void> {
  const { database } = target.names
  const ours = prepared.filter((each) => rolesOf(target.names).includes(each.owner))
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
