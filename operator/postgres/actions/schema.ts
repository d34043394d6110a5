/** The actions that differ where a tenant has a schema in a shared database: what is done inside, and how it goes. */
import { z } from 'zod'

import { directorySchema } from '../../api/names.ts'
import { assertSchemaMayBeCreated } from './creation-check.ts'
import { foreignSchema } from '../model/conflict.ts'
import type { Connection } from '../session/connection.ts'
import { markPrefix } from '../model/mark.ts'
import type { TenantDatabase } from '../model/port.ts'
import type { Server } from '../session/server.ts'
import { lockHoldersQuery, schemasQuery } from '../statements/queries-sql.ts'
import { terminateOthers, terminateSessions } from '../statements/removal-sql.ts'
import { directoryQuery, dropSchemas, schemaStatements } from '../statements/schema-sql.ts'
import type { SharedInside } from '../statements/schema-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/** `DirectoryMade`: the database had been complete before, and the admin directory was gone. */
export type Completion = 'Done' | 'DirectoryMade'

/** Looks at the schemas first, then makes what is missing and repairs the rest. */
export async function completeSchemas(
  server: Server,
  target: TenantDatabase,
  seen: ObservedDatabase,
  connection: Connection,
  signal: AbortSignal,
): Promise<Completion> {
  const inside = await lookInside(target, connection, signal)
  const { names } = target
  const directory = directorySchema(names)
  for (const name of [names.schema ?? '', directory]) {
    const owner = inside.schemas[name]?.owner
    if (owner !== undefined && owner !== seen.operator)
      throw foreignSchema(target, { name, owner, operator: seen.operator, isDirectory: name === directory })
  }
  assertSchemaMayBeCreated(target, { ...seen, schemas: inside.schemas })
  await server.write(connection, { text: schemaStatements(target, seen, inside).join(';\n') }, signal)
  const there = inside.schemas[directory] !== undefined && inside.directoryTable
  return seen.complete && !there ? 'DirectoryMade' : 'Done'
}

const schemas = z.array(z.object({ name: z.string(), owner: z.string(), acl: z.array(z.string()) }))
const found = z.tuple([z.object({ found: z.boolean() })])

async function lookInside(target: TenantDatabase, on: Connection, signal: AbortSignal): Promise<SharedInside> {
  const { names } = target
  const wanted = [names.schema ?? '', directorySchema(names), 'public']
  const rows = schemas.parse(await on.run({ text: schemasQuery, values: [wanted, false] }, signal))
  const [table] = found.parse(await on.run({ text: directoryQuery(target) }, signal))
  return {
    schemas: Object.fromEntries(rows.map(({ name, owner, acl }) => [name, { owner, acl }])),
    directoryTable: table.found,
  }
}

/** The shared database itself stays, with all other tenants in it. */
export async function removeSchemas(
  server: Server,
  target: TenantDatabase,
  seen: ObservedDatabase,
  signal: AbortSignal,
): Promise<void> {
  await server.transact(terminateSessions(target, seen), signal)
  await server.inside(target.names.database, signal, (connection) =>
    server.write(connection, { text: dropSchemas(target, seen).join(';\n') }, signal),
  )
}

const logins = z.array(z.object({ name: z.string() }))

/**
 * Every tenant of a shared database can lock its row, by a GRANT in vain, and keep all others' work waiting: the
 * sessions of such a tenant are ended.
 */
export async function endingLockHolders(
  server: Server,
  seen: ObservedDatabase,
  signal: AbortSignal,
): Promise<string[]> {
  const prefix = markPrefix(server.installation)
  const rows = logins.parse(await server.read({ text: lockHoldersQuery, values: [prefix] }, signal))
  return terminateOthers(
    rows.map(({ name }) => name),
    seen,
  )
}
