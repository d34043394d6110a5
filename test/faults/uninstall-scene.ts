/** What docs/how-to/uninstall.md takes away: the chart, installed by Helm, and tenants on servers of the newest and the oldest version. */
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiOf } from '../harness/api.ts'
import type { Api } from '../harness/api.ts'
import { startControlPlane } from '../harness/control-plane.ts'
import type { ControlPlane } from '../harness/control-plane.ts'
import { temporaryFolder } from '../harness/folder.ts'
import { chartFolder, helmBinary } from '../harness/helm.ts'
import { kindsServed, policiesInForce } from '../harness/in-force.ts'
import { startMail } from '../harness/mail.ts'
import type { MailServer } from '../harness/mail.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { startWeb } from '../harness/web.ts'
import { blocksOf, inShell } from './how-to.ts'

const group = '/apis/tenantry.dev/v1alpha1'
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const namespace = 'tenantry-system'

export interface Scene extends AsyncDisposable {
  readonly controlPlane: ControlPlane
  readonly api: Api
  readonly mail: MailServer
  /** By the names of their DatabaseServers. */
  readonly servers: Readonly<Record<'new' | 'old', Postgres>>
  /** Runs a script where charts/ is, and the values of the release. */
  shell(script: string): Promise<string>
}

export async function startScene(): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  try {
    const folder = await temporaryFolder('uninstall')
    stack.defer(() => folder.remove())
    const controlPlane = stack.use(await startControlPlane())
    const servers = { new: stack.use(await startPostgres()), old: stack.use(await startPostgres({ major: 15 })) }
    const mail = stack.use(await startMail())
    const api = stack.use(await apiOf(controlPlane))
    const helm = await helmBinary((sentence) => console.error(sentence))
    await symlink(join(chartFolder, '..'), join(folder.path, 'charts'))
    const settings = { baseDomain: 'tenants.example.com', publicUrl: 'https://invites.example.com' }
    // Of the Deployments there are no pods here: operator and pages are processes beside the cluster.
    const values = { settings: { ...settings, installation: 'test' }, replicas: 0, web: { replicas: 0 } }
    await writeFile(join(folder.path, 'tenantry.yaml'), JSON.stringify(values))
    const shell = (script: string) => inShell(script, controlPlane, folder.path, [helm])
    return { controlPlane, api, mail, servers, shell, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** The release as the how-to installs it, a home, both servers, and an operator. */
export async function install(scene: Scene): Promise<OperatorProcess> {
  const { controlPlane, servers, mail } = scene
  const { kubectl } = controlPlane
  const [, release = ''] = await blocksOf('uninstall', 'If the operator went first')
  await scene.shell(release)
  await kindsServed(kubectl)
  const home = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'customers', labels: { 'tenantry.dev/home': 'true' } },
  }
  const items = [home, ...Object.entries(servers).flatMap(([name, server]) => databaseServer(name, server))]
  const input = { apiVersion: 'v1', kind: 'List', items }
  // A definition may be served a moment after it says so.
  await eventually(async () => (await kubectl(['apply', '--server-side', '-f', '-'], { input })) !== '', {
    timeout: 60_000,
    describe: 'the kinds to be served',
  })
  return startBoth(controlPlane, mail)
}

/** The operator, with pages that end when it does. */
async function startBoth(cluster: ControlPlane, mail: MailServer): Promise<OperatorProcess> {
  const web = await startWeb({ cluster })
  try {
    const operator = await startOperator({ cluster, mail, web })
    const dispose = async (): Promise<void> => {
      await operator[Symbol.asyncDispose]()
      await web[Symbol.asyncDispose]()
    }
    return { ...operator, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await web[Symbol.asyncDispose]()
    throw error
  }
}

function databaseServer(name: string, { operator, ca, host, port }: Postgres): readonly object[] {
  const stringData = { username: operator.user, password: operator.password }
  const spec = {
    endpoint: { host, port },
    admin: { secretRef: { name: `${name}-admin` } },
    tls: { mode: 'verify-full', caConfigMapRef: { name: `${name}-ca` } },
    isolation: ['Database', 'Schema'],
  }
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: `${name}-admin`, namespace }, stringData },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-ca`, namespace }, data: { 'ca.crt': ca } },
    { apiVersion: 'tenantry.dev/v1alpha1', kind: 'DatabaseServer', metadata: { name }, spec },
  ]
}

/** The operator's account, made by the statements of docs/how-to/postgresql-server.md. */
export async function makeAccount({ query, operator, major }: Postgres): Promise<void> {
  const page = (heading: string) => blocksOf('postgresql-server', heading, 'sql')
  const [account = ''] = await page('1. An account for the operator')
  const [closed = ''] = await page('2. Close what PUBLIC may enter')
  const [reserved = ''] = await page('3. Connections')
  const grants = reserved.split('\n').filter((line) => line.startsWith('GRANT'))
  const statements = [account.replace('…', operator.password), closed, ...(major >= 16 ? grants : [])]
  for (const statement of statements) await query(statement)
}

/** What of Tenantry is in the cluster beside the tenants' own: definitions, namespaces, rights and policies, by their names. */
export async function inCluster({ api }: Scene): Promise<readonly string[]> {
  const rights = '/apis/rbac.authorization.k8s.io/v1'
  const admission = '/apis/admissionregistration.k8s.io/v1'
  const collections = [
    `${rights}/clusterroles`,
    `${rights}/clusterrolebindings`,
    `${admission}/validatingadmissionpolicies`,
    `${admission}/validatingadmissionpolicybindings`,
    definitions,
  ]
  const [namespaces, ...others] = await Promise.all(
    ['/api/v1/namespaces', ...collections].map((path) => api.list(path)),
  )
  const marked = (namespaces ?? []).filter(
    ({ metadata }) => metadata.name === namespace || isOurs(Object.keys(metadata.labels ?? {})),
  )
  const named = others.flat().filter(({ metadata }) => /^tenantry\b|\.tenantry\.dev$/.test(metadata.name))
  return [...marked, ...named].map(({ metadata }) => metadata.name)
}

const isOurs = (labels: readonly string[]) => labels.some((label) => label.startsWith('tenantry.dev/'))

/** All on a server that is not PostgreSQL's own or its superuser's: roles and databases, in order. */
export async function onServer({ query }: Postgres): Promise<readonly string[]> {
  const rows = await query<{ name: string }>(
    `SELECT 'role ' || rolname AS name FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'
     UNION ALL SELECT 'database ' || datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')
     ORDER BY name`,
  )
  return rows.map(({ name }) => name)
}

/** Until the apiserver has noticed that all policies of the release are gone: it may enforce one longer than another. */
export async function policiesGone({ controlPlane }: Scene): Promise<void> {
  await using api = await apiOf(controlPlane)
  await policiesInForce(api)
}

export const pathOf = (kind: 'tenants' | 'tenantadmins' | 'accessgrants', within: string, name = ''): string =>
  `${group}/namespaces/${within}/${kind}/${name}`.replace(/\/$/, '')
