/**
 * The reconciler of DatabaseServers: asks each server at an interval how it is, compares what it holds of all tenants by one
 * query, and wakes the tenants whose corner changed.
 */
import { findCondition } from '../api/conditions.ts'
import { databaseServers } from '../api/databaseserver.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Kube } from '../kube/port.ts'
import { PostgresError } from '../postgres/port.ts'
import type { ServerHealth } from '../postgres/port.ts'
import type { Cache } from '../runtime/cache.ts'
import type { Clock } from '../runtime/clock.ts'
import type { EventRecorder } from '../runtime/events.ts'
import { protectInUse } from '../runtime/in-use.ts'
import { done } from '../runtime/reconcile.ts'
import type { Reconcile, Result } from '../runtime/reconcile.ts'
import { writeStatus } from '../runtime/status.ts'
import { inUseProtection, serverUsers } from '../tenant/in-use.ts'
import type { Claim } from '../tenant/sources.ts'
import { ReferenceMissing } from './address.ts'
import type { Catalogues } from './catalogue.ts'
import { troubleFrom, troubleOf } from './health.ts'
import type { Trouble } from './health.ts'
import { LeftoverWatch } from './leftovers.ts'
import type { Leftover } from './leftovers.ts'
import type { ServerPool } from './server-pool.ts'
import type { Waiting } from './waiting.ts'
import { serverStatus } from './status.ts'

export interface DatabaseServerPorts {
  readonly caches: {
    readonly servers: Pick<Cache<DatabaseServer>, 'get'>
    readonly claims: Pick<Cache<Claim, 'server' | 'holder'>, 'by'>
    readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
  }
  readonly kube: Kube
  readonly clock: Pick<Clock, 'now'>
  readonly events: Pick<EventRecorder, 'record'>
  readonly pool: ServerPool
  readonly catalogues: Catalogues
  readonly waiting: Pick<Waiting, 'looked' | 'pause' | 'forget'>
  /** Makes the Tenant with this uid ready, if there is one. */
  readonly wakeTenant: (uid: string) => void
}

export interface DatabaseServerSettings {
  /** Milliseconds between two looks at a server that is well. */
  readonly catalogueInterval: number
  /** Milliseconds until one that needs a person is looked at again; one that does not answer, as who waits for it says. */
  readonly retryInterval: number
}

export function createDatabaseServerReconciler(
  ports: DatabaseServerPorts,
  settings: DatabaseServerSettings,
): Reconcile {
  const leftovers = new LeftoverWatch(ports.caches)
  return async (name, signal) => {
    const found = ports.caches.servers.get(name)
    const users = serverUsers(name, ports.caches)
    const server = found && (await protectInUse(ports.kube, databaseServers, found, users.length > 0, inUseProtection))
    if (server === undefined) {
      ports.catalogues.forget(name)
      ports.waiting.forget(name)
      leftovers.forget(name)
      await ports.pool.drop(name)
      return done
    }
    const seen = await look(server, ports, leftovers, signal)
    const tenants = new Set(ports.caches.claims.by('server', name).map(({ holder }) => holder)).size
    const written = await writeStatus(
      ports.kube,
      databaseServers,
      server,
      serverStatus({ server, ...seen, tenants, users }, ports.clock.now()),
    )
    tellOfLeftovers(server, written, ports.events)
    ports.waiting.looked(name, seen.trouble === undefined)
    return next(seen, settings, ports.waiting.pause(name))
  }
}

interface Look {
  readonly health: ServerHealth | undefined
  readonly sizeBytes: number | undefined
  readonly trouble: Trouble | undefined
  readonly leftovers: readonly Leftover[] | undefined
}

/** Once per change. */
function tellOfLeftovers(before: DatabaseServer, after: DatabaseServer, events: Pick<EventRecorder, 'record'>): void {
  const [old, now] = [before, after].map(({ status }) => findCondition(status?.conditions, 'Leftovers'))
  if (now === undefined || now.message === old?.message) return
  events.record({ regarding: after, type: 'Warning', reason: now.reason, action: 'Look', note: now.message })
}

/** Asks the server; that it does not answer is a finding, not a failure. */
async function look(
  server: DatabaseServer,
  ports: DatabaseServerPorts,
  watch: LeftoverWatch,
  signal: AbortSignal,
): Promise<Look> {
  const { name } = server.metadata
  try {
    const connection = await ports.pool.refresh(name, signal)
    const health = await connection.health(signal)
    for (const uid of await ports.catalogues.poll(name, signal)) ports.wakeTenant(uid)
    const leftovers = watch.look(name, await ports.catalogues.surveyOf(name, signal))
    return { health, sizeBytes: ports.catalogues.sizeOf(name), trouble: troubleOf(health), leftovers }
  } catch (error) {
    return { health: undefined, sizeBytes: undefined, trouble: troubleBy(error, server), leftovers: undefined }
  }
}

function troubleBy(error: unknown, { spec }: DatabaseServer): Trouble {
  if (error instanceof ReferenceMissing) return { reason: 'SecretNotFound', message: error.message, stalled: false }
  if (error instanceof PostgresError) return troubleFrom(error.reason, spec)
  throw error
}

function next({ trouble }: Look, { catalogueInterval, retryInterval }: DatabaseServerSettings, pause: number): Result {
  if (trouble === undefined) return { requeueAfter: catalogueInterval }
  return { requeueAfter: trouble.stalled ? retryInterval : pause }
}
