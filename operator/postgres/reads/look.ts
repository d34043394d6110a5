/** Looks at what a tenant has on its server: the first step of every action. */
import { conflict } from '../model/conflict.ts'
import { PostgresError } from '../model/port.ts'
import type { TenantDatabase } from '../model/port.ts'
import type { Server } from '../session/server.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/** What exists now; rejects with `Conflict` when any of it is not this tenant's. */
export async function look(server: Server, target: TenantDatabase, signal: AbortSignal): Promise<ObservedDatabase> {
  const seen = (await server.observe(signal, [target.names])).get(target.names.owner)
  if (seen === undefined)
    throw new PostgresError('Unknown', `The catalogue of PostgreSQL at ${server.name} did not answer.`)
  const message = conflict(target, seen)
  if (message !== undefined) throw new PostgresError('Conflict', message)
  return seen
}

/** What {@link look} would see of a tenant that has nothing there; undefined when the server was never looked at. */
export function emptyDatabase(server: Server): ObservedDatabase | undefined {
  const account = server.account()
  return account === undefined ? undefined : { ...account, logins: {}, complete: false, sessions: 0 }
}
