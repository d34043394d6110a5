/** Reads the admin directory as it was last written, for a cluster that was lost. */
import { z } from 'zod'

import { directorySchema } from '../../api/names.ts'
import { look } from './look.ts'
import type { DirectoryEntry, TenantDatabase } from '../model/port.ts'
import type { Server } from '../session/server.ts'
import { ownDirectoryQuery, readDirectory as readRows } from '../statements/directory-sql.ts'

const ours = z.tuple([z.object({ ours: z.boolean() })])
const rows = z.array(
  z.object({
    origin: z.string(),
    username: z.string(),
    email: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    application_role: z.string(),
    status: z.string(),
    consent_at: z.string().nullable(),
    password_hash: z.string().nullable(),
  }),
)

/**
 * Empty where there is none, or none that only this account can have written. Rejects with `Conflict` as all actions
 * do.
 */
export async function readDirectory(
  server: Server,
  target: TenantDatabase,
  signal: AbortSignal,
): Promise<readonly DirectoryEntry[]> {
  const { database } = await look(server, target, signal)
  if (database?.allowConnections !== true) return []
  const schema = directorySchema(target.names)
  return server.inside(target.names.database, signal, async (connection) => {
    const [found] = ours.parse(await connection.run({ text: ownDirectoryQuery, values: [schema] }, signal))
    if (!found.ours) return []
    return rows.parse(await connection.run({ text: readRows(schema) }, signal)).map(entry)
  })
}

function entry(row: z.infer<typeof rows>[number]): DirectoryEntry {
  const { first_name: firstName, last_name: lastName, application_role: applicationRole, ...rest } = row
  const { consent_at: consentAt, password_hash: passwordHash, ...plain } = rest
  return {
    ...plain,
    firstName,
    lastName,
    applicationRole,
    ...(consentAt === null ? {} : { consentAt }),
    ...(passwordHash === null ? {} : { passwordHash }),
  }
}
