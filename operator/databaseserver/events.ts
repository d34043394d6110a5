/** The Events on a DatabaseServer. Pure. */
import { findCondition } from '../api/conditions.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { OperatorEvent } from '../api/events.ts'
import type { Look } from './look-at-server.ts'

/** Once each: the status records by then what is reported here. */
export function eventsOf(server: DatabaseServer, { accepted, identity, setBack }: Look): readonly OperatorEvent[] {
  return [
    ...(accepted === undefined ? [] : [acceptance(server, accepted, identity?.systemIdentifier ?? '')]),
    ...(setBack === undefined ? [] : [warning(server, setBack)]),
  ]
}

/** What the conditions say and did not say before, each once. */
export function changeEvents(before: DatabaseServer, after: DatabaseServer): readonly OperatorEvent[] {
  const [old, now] = [before, after].map(({ status }) => ({
    leftovers: findCondition(status?.conditions, 'Leftovers'),
    connections: findCondition(status?.conditions, 'ConnectionsSufficient'),
    applications: findCondition(status?.conditions, 'ApplicationsConnect'),
  }))
  const { leftovers, connections, applications } = now ?? {}
  const told = [
    leftovers?.message === old?.leftovers?.message ? undefined : leftovers,
    // Its numbers change with the tenants.
    connections?.status !== 'False' || connections.reason === old?.connections?.reason ? undefined : connections,
    applications?.status !== 'False' || applications.reason === old?.applications?.reason ? undefined : applications,
  ]
  return told
    .filter((each) => each !== undefined)
    .map(({ reason, message }) => ({ regarding: after, type: 'Warning', reason, action: 'Look', note: message }))
}

function acceptance(regarding: DatabaseServer, before: string, now: string): OperatorEvent {
  const note = `The server with the system identifier ${now} was accepted in place of ${before}.`
  return { regarding, type: 'Normal', reason: 'ServerAccepted', action: 'Accept', note }
}

function warning(
  regarding: DatabaseServer,
  { seenUntil, replayedUntil, tenants = [] }: NonNullable<Look['setBack']>,
): OperatorEvent {
  const until = replayedUntil === undefined ? '' : ` Its last transaction is of ${replayedUntil}.`
  const missing =
    tenants.length === 0
      ? ' The database of each tenant exists.'
      : ` The databases of these tenants are missing: ${tenants.join(', ')}.`
  const note = `The server was set back to an earlier time, as by a restore: the operator had seen it until ${seenUntil}.${until}${missing} Data written in between is lost.`
  return { regarding, type: 'Warning', reason: 'ServerSetBack', action: 'Look', note }
}
