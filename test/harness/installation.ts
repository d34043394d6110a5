/** Tenantry installed for tests, but for the process itself: the chart's objects, a DatabaseServer, a plan, a home. */
import type { KubeObject } from '../../operator/kube/port.ts'
import { apiOf } from './api.ts'
import type { Named } from './api.ts'
import { chartObjects } from './chart.ts'
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
  await using api = await apiOf(cluster)
  if (options.chartIsThere !== true) await applyChart(await chartObjects({ namespace }), cluster)
  const installation: Installation = { namespace, server: 'main', plan: 'standard', home: 'customers' }
  for (const [collection, object] of own(installation, options))
    // A definition may be served a moment after it says so.
    await eventually(async () => api.apply(collection, object).then(() => true), {
      timeout: 60_000,
      describe: `${collection} to be served`,
    })
  await policiesInForce(api)
  return installation
}

async function applyChart(objects: readonly KubeObject[], { kubectl }: Cluster): Promise<void> {
  const apply = (items: readonly KubeObject[]) =>
    kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
      input: { apiVersion: 'v1', kind: 'List', items },
    })
  const early = (object: KubeObject) => ['Namespace', 'CustomResourceDefinition'].includes(object.kind)
  await apply(objects.filter(early))
  const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name)
  await kindsServed(kubectl, crds)
  await apply(objects.filter((object) => !early(object)))
}

const plainPlan = {
  quota: { 'requests.cpu': '4', 'requests.memory': '8Gi', pods: '50' },
  limits: [{ type: 'Container', default: { memory: '256Mi' }, defaultRequest: { cpu: '50m', memory: '128Mi' } }],
}

/** Each with the path of its collection. */
function own(
  { namespace, server, plan, home }: Installation,
  options: InstallOptions,
): readonly (readonly [string, Named])[] {
  const { postgres, postgresPort = postgres.port } = options
  const core = { apiVersion: 'v1' }
  const ours = { apiVersion: 'tenantry.dev/v1alpha1' }
  const group = '/apis/tenantry.dev/v1alpha1'
  const { user: username, password } = postgres.operator
  const secret = { name: 'postgres-admin', namespace }
  const authority = { name: 'postgres-ca', namespace }
  const labels = { 'tenantry.dev/home': 'true' }
  return [
    ['/api/v1/namespaces', { ...core, kind: 'Namespace', metadata: { name: home, labels } }],
    [
      `/api/v1/namespaces/${namespace}/secrets`,
      { ...core, kind: 'Secret', metadata: secret, stringData: { username, password } },
    ],
    [
      `/api/v1/namespaces/${namespace}/configmaps`,
      { ...core, kind: 'ConfigMap', metadata: authority, data: { 'ca.crt': postgres.ca } },
    ],
    [
      `${group}/databaseservers`,
      {
        ...ours,
        kind: 'DatabaseServer',
        metadata: { name: server },
        spec: {
          endpoint: { host: postgres.host, port: postgresPort },
          admin: { secretRef: { name: secret.name } },
          tls: { mode: 'verify-full', caConfigMapRef: { name: authority.name } },
        },
      },
    ],
    [
      `${group}/tenantplans`,
      {
        ...ours,
        kind: 'TenantPlan',
        metadata: { name: plan },
        spec: { default: true, ...(options.plan ?? plainPlan), roles: { viewer: 'tenantry-tenant-viewer' } },
      },
    ],
  ]
}
