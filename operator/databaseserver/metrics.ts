/** What is counted of servers, in Prometheus' form. */
import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Cache } from '../runtime/cache.ts'
import type { Leadership } from '../runtime/fence.ts'

/** `tenantry_server_leftovers`, read from the statuses when the metrics are asked for; on the leader only. */
export function createServerMetrics(
  registry: Registry,
  servers: Pick<Cache<DatabaseServer>, 'values'>,
  leadership: Leadership,
): Gauge {
  return new Gauge({
    name: 'tenantry_server_leftovers',
    help: 'Tenants whose data is on the server and whose Tenant is gone without a decision; on the leader only.',
    labelNames: ['server'],
    registers: [registry],
    collect() {
      this.reset()
      if (!leadership.isLeader()) return
      for (const { metadata, status } of servers.values()) this.set({ server: metadata.name }, status?.leftovers ?? 0)
    },
  })
}
