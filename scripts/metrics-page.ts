/** The page docs/reference/metrics.md: every metric of the operator, from a registry in which each of them is registered. */
import { code, page, table } from '../operator/api/docs/markdown.ts'
import { createServerMetrics } from '../operator/databaseserver/metrics.ts'
import { createMailMetrics } from '../operator/mail/metrics.ts'
import { createSlowedMetric } from '../operator/runtime/controller/status-guard.ts'
import { createMetrics } from '../operator/runtime/metrics/metrics.ts'
import { createRepairMetrics, createStalledMetrics, createTenantMetrics } from '../operator/tenant/report/metrics.ts'

const none = { values: () => [].values() }
const standby = { isLeader: () => false }

export function metricsPage(): string {
  const { registry } = createMetrics(() => 0)
  createTenantMetrics(registry, none, standby)
  createStalledMetrics(registry, none, standby)
  createRepairMetrics(registry)
  createServerMetrics(registry, none, standby)
  createMailMetrics(registry)
  createSlowedMetric(registry)
  const metrics = registry.getMetricsAsArray().toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const own = metrics.filter(({ name }) => name.startsWith('tenantry_'))
  return page(
    'operator',
    'Metrics',
    'The operator serves its metrics in the format of Prometheus, on the port for health and metrics under `/metrics`. The chart creates a ServiceMonitor with `metrics.serviceMonitor.enabled`, and alerts with `metrics.rules.enabled`. A metric that is "on the leader only" has no value on the other replicas, so a sum over all replicas counts nothing twice.',
    '## Tenantry',
    tableOf(own),
    '## Controllers, Kubernetes client and leader election',
    'These have the names, labels and help texts of controller-runtime and client-go, so that dashboards and alerts for other operators work for this one. `controller` and `name` are the name of the controller; the `name` of `leader_election_master_status` is that of the Lease.',
    tableOf(metrics.filter((metric) => !own.includes(metric))),
    'The metrics of the process (`process_…`, `nodejs_…`) are the defaults of prom-client.',
  )
}

type Metrics = ReturnType<ReturnType<typeof createMetrics>['registry']['getMetricsAsArray']>

function tableOf(metrics: Metrics): string {
  const rows = metrics.map((metric) => {
    const labels = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : []
    return [code(metric.name), String(metric.type), labels.map(code).join(', ') || '–', metric.help]
  })
  return table(['Metric', 'Type', 'Labels', 'Meaning'], rows)
}
