/**
 * The reconciler of DatabaseServers: checks the health of each server at an interval, compares what it holds of all
 * tenants by one query, and wakes the tenants whose database changed.
 */
import { databaseServers } from '../api/databaseserver.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Reconcile } from '../runtime/queue/reconcile.ts'
import { protectInUse } from '../runtime/objects/in-use-finalizer.ts'
import { inUseProtection, serverUsers } from '../domain/in-use.ts'
import { observe } from './observe.ts'
import type { DatabaseServerPorts, DatabaseServerSettings } from './ports.ts'
import { createServerMemory } from './server-memory.ts'
import { report } from './server-report.ts'
import { serverStatus } from './status.ts'

export function createDatabaseServerReconciler(
  ports: DatabaseServerPorts,
  settings: DatabaseServerSettings,
): Reconcile {
  const memory = createServerMemory(ports)
  return async (name, signal) => {
    const found = ports.caches.servers.get(name)
    const users = serverUsers(name, ports.caches)
    const held = found && (await protectInUse(ports.kube, databaseServers, found, users.length > 0, inUseProtection))
    if (held === undefined) {
      await memory.forget(name)
      return done
    }
    const snapshot = await observe(held, users, ports, memory, signal)
    const status = serverStatus(snapshot, ports.clock.now())
    return report(snapshot, status, ports, settings)
  }
}
