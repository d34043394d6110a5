/** The PostgreSQL port over `pg`. */
import { z } from 'zod'

import { digestName } from '../api/names.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { apply } from './actions/actions.ts'
import type { Login } from './session/connection.ts'
import { identity } from './reads/identity-read.ts'
import { markPrefix } from './model/mark.ts'
import { OpenDatabases } from './reads/open-databases.ts'
import { PostgresError } from './model/port.ts'
import type { ConnectPostgres, PostgresServer } from './model/port.ts'
import { readDirectory } from './reads/read-directory.ts'
import { column, server } from './session/server.ts'
import { StartRoles } from './session/start-role.ts'
import type { Server } from './session/server.ts'
import type { ServerHealth } from './model/server-facts.ts'
import { lookFor, survey } from './reads/survey.ts'
import { accountProblems } from './model/account.ts'
import { reach } from './reads/reach.ts'
import { closeToPublic } from './statements/database-sql.ts'
import { reserveConnections } from './statements/connections-sql.ts'
import { endPredecessorsQuery, healthQuery } from './statements/queries-sql.ts'

export interface PostgresOptions {
  readonly installation: string
  readonly podUid: string
  readonly clock: Pick<Clock, 'after' | 'monotonic'>
  /** Called right before each statement that changes something; throws when this process no longer leads. */
  readonly mayWrite?: () => void
}

/** Each call opens a pool of its own, which the caller closes. A changed password or CA is another address. */
export function connectPostgres({
  installation,
  podUid,
  clock,
  mayWrite = () => undefined,
}: PostgresOptions): ConnectPostgres {
  const applicationName = applicationPrefix(installation) + short(podUid)
  return (address) => {
    const made = server(address, { installation, applicationName, clock, mayWrite })
    return postgresServer(made, applicationName, new OpenDatabases(clock))
  }
}

function postgresServer(on: Server, applicationName: string, openDatabases: OpenDatabases): PostgresServer {
  const startRoles = new StartRoles()
  return {
    health: async (signal, chosen = []) => {
      const seen = await health(on, openDatabases, chosen, signal)
      return startRoles.areIgnored(seen.version) ? { ...seen, ignoresStartRole: true } : seen
    },
    identity: (signal) => identity(on, signal),
    catalogue: (signal, names, sizes = true) =>
      names === undefined ? survey(on, sizes, signal) : lookFor(on, names, signal),
    apply: (action, signal) => apply(on, action, signal),
    directory: (target, signal) => readDirectory(on, target, signal),
    probe: (database, username, password, signal) => probe(on, startRoles, { database, username, password }, signal),
    reach,
    endPredecessors: (signal) => endPredecessors(on, applicationName, signal),
    close: on.close,
  }
}

/**
 * `tenantry/<installation>/` before the pod's uid. PostgreSQL cuts application names at 63 bytes, so long parts (a uuid
 * each) are digests.
 */
export function applicationPrefix(installation: string): string {
  return `tenantry/${short(installation)}/`
}

function short(part: string): string {
  return /^[A-Za-z0-9.-]{1,25}$/.test(part) ? part : digestName(16, part)
}

const healthSeen = z.object({
  version: z.number(),
  operator: z.string(),
  tenants: z.number(),
  open: z.array(z.object({ name: z.string(), template: z.boolean() })),
  attributes: z.array(z.string()),
  readOnly: z.boolean(),
  connections: z.object({
    max: z.number(),
    forSuperusers: z.number(),
    reserved: z.number().nullable(),
    mayUseReserved: z.boolean(),
  }),
})

async function health(
  on: Server,
  openDatabases: OpenDatabases,
  chosen: readonly string[],
  signal: AbortSignal,
): Promise<ServerHealth> {
  const [row] = await on.read({ name: 'health', text: healthQuery, values: [markPrefix(on.installation)] }, signal)
  const { open, operator, attributes, connections, ...seen } = healthSeen.parse(column(row, 'health'))
  const { max, forSuperusers, reserved } = connections
  const unchosen = open.filter(({ name }) => !chosen.includes(name))
  const openToPublic = await openDatabases.enterable(on, unchosen, signal)
  return {
    ...seen,
    openToPublic,
    closingSql: openToPublic.map((database) => closeToPublic(database, operator)),
    accountProblems: accountProblems(operator, attributes),
    connections: { max, forSuperusers, reserved, reserveSql: reserveConnections(operator, connections) },
  }
}

const invalidPassword = '28P01'

async function probe(
  on: Server,
  startRoles: StartRoles,
  { database, username, password }: Pick<Login, 'database' | 'username' | 'password'>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const connection = await on.login(database, username, password, signal)
    try {
      await startRoles.ask(connection, signal)
    } finally {
      await connection.close()
    }
    return true
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate === invalidPassword) return false
    throw error
  }
}

const ended = z.object({ ended: z.number(), gone: z.boolean() })

async function endPredecessors(on: Server, applicationName: string, signal: AbortSignal): Promise<number> {
  const values = [applicationPrefix(on.installation), applicationName]
  let count = 0
  // A session that ended in between counts as not ended; in the second round it is gone.
  for (let round = 0; round < 2; round += 1) {
    const [row] = await on.change({ text: endPredecessorsQuery, values }, signal)
    const answer = ended.parse(row)
    count += answer.ended
    if (answer.gone) return count
  }
  throw new PostgresError('Timeout', `Sessions of a former leader at PostgreSQL ${on.name} do not end.`)
}
