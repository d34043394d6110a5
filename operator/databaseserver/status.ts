/** The status of a DatabaseServer. Pure. */
import { findCondition, nextConditions, notReady } from '../api/conditions.ts'
import type { Condition, NewCondition } from '../api/conditions.ts'
import type { DatabaseServer, DatabaseServerStatus } from '../api/databaseserver.ts'
import type { ServerHealth } from '../postgres/port.ts'
import type { Tenant } from '../api/tenant.ts'
import { inUse } from '../tenant/in-use.ts'
import { coarseSize } from '../api/size.ts'
import { versionText } from './health.ts'
import type { Trouble } from './health.ts'
import { leftoversCondition } from './leftovers.ts'
import type { Leftover } from './leftovers.ts'

export interface ServerFacts {
  readonly server: DatabaseServer
  /** Undefined when it could not be asked: then what was known stays. */
  readonly health: ServerHealth | undefined
  /** Of all that tenants have there, where it was measured. */
  readonly sizeBytes: number | undefined
  readonly trouble: Trouble | undefined
  /** How many tenants are placed here. */
  readonly tenants: number
  /** The Tenants among them that are there. */
  readonly users: readonly Tenant[]
  /** Undefined where it is not known: then what was known stays. */
  readonly leftovers: readonly Leftover[] | undefined
}

/** Bytes. */
const leastStep = 64 * 2 ** 20

/** `now`: milliseconds since the epoch. */
export function serverStatus(
  { server, health, sizeBytes, trouble, tenants, users, leftovers }: ServerFacts,
  now: number,
): DatabaseServerStatus {
  const { leftovers: known, ...before } = server.status ?? {}
  const left = leftovers?.length ?? known ?? 0
  return {
    ...before,
    ...(left === 0 ? {} : { leftovers: left }),
    observedGeneration: server.metadata.generation ?? 0,
    ...(health === undefined ? {} : { version: versionText(health.version) }),
    ...(sizeBytes === undefined ? {} : { sizeBytes: coarseSize(sizeBytes, server.status?.sizeBytes, leastStep) }),
    tenants,
    conditions: conditionsOf(server, trouble ?? leaving(server, users), leftovers, now),
  }
}

/** Held by those who use it; they are served as long as it is there. */
function leaving(server: DatabaseServer, users: readonly Tenant[]): Trouble | undefined {
  const verdict = inUse('DatabaseServer', server, users)
  return verdict && { ...verdict, stalled: true }
}

function conditionsOf(
  server: DatabaseServer,
  trouble: Trouble | undefined,
  leftovers: ServerFacts['leftovers'],
  now: number,
): readonly Condition[] {
  const observedGeneration = server.metadata.generation ?? 0
  const message = 'The server answers, and tenants can be placed on it.'
  const next: readonly NewCondition[] =
    trouble === undefined
      ? [{ type: 'Ready', status: 'True', reason: 'Connected', message, observedGeneration }]
      : notReady(trouble.stalled ? 'Stalled' : 'Reconciling', trouble, observedGeneration)
  const before = server.status?.conditions
  const left = leftoversCondition(leftovers, findCondition(before, 'Leftovers'), observedGeneration)
  return nextConditions(before, [...next, ...left], now)
}
