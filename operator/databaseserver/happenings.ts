/** What people are told in Events of a DatabaseServer. Pure. */
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Happening } from '../runtime/events.ts'
import type { Look } from './look.ts'

/** Once each: what is told here is in the status by then. */
export function happenings(server: DatabaseServer, { accepted, identity, setBack }: Look): readonly Happening[] {
  return [
    ...(accepted === undefined ? [] : [acceptance(server, accepted, identity?.systemIdentifier ?? '')]),
    ...(setBack === undefined ? [] : [warning(server, setBack)]),
  ]
}

function acceptance(regarding: DatabaseServer, before: string, now: string): Happening {
  const note = `The server with the system identifier ${now} was accepted in place of ${before}.`
  return { regarding, type: 'Normal', reason: 'ServerAccepted', action: 'Accept', note }
}

function warning(
  regarding: DatabaseServer,
  { seenUntil, replayedUntil, tenants = [] }: NonNullable<Look['setBack']>,
): Happening {
  const until = replayedUntil === undefined ? '' : ` Its last transaction is of ${replayedUntil}.`
  const missing =
    tenants.length === 0
      ? ' The database of each tenant is there.'
      : ` The databases of these tenants are not there: ${tenants.join(', ')}.`
  const note = `The server was set back to an earlier time, as by a restore: it had been seen until ${seenUntil}.${until}${missing} What was written in between is lost.`
  return { regarding, type: 'Warning', reason: 'ServerSetBack', action: 'Look', note }
}
