/**
 * The reconciler of DatabaseServers: checks the health of each server at an interval, compares what it holds of all
 * tenants by one query, and wakes the tenants whose database changed.
 */
import { writeLine } from '../api/log-lines.ts'
import { databaseServers } from '../api/databaseserver.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Reconcile, Result } from '../runtime/queue/reconcile.ts'
import { writeStatus } from '../runtime/objects/status.ts'
import { holdInUse } from '../domain/hold-in-use.ts'
import { serverUsers } from '../domain/in-use.ts'
import type { PassFailure } from '../domain/pass-failure.ts'
import { ApplicationLogins } from './application-login.ts'
import { LeftoverWatch } from './leftovers.ts'
import { eventsOf, changeEvents } from './events.ts'
import { look } from './look-at-server.ts'
import type { Look } from './look-at-server.ts'
import { serverStatus } from './status.ts'
import { withheldParameters } from './withheld.ts'
import type { DatabaseServerPorts } from './ports.ts'

export interface DatabaseServerSettings {
  /** Milliseconds between two looks at a healthy server. */
  readonly catalogueInterval: number
  /**
   * Milliseconds until the first new look at a server that needs a person; for one that does not answer, see
   * ServerWaiting.
   */
  readonly retryInterval: number
}

export function createDatabaseServerReconciler(
  ports: DatabaseServerPorts,
  settings: DatabaseServerSettings,
): Reconcile {
  const leftovers = new LeftoverWatch(ports.caches)
  const applications = new ApplicationLogins(ports)
  return async (name, signal) => {
    const found = ports.caches.servers.get(name)
    const users = serverUsers(name, ports.caches)
    const held = found && (await holdInUse(ports.kube, databaseServers, found, users.length > 0))
    if (held === undefined) {
      ports.catalogues.forget(name)
      ports.waiting.forget(name)
      leftovers.forget(name)
      ports.lastLooks.forget(name)
      applications.forget(name)
      await ports.pool.drop(name)
      return done
    }
    const { object: server, unheld } = held
    const seen = await look(server, ports, { leftovers, applications }, signal)
    const tenants = new Set(ports.caches.claims.by('server', name).map(({ holder }) => holder)).size
    const written = await writeStatus(
      ports.kube,
      databaseServers,
      server,
      serverStatus(
        { server, ...seen, tenants, users, withheld: withheldOn(name, users, ports), unheld },
        ports.clock.now(),
      ),
    )
    for (const event of changeEvents(server, written)) ports.events.record(event)
    tell(server, seen, ports)
    ports.waiting.looked(name, canBeUsed(seen))
    return next(seen, unheld, settings, ports.waiting.pause(name))
  }
}

function withheldOn(name: string, users: readonly Tenant[], { caches, catalogues }: DatabaseServerPorts) {
  return withheldParameters(users, caches.plans, catalogues.lastSeen(name))
}

/** After the status has it, so that it is reported once. */
function tell(server: DatabaseServer, seen: Look, { lastLooks, events, log }: DatabaseServerPorts): void {
  const { name } = server.metadata
  const { accepted, identity, progress, setBack, trouble } = seen
  if (progress !== undefined)
    lastLooks.keep(server, identity?.systemIdentifier ?? server.status?.systemIdentifier, progress)
  for (const event of eventsOf(server, seen)) events.record(event)
  if (accepted !== undefined)
    writeLine(log, 'DatabaseServer', 'OtherServerAccepted', {
      server: name,
      before: accepted,
      now: identity?.systemIdentifier,
    })
  if (setBack !== undefined) {
    const { noticedAt, seenUntil, replayedUntil, tenants } = setBack
    writeLine(log, 'DatabaseServer', 'ServerSetBack', { server: name, noticedAt, seenUntil, replayedUntil, tenants })
  }
  const before = server.status?.conditions?.find(({ type }) => type === 'Ready')?.reason
  if (trouble?.reason === 'AnotherServer' && before !== 'AnotherServer')
    writeLine(log, 'DatabaseServer', 'OtherServerAnswers', { server: name, message: trouble.message })
}

/**
 * Whether existing tenants can use the server. What blocks new placements may be theirs to remove, such as a restored
 * database that is open to all.
 */
function canBeUsed({ health, trouble }: Look): boolean {
  return health !== undefined && trouble?.reason !== 'DatabaseUnavailable'
}

function next(
  { trouble }: Look,
  unheld: PassFailure | undefined,
  { catalogueInterval, retryInterval }: DatabaseServerSettings,
  pause: number,
): Result {
  if (trouble === undefined && unheld === undefined) return { requeueAfter: catalogueInterval }
  if (trouble?.stalled === false) return { requeueAfter: pause }
  // Its tenants are looked at all the same.
  return { stuck: { base: retryInterval, cap: Math.max(retryInterval, catalogueInterval) } }
}
