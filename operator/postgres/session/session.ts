/** A session of the operator, handed out only when it is on the intended server. */
import { z } from 'zod'

import { open, serverName } from './connection.ts'
import type { Connection, Login } from './connection.ts'
import { AnotherServer } from '../model/port.ts'
import { systemIdentifierQuery } from '../statements/identity-sql.ts'

const answer = z.tuple([z.object({ identifier: z.string().nullable() })])

/**
 * Checks the identity first, since an address may lead to another server at each connection: a DNS record, a failover.
 * A server whose identity may not be read passes. Rejects with a PostgresError.
 */
export async function openSession(login: Login, signal: AbortSignal): Promise<Connection> {
  const { identifiers = [] } = login.address
  const connection = await open(login, signal)
  if (identifiers.length === 0) return connection
  try {
    const [{ identifier }] = answer.parse(await connection.run({ text: systemIdentifierQuery }, signal))
    if (identifier === null || identifiers.includes(identifier)) return connection
    throw new AnotherServer(`PostgreSQL at ${serverName(login.address)} is another server.`, identifier)
  } catch (error) {
    void connection.close()
    throw error
  }
}
