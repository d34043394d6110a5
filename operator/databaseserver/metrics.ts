/** The metrics of database servers, in Prometheus' form. */
import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { findCondition } from '../api/conditions.ts'
import type { ConditionType } from '../api/conditions.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { Leadership } from '../runtime/leadership/fence.ts'

/** Read from the statuses at each scrape: a server that is gone has none. On the leader only. */
export function createServerMetrics(
  registry: Registry,
  servers: Pick<Cache<DatabaseServer>, 'values'>,
  leadership: Leadership,
): readonly Gauge[] {
  const known = () => (leadership.isLeader() ? [...servers.values()] : [])
  const registers = [registry]
  return [
    leftoversGauge(registers, known),
    ...conditionGauges.map((each) => conditionGauge(each, registers, known)),
    setBackGauge(registers, known),
  ]
}

type Known = () => readonly DatabaseServer[]

function leftoversGauge(registers: Registry[], known: Known): Gauge {
  return new Gauge({
    name: 'tenantry_server_leftovers',
    help: 'Tenants with data on the server whose Tenant disappeared without a deletion by the operator; on the leader only.',
    labelNames: ['server'],
    registers,
    collect() {
      this.reset()
      for (const { metadata, status } of known()) this.set({ server: metadata.name }, status?.leftovers ?? 0)
    },
  })
}

interface ConditionGauge {
  readonly type: ConditionType
  readonly name: string
  readonly help: string
}

const conditionGauges: readonly ConditionGauge[] = [
  {
    type: 'Ready',
    name: 'tenantry_database_server_ready',
    help: 'Whether the DatabaseServer is ready (1) or not (0), with the reason; on the leader only.',
  },
  {
    type: 'ConnectionsSufficient',
    name: 'tenantry_database_server_connections_sufficient',
    help: 'Whether the server has enough connections for the operator and all tenants (1) or not (0), with the reason; on the leader only.',
  },
]

function conditionGauge({ type, name, help }: ConditionGauge, registers: Registry[], known: Known): Gauge {
  return new Gauge({
    name,
    help,
    labelNames: ['name', 'reason'],
    registers,
    collect() {
      this.reset()
      for (const { metadata, status } of known()) {
        const condition = findCondition(status?.conditions, type)
        if (condition !== undefined)
          this.set({ name: metadata.name, reason: condition.reason }, condition.status === 'True' ? 1 : 0)
      }
    },
  })
}

function setBackGauge(registers: Registry[], known: Known): Gauge {
  return new Gauge({
    name: 'tenantry_database_server_set_back_timestamp_seconds',
    help: 'When the operator noticed that the server was set back to an earlier time, in seconds since the Unix epoch; on the leader only.',
    labelNames: ['name'],
    registers,
    collect() {
      this.reset()
      for (const { metadata, status } of known())
        if (status?.setBack !== undefined)
          this.set({ name: metadata.name }, Date.parse(status.setBack.noticedAt) / 1000)
    },
  })
}
