/** The status of a DatabaseServer. Pure. */
import { isDeepStrictEqual } from 'node:util'

import { findCondition, nextConditions, notReady } from '../api/conditions.ts'
import type { Condition, NewCondition } from '../api/conditions.ts'
import type { DatabaseServer, DatabaseServerStatus } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import { inUse } from '../domain/in-use.ts'
import type { PassFailure } from '../domain/pass-failure.ts'
import { applicationCondition } from './application-condition.ts'
import { coarseSize } from '../api/size.ts'
import { connectionsCondition } from './connection-limits.ts'
import { versionText } from './server-health.ts'
import type { Trouble } from './server-health.ts'
import { leftoversCondition } from './leftovers.ts'
import { isFarFrom, recordedProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import type { ServerSnapshot } from './snapshot.ts'

/** Bytes. */
const leastStep = 64 * 2 ** 20

/** `now`: milliseconds since the epoch. */
export function serverStatus(facts: ServerSnapshot, now: number): DatabaseServerStatus {
  const { server, progress } = facts
  const status = withoutProgress(facts, now)
  if (progress === undefined) return status
  const worthIt = facts.changed || facts.setBack !== undefined || isFarFrom(recordedProgress(status), progress)
  // A write that happens anyway includes it.
  const written = worthIt || !isDeepStrictEqual(status, { ...server.status })
  return written ? { ...status, ...recorded(progress) } : status
}

function recorded({ timeline, lsn, seenAt }: Progress) {
  return { timeline, lsn, seenAt }
}

function withoutProgress(facts: ServerSnapshot, now: number): DatabaseServerStatus {
  const { server, health, identity, sizeBytes, trouble, tenants, users, leftovers, setBack } = facts
  const { leftovers: known, ...before } = server.status ?? {}
  const left = leftovers?.length ?? known ?? 0
  return {
    ...(facts.accepted === undefined ? before : ofAnotherServer(before)),
    ...(left === 0 ? {} : { leftovers: left }),
    observedGeneration: server.metadata.generation ?? 0,
    ...(health === undefined ? {} : { version: versionText(health.version) }),
    ...(sizeBytes === undefined ? {} : { sizeBytes: coarseSize(sizeBytes, server.status?.sizeBytes, leastStep) }),
    ...(identity?.systemIdentifier === undefined ? {} : { systemIdentifier: identity.systemIdentifier }),
    ...(setBack === undefined ? {} : { setBack }),
    tenants,
    conditions: conditionsOf(facts, trouble ?? leaving(server, users), now),
  }
}

/** Held by its users, which keep working as long as it exists. */
function leaving(server: DatabaseServer, users: readonly Tenant[]): Trouble | undefined {
  const verdict = inUse('DatabaseServer', server, users)
  return verdict && { ...verdict, stalled: true }
}

/** What was said of the server before does not apply to the accepted one. */
function ofAnotherServer(status: Partial<DatabaseServerStatus>): Partial<DatabaseServerStatus> {
  const { setBack: _setBack, timeline: _timeline, lsn: _lsn, seenAt: _seenAt, ...kept } = status
  return kept
}

/** The warning about a start role that the server ignores: no failure, as tenants' objects are given to their roles all the same. */
function startRoleIgnored(health: ServerSnapshot['health']): string | undefined {
  if (health?.ignoresStartRole !== true) return undefined
  return 'ALTER ROLE … SET role has no effect on it, a defect of PostgreSQL 15.9, 16.5 and 17.1: use a later minor version. Until then objects that tenants make belong to their logins, and Tenantry gives them to their roles at each look.'
}

function conditionsOf(
  { server, health, committedConnections: committed, leftovers, withheld, unheld, application }: ServerSnapshot,
  trouble: Trouble | undefined,
  now: number,
): readonly Condition[] {
  const observedGeneration = server.metadata.generation ?? 0
  const well = 'The server answers, and tenants can be placed on it.'
  const also = [withheld, startRoleIgnored(health), unheld?.message].filter((each) => each !== undefined)
  const message = [well, ...also].join(' ')
  const next: readonly NewCondition[] =
    trouble === undefined
      ? [
          { type: 'Ready', status: 'True', reason: 'Connected', message, observedGeneration },
          ...told(unheld, observedGeneration),
        ]
      : notReady(trouble.stalled ? 'Stalled' : 'Reconciling', trouble, observedGeneration)
  // Nothing is reported of an address that is no longer declared.
  const before = server.status?.conditions?.filter(
    ({ type }) => type !== 'ApplicationsConnect' || server.spec.applicationEndpoint !== undefined,
  )
  const left = leftoversCondition(leftovers, findCondition(before, 'Leftovers'), observedGeneration)
  const connections =
    health === undefined || committed === undefined
      ? []
      : [connectionsCondition(health.connections, committed, observedGeneration)]
  const applications = applicationCondition(server, application, observedGeneration)
  return nextConditions(before, [...next, ...connections, ...applications, ...left], now)
}

/** Tenants can be placed on the server all the same. */
function told(unheld: PassFailure | undefined, observedGeneration: number): readonly NewCondition[] {
  if (unheld === undefined) return []
  const { reason, message, stalled } = unheld
  return [{ type: stalled ? 'Stalled' : 'Reconciling', status: 'True', reason, message, observedGeneration }]
}
