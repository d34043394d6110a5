/** The actions inside a tenant's database: its schema, its rights, its admin directory. */
import { z } from 'zod'
import { directorySchema } from '../../api/names.ts'
import { completeSchemas } from './schema.ts'
import type { Completion } from './schema.ts'
import { emptyDatabase, look } from '../reads/look.ts'
import { PostgresError } from '../model/port.ts'
import { foreignSchema } from '../model/conflict.ts'
import type { Connection } from '../session/connection.ts'
import type { DatabaseAction, DirectoryEntry, TenantDatabase } from '../model/port.ts'
import { directoryValues } from '../model/admin-directory.ts'
import { notAsExpected, succeeds } from '../model/refused-statement.ts'
import type { Server } from '../session/server.ts'
import { column } from '../session/server.ts'
import { writeDirectory } from '../statements/directory-sql.ts'
import { freshInside, insideQuery, insideStatements, ownDirectory } from '../statements/inside-sql.ts'
import type { Inside } from '../statements/inside-sql.ts'
import type { Tally } from './written.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

const insideSeen = z.object({
  publicOwner: z.string().nullable(),
  directoryOwner: z.string().nullable(),
  directoryTable: z.boolean(),
})

export async function ensureInside(
  server: Server,
  { target, entries, certainlyAbsent = false }: Extract<DatabaseAction, { kind: 'EnsureInside' }>,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const seen = (certainlyAbsent ? emptyDatabase(server) : undefined) ?? (await look(server, target, signal))
  await server.inside(target.names.database, signal, async (connection) => {
    tally.completed(await completeInside({ server, target, seen, connection }, signal))
    if (entries !== undefined) await writeEntries({ server, target, connection }, entries, signal)
  })
}

interface InsideWork {
  readonly server: Server
  readonly target: TenantDatabase
  readonly seen: ObservedDatabase
  readonly connection: Connection
}

/** Whether the directory of a complete database had to be recreated. */
async function completeInside(
  { server, target, seen, connection }: InsideWork,
  signal: AbortSignal,
): Promise<Completion> {
  if (target.isolation === 'Schema') return completeSchemas(server, target, seen, connection, signal)
  const complete = (inside: Inside) =>
    server.write(connection, { text: insideStatements(target, seen, inside).join(';\n') }, signal)
  // Only one transaction makes anything there: so without the mark the database is most likely as template0 was, and a
  // look with cold caches would cost as much as the work. If it is not, that transaction fails as a whole.
  if (!seen.complete && (await succeeds(complete(freshInside), notAsExpected))) return 'Done'
  const [row] = await connection.run({ text: insideQuery }, signal)
  const inside = insideSeen.parse(column(row, 'inside'))
  if (inside.directoryOwner !== null && inside.directoryOwner !== seen.operator)
    throw foreignSchema(target, {
      name: ownDirectory,
      owner: inside.directoryOwner,
      operator: seen.operator,
      isDirectory: true,
    })
  await complete(inside)
  const there = inside.directoryOwner !== null && inside.directoryTable
  return seen.complete && !there ? 'DirectoryMade' : 'Done'
}

export async function fillDirectory(
  server: Server,
  { target, entries }: Extract<DatabaseAction, { kind: 'WriteDirectory' }>,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const seen = await look(server, target, signal)
  await server.inside(target.names.database, signal, async (connection) => {
    const work = { server, target, seen, connection }
    if (await isThere(writeEntries(work, entries, signal))) return
    tally.completed(await completeInside(work, signal))
    await writeEntries(work, entries, signal)
  })
}

/**
 * False where the table or its schema is gone: the catalogue query does not show it, as no role but the operator owns
 * them.
 */
async function isThere(work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof PostgresError && goneStates.has(error.sqlstate ?? '')) return false
    throw error
  }
}

/** undefined_table, invalid_schema_name */
const goneStates: ReadonlySet<string> = new Set(['42P01', '3F000'])

function writeEntries(
  { server, target, connection }: Omit<InsideWork, 'seen'>,
  entries: readonly DirectoryEntry[],
  signal: AbortSignal,
): Promise<void> {
  const text = writeDirectory(directorySchema(target.names))
  return server.write(connection, { text, values: directoryValues(entries) }, signal)
}
