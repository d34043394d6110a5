/** Drops a database that admits no new session, and in which the operator has ended those that it may end. */
import { PostgresError } from '../model/port.ts'
import type { Server } from '../session/server.ts'
import { dropDatabase } from '../statements/removal-sql.ts'

/**
 * Without FORCE first: FORCE refuses (42501) while an autovacuum worker is at work there, as that has a superuser's role,
 * and DROP DATABASE alone ends the worker (TerminateOtherDBBackends and CountOtherDBBackends in procarray.c). With it only
 * where a session is left after the five seconds for which DROP DATABASE waits. @throws PostgresError
 */
export async function dropClosedDatabase(server: Server, name: string, signal: AbortSignal): Promise<void> {
  try {
    await server.command(dropDatabase(name), signal)
  } catch (error) {
    if (!(error instanceof PostgresError && error.reason === 'InUse')) throw error
    await server.command(dropDatabase(name, 'FORCE'), signal)
  }
}
