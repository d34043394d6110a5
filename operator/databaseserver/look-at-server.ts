/**
 * Looks at one server: its identity, its health, and the data of all tenants. A server that does not answer is a result
 * too.
 */
import type { DatabaseServer, DatabaseServerStatus } from '../api/databaseserver.ts'
import { AnotherServer, PostgresError } from '../postgres/model/port.ts'
import type { ServerHealth, ServerIdentity } from '../postgres/model/server-facts.ts'
import { timestamp } from '../runtime/base/clock.ts'
import type { ApplicationLogin, ApplicationLogins } from './application-login.ts'
import { committedOf } from './connection-limits.ts'
import { oldestVersion, troubleAs, troubleFrom, troubleOf } from './server-health.ts'
import type { Trouble } from './server-health.ts'
import { anotherServer, duplicateServer, olderDuplicateOf, recordedIdentifiers } from './server-identity.ts'
import type { Leftover, LeftoverWatch } from './leftovers.ts'
import { missingOn } from './placed.ts'
import { isSetBack, progressOf } from './progress.ts'
import type { Progress } from './progress.ts'
import { CredentialUnfit, ReferenceMissing } from '../postgres/model/address.ts'
import type { DatabaseServerPorts } from './ports.ts'

export interface Look {
  /** Undefined when the server could not be asked: then the last knowledge stays. */
  readonly health: ServerHealth | undefined
  /** As `health`. */
  readonly identity: ServerIdentity | undefined
  /** The size of all tenants' data there, where it was measured. */
  readonly sizeBytes: number | undefined
  readonly trouble: Trouble | undefined
  /** The WAL position; undefined on a read-only server. */
  readonly progress: Progress | undefined
  /** Whether some tenant's database differs from what this leadership saw before. */
  readonly changed: boolean
  /** The former server, where an administrator has accepted that this is another one. */
  readonly accepted: string | undefined
  readonly setBack: DatabaseServerStatus['setBack']
  /** Undefined where it is unknown: then the last knowledge stays. */
  readonly application: ApplicationLogin | undefined
  /** The sum of all tenants' connection limits there; undefined where it could not be read. */
  readonly committedConnections: number | undefined
  /** Undefined where it is unknown: then the last knowledge stays. */
  readonly leftovers: readonly Leftover[] | undefined
}

/** What each look needs of the ones before. */
export interface Watches {
  readonly leftovers: LeftoverWatch
  readonly applications: Pick<ApplicationLogins, 'look'>
}

const nothing = {
  health: undefined,
  identity: undefined,
  sizeBytes: undefined,
  progress: undefined,
  changed: false,
  accepted: undefined,
  setBack: undefined,
  committedConnections: undefined,
  leftovers: undefined,
  application: undefined,
}

/**
 * Wakes the tenants whose database changed at once: the comparison is made only once, also where the rest of the look
 * fails.
 */
export async function look(
  server: DatabaseServer,
  ports: DatabaseServerPorts,
  watches: Watches,
  signal: AbortSignal,
): Promise<Look> {
  try {
    return await ask(server, ports, watches, signal)
  } catch (error) {
    return { ...nothing, trouble: troubleBy(error, server, ports) }
  }
}

async function ask(
  server: DatabaseServer,
  ports: DatabaseServerPorts,
  watches: Watches,
  signal: AbortSignal,
): Promise<Look> {
  const { name } = server.metadata
  const connection = await ports.pool.refresh(name, signal)
  const health = await connection.health(signal, server.spec.publicDatabases)
  // The catalogue query uses functions that older servers lack.
  if (health.version < oldestVersion) return { ...nothing, health, trouble: troubleOf(health) }
  const identity = await connection.identity(signal)
  const accepted = acceptedInstead(server, identity, ports)
  // Knowledge of the tenants on another server says nothing about this one.
  if (accepted !== undefined) ports.catalogues.forget(name)
  const isFirst = !ports.catalogues.wasPolled(name)
  const changed = await ports.catalogues.poll(name, signal, identity.systemIdentifier === undefined)
  for (const uid of changed) ports.wakeTenant(uid)
  const progress = progressOf(identity, ports.clock.now())
  return {
    health,
    identity,
    sizeBytes: ports.catalogues.sizeOf(name),
    trouble: troubleOf(health) ?? duplicate(server, identity, ports),
    progress,
    changed: !isFirst && changed.length > 0,
    accepted,
    committedConnections: committedOf(ports.catalogues.lastSeen(name).values()),
    leftovers: watches.leftovers.look(name, ports.catalogues.lastSeen(name)),
    application: await watches.applications.look(server, connection, identity.systemIdentifier, signal),
    setBack: accepted === undefined ? setBackOf(server, identity, progress, ports) : undefined,
  }
}

/**
 * The pool gave out the session, so a server that is none of the recorded ones is the one that an administrator has
 * accepted.
 */
function acceptedInstead(
  server: DatabaseServer,
  { systemIdentifier }: ServerIdentity,
  ports: DatabaseServerPorts,
): string | undefined {
  const recorded = recordedOf(server, ports)
  if (systemIdentifier === undefined || recorded.length === 0 || recorded.includes(systemIdentifier)) return undefined
  return recorded.join(' or ')
}

function setBackOf(
  server: DatabaseServer,
  { replayedUntil }: ServerIdentity,
  progress: Progress | undefined,
  { caches, catalogues, lastLooks }: DatabaseServerPorts,
): Look['setBack'] {
  const before = lastLooks.of(server)
  if (before === undefined || progress === undefined || !isSetBack(before, progress)) return undefined
  const missing = missingOn(server.metadata.name, catalogues.lastSeen(server.metadata.name), caches)
  return {
    noticedAt: progress.seenAt,
    seenUntil: before.seenAt,
    ...(replayedUntil === undefined ? {} : { replayedUntil: timestamp(Date.parse(replayedUntil)) }),
    ...(missing.length === 0 ? {} : { tenants: missing.slice(0, mostNamed) }),
  }
}

/** The limit of the field. */
const mostNamed = 20

function duplicate(
  server: DatabaseServer,
  { systemIdentifier }: ServerIdentity,
  { caches }: DatabaseServerPorts,
): Trouble | undefined {
  const elder = olderDuplicateOf(server, systemIdentifier, caches.servers.values())
  return elder === undefined || systemIdentifier === undefined ? undefined : duplicateServer(elder, systemIdentifier)
}

function troubleBy(error: unknown, server: DatabaseServer, ports: DatabaseServerPorts): Trouble {
  if (error instanceof CredentialUnfit) return troubleAs('ServerCredentialUnfit', { words: error.message })
  if (error instanceof ReferenceMissing) return troubleAs('ServerReferenceMissing', { words: error.message })
  if (error instanceof AnotherServer) return anotherServer(server, recordedOf(server, ports), error.systemIdentifier)
  if (error instanceof PostgresError) return troubleFrom(error, server.spec)
  throw error
}

function recordedOf(server: DatabaseServer, { caches }: DatabaseServerPorts): readonly string[] {
  return recordedIdentifiers(server, () => caches.claims.by('server', server.metadata.name))
}
