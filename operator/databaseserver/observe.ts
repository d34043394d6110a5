/** Observes one DatabaseServer into a snapshot: the look at the server, and its tenants as the caches know them. */
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import type { PassFailure } from '../domain/pass-failure.ts'
import type { Protected } from '../runtime/objects/in-use-finalizer.ts'
import { look } from './look-at-server.ts'
import type { Watches } from './look-at-server.ts'
import type { DatabaseServerPorts } from './ports.ts'
import type { ServerSnapshot } from './snapshot.ts'
import { withheldParameters } from './withheld.ts'

/** `users`: the Tenants on the server. */
export async function observe(
  { object: server, unheld }: Protected<DatabaseServer, PassFailure>,
  users: readonly Tenant[],
  ports: DatabaseServerPorts,
  watches: Watches,
  signal: AbortSignal,
): Promise<ServerSnapshot> {
  const { name } = server.metadata
  const { caches, catalogues } = ports
  const seen = await look(server, ports, watches, signal)
  const tenants = new Set(caches.claims.by('server', name).map(({ holder }) => holder)).size
  const withheld = withheldParameters(users, caches.plans, catalogues.lastSeen(name))
  return Object.freeze({ server, ...seen, tenants, users, withheld, unheld })
}
