/** Tenantry installed for tests, but for the process itself: the chart's objects, a DatabaseServer, a plan, a home. */
import type { KubeObject } from '../../operator/kube/port.ts'
import { chartName, chartObjects } from './chart.ts'
import type { Cluster } from './cluster.ts'
import { kindsServed, policiesInForce } from './in-force.ts'
import type { PostgresAddress } from './postgres-access.ts'
import { eventually } from './wait.ts'

export interface Installation {
  /** The operator's. */
  readonly namespace: string
  /** The name of the DatabaseServer. */
  readonly server: string
  /** The name of the default TenantPlan. */
  readonly plan: string
  /** A namespace in which Tenants may lie. */
  readonly home: string
}

export interface InstallOptions {
  readonly cluster: Cluster
  readonly postgres: PostgresAddress
  /** Where the operator reaches PostgreSQL, when not at its own port: a proxy's. */
  readonly postgresPort?: number
  readonly namespace?: string
  /** The chart's objects are there already (installed.ts). */
  readonly chartIsThere?: boolean
  /** What the default plan gives beside roles, in place of what is enough for tests. */
  readonly plan?: object
}

/**
 * Applies all that a running operator needs. The chart's cluster-wide objects exist once, so a cluster has one
 * installation; doing it again is no error.
 */
export async function install(options: InstallOptions): Promise<Installation> {
  const { cluster, namespace = 'tenantry-system' } = options
  const apply = (objects: readonly object[]) =>
    cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
      input: { apiVersion: 'v1', kind: 'List', items: objects },
    })
  if (options.chartIsThere !== true) await applyChart(await chartObjects({ namespace }), apply, cluster)
  const installation: Installation = { namespace, server: 'main', plan: 'standard', home: 'customers' }
  // A definition may be served a moment after it says so.
  await eventually(async () => (await apply(own(installation, options))) !== '', {
    timeout: 60_000,
    describe: 'the kinds to be served',
  })
  await policiesInForce(cluster.kubectl)
  return installation
}

async function applyChart(
  objects: readonly KubeObject[],
  apply: (objects: readonly KubeObject[]) => Promise<unknown>,
  { kubectl }: Cluster,
): Promise<void> {
  const early = (object: KubeObject) => ['Namespace', 'CustomResourceDefinition'].includes(object.kind)
  await apply(objects.filter(early))
  const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name)
  await kindsServed(kubectl, crds)
  await apply(objects.filter((object) => !early(object)))
}

/** The ServiceAccount that the chart makes for the operator. */
export const operatorAccount = (namespace: string) => ({ namespace, name: chartName })

const plainPlan = {
  quota: { 'requests.cpu': '4', 'requests.memory': '8Gi', pods: '50' },
  limits: [{ type: 'Container', default: { memory: '256Mi' }, defaultRequest: { cpu: '50m', memory: '128Mi' } }],
}

function own({ namespace, server, plan, home }: Installation, options: InstallOptions): readonly object[] {
  const { postgres, postgresPort = postgres.port } = options
  const core = { apiVersion: 'v1' }
  const ours = { apiVersion: 'tenantry.dev/v1alpha1' }
  return [
    { ...core, kind: 'Namespace', metadata: { name: home, labels: { 'tenantry.dev/home': 'true' } } },
    {
      ...core,
      kind: 'Secret',
      metadata: { name: 'postgres-admin', namespace },
      stringData: { username: postgres.operator.user, password: postgres.operator.password },
    },
    {
      ...core,
      kind: 'ConfigMap',
      metadata: { name: 'postgres-ca', namespace },
      data: { 'ca.crt': postgres.ca },
    },
    {
      ...ours,
      kind: 'DatabaseServer',
      metadata: { name: server },
      spec: {
        endpoint: { host: postgres.host, port: postgresPort },
        admin: { secretRef: { name: 'postgres-admin' } },
        tls: { mode: 'verify-full', caConfigMapRef: { name: 'postgres-ca' } },
      },
    },
    {
      ...ours,
      kind: 'TenantPlan',
      metadata: { name: plan },
      spec: {
        default: true,
        ...(options.plan ?? plainPlan),
        roles: { viewer: 'tenantry-tenant-viewer' },
      },
    },
  ]
}
