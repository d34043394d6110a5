/** What is read live about a tenant, by the facts from the caches and the cluster. Pure. */
import { isTrue } from '../../api/conditions.ts'
import { openPreviewRequest } from '../removal/preview-request.ts'
import { closedForSize } from '../../domain/usable.ts'
import { bearsMark } from '../../domain/marks.ts'
import { currentLogin } from '../database/current-login.ts'
import { effectiveStateOf } from '../lifecycle/effective-state-rules.ts'
import { purgeBlocker } from '../lifecycle/purge-blockers.ts'
import { isEnding, isPurging } from '../lifecycle/life-fields.ts'
import { childId } from '../model/snapshot.ts'
import { quotaOf } from '../namespace/suspension.ts'
import { isAnotherServer } from '../validation/server-watch.ts'
import { drainFacts } from './drain-watch.ts'
import type { DrainFacts } from './drain-watch.ts'
import type { ReadFacts } from './facts.ts'
import type { LoginFacts } from './ports.ts'
import { longestWait } from './resume-watch.ts'
import type { HowToLook } from './database-facts.ts'
import { deletionBlocker, isBeingDeleted } from '../lifecycle/deletion-rules.ts'

export interface LiveReads {
  /** How the tenant's database is looked at. */
  readonly database: HowToLook
  /** The DatabaseServers whose certificates applications may need. */
  readonly authorities: readonly string[]
  /** Whether the servers are asked for an earlier tenant's data. */
  readonly orphanedData: boolean
  /** The request for a preview of the deletion that has no answer. */
  readonly preview: string | undefined
  /** The login to try, when it is due and the database exists. */
  readonly login: LoginFacts | undefined
  /** Whether to look for pods that still have to end; only for a tenant that is off. */
  readonly drain: DrainFacts | undefined
  /**
   * The workloads of a tenant that has just come back: for how many milliseconds; `Later`: its quota still admits no
   * pods.
   */
  readonly backFor: number | 'Later' | undefined
}

/** `now`: milliseconds since the epoch. */
export function whatToReadLive(facts: ReadFacts, now: number): LiveReads {
  const { tenant } = facts
  const isDeleted = tenant.metadata.deletionTimestamp !== undefined
  const mayEnd = isDeleted || isPurging(facts, now)
  const ends = mayEnd && (deletionBlocker(facts) ?? purgeBlocker(facts, now)) === undefined
  const { phase } = effectiveStateOf(facts, now)
  const stays = !isBeingDeleted(facts)
  return {
    // Only a live answer counts before something is destroyed.
    database: ends || isDeleted ? 'lookLive' : 'look',
    // Nothing of the tenant is made or repaired from then on.
    authorities: ends && isEnding(tenant) ? [] : candidateServers(facts),
    orphanedData: !mayEnd,
    preview: openPreviewRequest(tenant),
    login: ends ? undefined : loginFacts(facts),
    drain: stays && phase !== 'Active' && phase !== 'Purged' ? drainFacts(facts, now) : undefined,
    backFor: stays && phase === 'Active' ? backFor(facts, now) : undefined,
  }
}

/** The servers that the tenant is or can be placed on. */
function candidateServers({ servers, names }: ReadFacts): readonly string[] {
  return servers
    .filter(
      (server) =>
        (server.metadata.name === names.server && !isAnotherServer(server)) ||
        isTrue(server.status?.conditions, 'Ready'),
    )
    .map(({ metadata }) => metadata.name)
}

/**
 * Only once the credentials were complete. No login role may log in while the tenant is off, or its data too large for
 * its plan.
 */
function loginFacts({ tenant, identity, names, children, servers }: ReadFacts): LoginFacts | undefined {
  if (tenant.status?.suspendedAt !== undefined || closedForSize(tenant) !== undefined) return undefined
  const name = tenant.status?.database?.binding?.name
  const secret = name === undefined ? undefined : children[childId('Secret', name)]
  if (name === undefined || secret?.password === undefined || names.server === undefined) return undefined
  const current = currentLogin(tenant, names.database, secret.username).login
  const setBackAt = servers.find(({ metadata }) => metadata.name === names.server)?.status?.setBack?.noticedAt
  return {
    uid: identity.uid,
    server: names.server,
    database: names.database.database,
    username: names.database.logins[current],
    secret: { namespace: names.namespace, name },
    password: secret.password,
    ...(setBackAt === undefined ? {} : { setBackAt }),
  }
}

/**
 * Milliseconds since the tenant came back: 0 before that is recorded; undefined for a tenant that was never off, or has
 * been back for long.
 */
function backFor(facts: ReadFacts, now: number): LiveReads['backFor'] {
  const { tenant, namespace, identity } = facts
  const { suspendedAt, revivedAt } = tenant.status ?? {}
  const since = revivedAt === undefined ? Infinity : now - Date.parse(revivedAt)
  const age = suspendedAt === undefined ? since : 0
  if (age >= longestWait || namespace === undefined || !bearsMark(namespace, identity)) return undefined
  // A controller that is touched earlier would be refused once more, and back off for longer.
  return quotaOf(facts) === undefined ? age : 'Later'
}
