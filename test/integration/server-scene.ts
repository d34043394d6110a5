/** DatabaseServers of a test's own, beside the one that all share. */
import type { DatabaseServer } from '../../operator/api/databaseserver.ts'
import { harness, uniqueName } from '../harness/context.ts'
import type { PostgresAccess, PostgresAddress } from '../harness/postgres-access.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { sharedIntervals } from '../harness/shared-operator.ts'
import { eventually } from '../harness/wait.ts'
import { openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

const servers = '/apis/tenantry.dev/v1alpha1/databaseservers'

export interface DeclaredServer {
  readonly name: string
  /** The DatabaseServer as soon as `check` says so of it. */
  when(check: (server: DatabaseServer) => boolean): Promise<DatabaseServer>
  /** Resolves once the operator has looked at it as it is now: a tenant that is declared next is placed by that. */
  change(spec: object): Promise<void>
  /** Takes the DatabaseServer away, as one means it who knows what is on it. */
  remove(): Promise<void>
}

/**
 * Declares `postgres` with its operator's account and its authority, checked in full; `spec` says what is else. Its room has
 * an end, that of the shared server has none: so nobody is placed here who has not asked for it.
 */
export async function declareServer(
  scene: Scene,
  postgres: PostgresAddress,
  spec: object = {},
  labels: Readonly<Record<string, string>> = {},
  name = uniqueName('server'),
): Promise<DeclaredServer> {
  const { namespace } = harness().operator
  const { user: username, password } = postgres.operator
  const core = { apiVersion: 'v1', metadata: { name, namespace } }
  await scene.api.send('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    ...core,
    kind: 'Secret',
    stringData: { username, password },
  })
  await scene.api.send('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
    ...core,
    kind: 'ConfigMap',
    data: { 'ca.crt': postgres.ca },
  })
  await scene.api.send('POST', servers, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'DatabaseServer',
    metadata: { name, labels },
    spec: {
      endpoint: { host: postgres.host, port: postgres.port },
      admin: { secretRef: { name } },
      tls: { mode: 'verify-full', caConfigMapRef: { name } },
      capacity: { maxTenants: 100 },
      ...spec,
    },
  })
  const read = () => scene.api.get<DatabaseServer>(paths.server(name))
  const when: DeclaredServer['when'] = (check) =>
    eventually(
      async () => {
        const server = await read()
        return server !== undefined && check(server) ? server : undefined
      },
      { timeout: 120_000, describe: `the DatabaseServer ${name}` },
    )
  return {
    name,
    when,
    change: async (change) => {
      const { generation = 0 } = (await scene.change(paths.server(name), { spec: change })).metadata
      await when(({ status }) => (status?.observedGeneration ?? 0) >= generation)
    },
    remove: async () => {
      await scene.change(paths.server(name), { metadata: { annotations: { 'tenantry.dev/allow-deletion': name } } })
      await scene.api.send('DELETE', paths.server(name))
    },
  }
}

export const readyReason = ({ status }: DatabaseServer): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.reason

export const isConnected = (server: DatabaseServer): boolean => readyReason(server) === 'Connected'

/** A scene with a PostgreSQL of its own and the DatabaseServer for it. */
export interface ServerScene extends AsyncDisposable {
  readonly scene: Scene
  readonly postgres: Postgres
  readonly server: DeclaredServer
}

/** Resolves when the server is connected; `spec` says what else of it. */
export async function openServerScene(spec: object = {}): Promise<ServerScene> {
  const stack = new AsyncDisposableStack()
  try {
    const scene = stack.use(await openScene())
    const postgres = stack.use(await startPostgres())
    const server = await declareServer(scene, postgres, spec)
    stack.defer(() => server.remove())
    await server.when(isConnected)
    return { scene, postgres, server, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** Resolves once so many looks of the operator at the server have begun from now on, and come to their end. */
export async function looks(postgres: PostgresAccess, count: number): Promise<void> {
  // Each asks for the health of the server once, at its beginning; the next one begins after its end. One may be asking now.
  const begun = async () => {
    const [row] = await postgres.query<{ calls: string }>(
      `SELECT coalesce(sum(calls), 0)::text AS calls FROM pg_stat_statements
       WHERE userid = '${postgres.operator.user}'::regrole AND query LIKE '% AS health%'`,
    )
    return Number(row?.calls)
  }
  const before = await begun()
  await eventually(async () => (await begun()) > before + 1 + count, {
    timeout: 60_000 + 10 * count * sharedIntervals.catalogue,
    interval: 100,
    describe: `${count} looks of the operator at the server`,
  })
}
