/** Reports a pass over a DatabaseServer: the status, Events, log lines, the tenants that waited, and the next look. */
import { writeLine } from '../api/log-lines.ts'
import { databaseServers } from '../api/databaseserver.ts'
import type { DatabaseServerStatus } from '../api/databaseserver.ts'
import type { Result } from '../runtime/queue/reconcile.ts'
import { writeStatus } from '../runtime/objects/status.ts'
import { eventsOf, changeEvents } from './events.ts'
import type { ServerSnapshot } from './snapshot.ts'
import type { DatabaseServerPorts, DatabaseServerSettings } from './ports.ts'

export async function report(
  snapshot: ServerSnapshot,
  status: DatabaseServerStatus,
  ports: DatabaseServerPorts,
  settings: DatabaseServerSettings,
): Promise<Result> {
  const { server } = snapshot
  const { name } = server.metadata
  const written = await writeStatus(ports.kube, databaseServers, server, status)
  for (const event of changeEvents(server, written)) ports.events.record(event)
  keepProgress(snapshot, ports)
  reportToPeople(snapshot, ports)
  ports.waiting.looked(name, canBeUsed(snapshot))
  return next(snapshot, settings, ports.waiting.pause(name))
}

function keepProgress({ server, identity, progress }: ServerSnapshot, { lastLooks }: DatabaseServerPorts): void {
  if (progress === undefined) return
  lastLooks.keep(server, identity?.systemIdentifier ?? server.status?.systemIdentifier, progress)
}

/** After the status has it, so that it is reported once. */
function reportToPeople({ server, ...seen }: ServerSnapshot, { events, log }: DatabaseServerPorts): void {
  const { name } = server.metadata
  const { accepted, identity, setBack, trouble } = seen
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
function canBeUsed({ health, trouble }: ServerSnapshot): boolean {
  return health !== undefined && trouble?.reason !== 'DatabaseUnavailable'
}

function next(
  { trouble, unheld }: ServerSnapshot,
  { catalogueInterval, retryInterval }: DatabaseServerSettings,
  pause: number,
): Result {
  if (trouble === undefined && unheld === undefined) return { requeueAfter: catalogueInterval }
  if (trouble?.stalled === false) return { requeueAfter: pause }
  // Its tenants are looked at all the same.
  return { stuck: { base: retryInterval, cap: Math.max(retryInterval, catalogueInterval) } }
}
