/** The temporary logins, database and file of a dump: made before it, and removed after it, also after a crash. */
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PostgresServer } from '../postgres/model/port.ts'
import { deadline } from '../runtime/base/deadline.ts'
import { findClients, fittingClient } from './clients.ts'
import { fileError } from './file.ts'
import { DumpError } from './port.ts'
import type { DumpOrder, DumpServers, DumpTarget } from './port.ts'
import type { ServerAddress } from '../postgres/model/address.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { PostgresClient } from './clients.ts'

/** Milliseconds for removing what a dump needed, whatever its outcome. */
const tidyLimit = 60_000

/** Where the temporary parts of one dump may be. */
export interface Remains extends Pick<DumpOrder, 'target' | 'path'> {
  readonly ports: DumperPorts
  readonly server: PostgresServer
  readonly folder: string
}

export async function prepare(
  order: DumpOrder,
  ports: DumperPorts,
  settings: DumperSettings,
  signal: AbortSignal,
): Promise<Work> {
  const { servers } = ports
  const { names } = order.target
  const [server, address] = await Promise.all([
    servers.connect(order.server, signal),
    servers.address(order.server, signal),
  ])
  const seen = (await server.catalogue(signal, [names])).get(names.owner)
  if (seen?.database === undefined) throw new DumpError('DumpRefused', 'The database of the tenant is not there.')
  const client = fittingClient(await findClients(settings.clientFolders, signal), seen.version)
  const folder = await folderOf(order, ports, settings)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
  } catch (error) {
    throw fileError(error)
  }
  const file = join(folder, 'dump')
  return { ...order, ports, settings, server, address, version: seen.version, client, folder, file, signal }
}

/** The remains of a process that ended between keeping a dump and tidying up. */
export async function remainsOf(
  order: DumpOrder,
  ports: DumperPorts,
  settings: DumperSettings,
  signal: AbortSignal,
): Promise<Remains> {
  const server = await ports.servers.connect(order.server, signal)
  const folder = await folderOf(order, ports, settings)
  return { ...order, ports, server, folder }
}

/**
 * With a time limit of its own, as it is due after an abort too. What cannot be removed now expires and is found later.
 */
export async function tidy({ server, target, folder, ports, path }: Remains): Promise<void> {
  using limit = deadline(ports.clock, tidyLimit)
  const results = await Promise.allSettled([
    server.apply({ kind: 'EndDump', target }, limit.signal),
    rm(folder, { recursive: true, force: true }),
  ])
  for (const result of results) {
    if (result.status === 'rejected')
      ports.log.warn('what a dump needed is not removed yet', { path, error: result.reason })
  }
}

export interface DumperPorts {
  readonly servers: DumpServers
  readonly target: DumpTarget
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes'>
  readonly log: Logger
}

export interface DumperSettings {
  /** The installation that owns the dumps; others may use the same target. */
  readonly installation: string
  /** Folders in which pg_dump and pg_restore are looked for. */
  readonly clientFolders: readonly string[]
  /** Milliseconds that one dump may take, its restoring included. */
  readonly timeout: number
}

export async function workFolder({ target }: DumperPorts, { installation }: DumperSettings): Promise<string> {
  return join(await target.workFolder(), installation)
}

async function folderOf({ target }: DumpOrder, ports: DumperPorts, settings: DumperSettings): Promise<string> {
  return join(await workFolder(ports, settings), target.mark.uid)
}

/** What the steps of one dump share. */
export interface Work extends Remains {
  readonly settings: DumperSettings
  readonly address: ServerAddress
  readonly version: number
  readonly client: PostgresClient
  readonly file: string
  readonly signal: AbortSignal
}
