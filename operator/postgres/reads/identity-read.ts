/**
 * Reads the server's identity and its position in the write-ahead log, as far as the operator's account may read them.
 */
import { z } from 'zod'

import { PostgresError } from '../model/port.ts'
import type { ServerIdentity } from '../model/server-facts.ts'
import { column } from '../session/server.ts'
import type { Server } from '../session/server.ts'
import { identityQuery } from '../statements/identity-sql.ts'

const identitySeen = z.object({
  systemIdentifier: z.string().nullable(),
  timeline: z.number().nullable(),
  lsn: z.string().nullable(),
  replayedUntil: z.string().nullable(),
})

/** Throws PostgresError, except where the functions for it are revoked. */
export async function identity(on: Server, signal: AbortSignal): Promise<ServerIdentity> {
  try {
    const [row] = await on.read({ name: 'identity', text: identityQuery }, signal)
    const { systemIdentifier, timeline, lsn, replayedUntil } = identitySeen.parse(column(row, 'identity'))
    return {
      ...(systemIdentifier !== null && { systemIdentifier }),
      ...(timeline !== null && { timeline }),
      ...(lsn !== null && { lsn }),
      ...(replayedUntil !== null && { replayedUntil }),
    }
  } catch (error) {
    if (error instanceof PostgresError && error.reason === 'InsufficientPrivilege') return {}
    throw error
  }
}
