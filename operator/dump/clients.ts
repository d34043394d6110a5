/** The installed pg_dump and pg_restore, and which of them fits a server. */
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'

import { run } from './child.ts'
import { DumpError } from './port.ts'

export interface PostgresClient {
  readonly major: number
  /** As the program reports it: `18.4`. */
  readonly version: string
  readonly dump: string
  readonly restore: string
}

/** The clients in these folders; a folder without both programs is skipped. */
export async function findClients(folders: readonly string[], signal: AbortSignal): Promise<readonly PostgresClient[]> {
  const found = await Promise.all(folders.map((folder) => clientIn(folder, signal)))
  return found.filter((client) => client !== undefined)
}

async function clientIn(folder: string, signal: AbortSignal): Promise<PostgresClient | undefined> {
  const [dump, restore] = [join(folder, 'pg_dump'), join(folder, 'pg_restore')]
  const versions = await Promise.all([dump, restore].map((program) => versionOf(program, signal)))
  const [version, other] = versions
  if (version === undefined || version !== other) return undefined
  return { major: Number.parseInt(version, 10), version, dump, restore }
}

async function versionOf(program: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    await access(program, constants.X_OK)
    const { status, stdout } = await run({ program, args: ['--version'], env: { LC_ALL: 'C' } }, signal)
    return status === 0 ? /\(PostgreSQL\) (\d+(?:\.\d+)*)/.exec(stdout)?.[1] : undefined
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** From here on pg_restore sets `transaction_timeout`, which older servers do not know. */
const knowsTransactionTimeout = 17

/**
 * The oldest that can dump the server and restore into it: pg_dump refuses a server that is newer than itself, and
 * pg_restore from 17 on uses statements that a server before 17 does not understand. Throws NoClient.
 */
export function fittingClient(clients: readonly PostgresClient[], serverVersion: number): PostgresClient {
  const server = Math.floor(serverVersion / 10_000)
  const newest = server < knowsTransactionTimeout ? knowsTransactionTimeout - 1 : Number.POSITIVE_INFINITY
  const fitting = clients
    .filter(({ major }) => major >= server && major <= newest)
    .toSorted((a, b) => a.major - b.major)
  if (fitting[0] !== undefined) return fitting[0]
  const there = [...new Set(clients.map(({ version }) => version))].join(', ')
  const wanted = server < knowsTransactionTimeout ? `${server} to ${knowsTransactionTimeout - 1}` : `${server} or later`
  throw new DumpError(
    'NoClient',
    `PostgreSQL ${server} needs pg_dump and pg_restore of version ${wanted}; ${there === '' ? 'there are none' : `there is ${there}`}.`,
  )
}
