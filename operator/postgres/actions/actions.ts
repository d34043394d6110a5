/**
 * The actions on a tenant's data on a server. Each looks first, refuses what is not this tenant's, and then runs only
 * what is missing: it is idempotent, and after a crash it continues from where it was.
 */

import { endDump, openDump, openScratch } from './dump.ts'
import { removeDatabase, removeRoles } from './removal.ts'
import { assertMayCreate } from './creation-check.ts'
import { giveToOwner } from './object-owner.ts'
import { withMissingRights } from './rights.ts'
import { ensureRoles } from './roles.ts'
import { endingLockHolders } from './schema.ts'
import { emptyDatabase, look } from '../reads/look.ts'
import { PostgresError } from '../model/port.ts'
import type { DatabaseAction, DatabaseEffect, TenantDatabase } from '../model/port.ts'
import type { Server } from '../session/server.ts'
import { shapeOf } from '../model/shape.ts'
import { createDatabase, databaseStatements, freshDatabase } from '../statements/database-sql.ts'
import { isLocaleRefusal } from '../statements/locale-sql.ts'
import {
  briefPause,
  disableLogins,
  dropRoles,
  endOtherSessions,
  terminateLogins,
  terminateSessions,
} from '../statements/removal-sql.ts'
import { passwordStatements } from '../statements/roles-sql.ts'
import { Tally } from './written.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'
import { ensureInside, fillDirectory } from './inside.ts'

type Action<K extends DatabaseAction['kind']> = Extract<DatabaseAction, { kind: K }>

export async function apply(server: Server, action: DatabaseAction, signal: AbortSignal): Promise<DatabaseEffect> {
  const isShared = action.target.isolation === 'Schema'
  const tally = new Tally()
  const work = () => insistently(server, action, tally, signal)
  try {
    await (isShared && writesDatabase.has(action.kind) ? server.inTurn(signal, work) : work())
  } catch (error) {
    throw await withMissingRights(error, server, action.target, signal)
  }
  return tally.effectOf(action)
}

/** The actions that write the row of the database. */
const writesDatabase: ReadonlySet<DatabaseAction['kind']> = new Set([
  'EnsureDatabase',
  'EnsureInside',
  'DropDatabase',
  'DropRoles',
])

async function insistently(server: Server, action: DatabaseAction, tally: Tally, signal: AbortSignal): Promise<void> {
  const counting = tally.counting(server)
  try {
    await perform(counting, action, tally, signal)
  } catch (error) {
    if (!(error instanceof PostgresError && error.sqlstate === lockNotAvailable)) throw error
    await insist(server, action.target, () => perform(counting, action, tally, signal), signal)
  }
}

const lockNotAvailable = '55P03'

/**
 * A tenant may change its own password, or grant in vain on its own database, and leave that transaction open: the row
 * of its role, or of its database, is then locked for as long as it likes, and nothing could be repaired, closed or
 * removed. So while Tenantry's statement waits for the row, the tenant's sessions are ended; a new one waits behind
 * that statement.
 */
async function insist(
  server: Server,
  target: TenantDatabase,
  again: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const state = { waiting: true }
  const work = again().finally(() => (state.waiting = false))
  work.catch(() => undefined)
  while (state.waiting) {
    const seen = await look(server, target, signal)
    const ends =
      target.isolation === 'Schema' ? await endingLockHolders(server, seen, signal) : terminateLogins(target, seen)
    await Promise.race([work, server.transact([...ends, briefPause], signal)])
  }
  await work
}

async function perform(server: Server, action: DatabaseAction, tally: Tally, signal: AbortSignal): Promise<void> {
  switch (action.kind) {
    case 'EnsureRoles':
      return ensureRoles(server, action, tally, signal)
    case 'SetPassword':
      return server.transact(passwordStatements(action.target, action.verifiers), signal)
    case 'EnsureDatabase':
      return ensureDatabase(server, action, signal)
    case 'EnsureInside':
      return ensureInside(server, action, tally, signal)
    case 'WriteDirectory':
      return fillDirectory(server, action, tally, signal)
    case 'GiveToOwner':
      return giveToOwner(server, action.target, await look(server, action.target, signal), signal)
    case 'DropDatabase':
      return removeDatabase(server, action, signal)
    case 'OpenDump':
      return openDump(server, action, signal)
    case 'OpenScratch':
      return openScratch(server, action, signal)
    case 'EndDump':
      return void (await endDump(server, action.target, signal))
    case 'EndOtherSessions':
      return endSessions(server, action.target, endOtherSessions, tally, signal)
    case 'DisableLogins':
      return server.transact(disableLogins(action.target, await look(server, action.target, signal)), signal)
    case 'TerminateSessions':
      return endSessions(server, action.target, terminateSessions, tally, signal)
    case 'DropRoles':
      return removeRoles(
        server,
        action.target,
        dropRoles(action.target, await look(server, action.target, signal)),
        signal,
      )
  }
}

/** Also when none were seen, as one may have begun since; but then it is not reported. */
async function endSessions(
  server: Server,
  target: TenantDatabase,
  statements: typeof terminateSessions,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const seen = await look(server, target, signal)
  await server.transact(statements(target, seen), signal)
  tally.sessions(seen.sessions)
}

async function ensureDatabase(
  server: Server,
  { target, certainlyAbsent = false }: Action<'EnsureDatabase'>,
  signal: AbortSignal,
): Promise<void> {
  const assumed = certainlyAbsent && shapeOf(target).ownsSessions ? emptyDatabase(server) : undefined
  const before = assumed ?? (await look(server, target, signal))
  if (before.owner === undefined && assumed === undefined)
    throw new PostgresError(
      'Unknown',
      `The role "${target.names.owner}" is gone; Tenantry makes it before the database.`,
    )
  if (before.database === undefined) await assertMayCreate(server, target, before, signal)
  const seen = before.database === undefined ? await create(server, target, before, signal) : before
  await server.transact(databaseStatements(target, seen), signal)
}

/**
 * "Exists already" is the lost answer to an earlier statement of Tenantry's, or a Conflict: another look tells which.
 */
async function create(
  server: Server,
  target: TenantDatabase,
  before: ObservedDatabase,
  signal: AbortSignal,
): Promise<ObservedDatabase> {
  try {
    await server.command(createDatabase(target), signal)
    return { ...before, database: freshDatabase(target, before.operator) }
  } catch (error) {
    if (error instanceof PostgresError && error.reason === 'Conflict') return look(server, target, signal)
    throw localeRefused(server, target, error) ?? error
  }
}

/** Undefined where another part failed. */
function localeRefused(server: Server, { locale }: TenantDatabase, error: unknown): PostgresError | undefined {
  if (!(error instanceof PostgresError) || !isLocaleRefusal(error.sqlstate ?? '')) return undefined
  const what = locale === undefined ? 'the locale of its template0' : `the locale ${locale.name} of ${locale.provider}`
  return new PostgresError(
    'LocaleRefused',
    `PostgreSQL at ${server.name} cannot create a database with the encoding UTF8 and ${what} (SQLSTATE ${error.sqlstate}).`,
    error.sqlstate,
  )
}
