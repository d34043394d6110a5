/** What a tenant's own people put there, and by which it is told afterwards whether it is still the same tenant. */
import { credentialsOf } from '../harness/facts.ts'
import type { Api, Stored } from '../harness/api.ts'
import type { World } from '../harness/world.ts'
import type { Subject } from './end-state.ts'

/** What no archive and no adoption may change. */
export interface Keepsake {
  readonly namespace: string
  readonly secret: string
  readonly password: string
}

const table = 'keepsake'

/** Three rows in a table of the tenant's, made as its application does; with `workload`, a StatefulSet with one pod too. */
export async function furnish(
  world: World,
  { name }: Subject,
  { workload = false }: { readonly workload?: boolean } = {},
): Promise<Keepsake> {
  const { keepsake, secret } = await read(world.api, name)
  const [credentials] = credentialsOf({ bindings: [secret] })
  if (credentials === undefined) throw new Error(`${name} has no credentials`)
  const { database, username: user, password } = credentials
  await using session = await world.postgres.connect({ database, user, password })
  await session.query(`CREATE TABLE ${table} (id int PRIMARY KEY, content text)`)
  await session.query(`INSERT INTO ${table} SELECT n, 'row ' || n FROM generate_series(1, 3) n`)
  if (workload) await world.api.send('POST', `/apis/apps/v1/namespaces/tenant-${name}/statefulsets`, statefulSet)
  return keepsake
}

/** All rows, of a schema that has the table. */
export const keepsakeQuery = (schema: string) => `SELECT id, content FROM "${schema}".${table} ORDER BY id`
export const keepsakeTable = table

export interface Kept {
  readonly namespace: boolean
  readonly secret: boolean
  readonly password: boolean
}

/** Whether namespace, Secret and password are those of then. */
export async function kept(api: Api, { name, keepsake: then }: Subject): Promise<Kept | undefined> {
  if (then === undefined) return undefined
  const { keepsake: now } = await read(api, name)
  return {
    namespace: now.namespace === then.namespace,
    secret: now.secret === then.secret,
    password: now.password === then.password,
  }
}

async function read(api: Api, name: string): Promise<{ readonly keepsake: Keepsake; readonly secret: Stored }> {
  const path = `/api/v1/namespaces/tenant-${name}`
  const [namespace, secret] = await Promise.all([api.get(path), api.get(`${path}/secrets/tenantry-database`)])
  if (namespace === undefined || secret === undefined) throw new Error(`${name} has no namespace or no Secret`)
  const password = Buffer.from(secret.data?.['password'] ?? '', 'base64').toString('utf8')
  return { keepsake: { namespace: namespace.metadata.uid, secret: secret.metadata.uid, password }, secret }
}

/** As Pod Security `restricted` and the plan's limits let it in; no node ever runs it. */
const statefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    serviceName: 'web',
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'c',
            image: 'x',
            resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '10m', memory: '8Mi' } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  },
}
