/** A real PgBouncer before the server, set up as docs/how-to/pgbouncer.md says: applications go through it, and it is tried. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { DatabaseServer } from '../../operator/api/databaseserver.ts'
import { harness, uniqueName } from '../harness/context.ts'
import { startPgbouncer } from '../harness/pgbouncer.ts'
import type { Pgbouncer } from '../harness/pgbouncer.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer, isConnected } from './server-scene.ts'
import type { DeclaredServer } from './server-scene.ts'
import { bindingOf, databaseOf, logIn, openScene } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
let postgres: Postgres
let pooler: Pgbouncer
let server: DeclaredServer
const authority = uniqueName('pooler')
const password = 'change-me'

const page = join(import.meta.dirname, '..', '..', 'docs', 'how-to', 'pgbouncer.md')
async function block(language: string): Promise<string> {
  const [, found = ''] = new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``).exec(await readFile(page, 'utf8')) ?? []
  return found
}

test.before(async (t) => {
  t.timeout(400_000)
  scene = await openScene()
  postgres = await startPostgres()
  await postgres.query(await block('sql'))
  const [, ini = ''] = (await block('ini')).split('[pgbouncer]\n')
  const settings = ini.trim().replaceAll('/etc/pgbouncer', 'DIR').split('\n')
  pooler = await startPgbouncer(postgres, { settings, password }, (sentence) => t.log(sentence))
  const { namespace } = harness().operator
  await scene.api.send('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: authority },
    stringData: { 'ca.crt': pooler.ca },
  })
  server = await declareServer(scene, postgres, { applicationEndpoint: endpoint() })
  await server.when(isConnected)
})
test.after.always(async () => {
  await server?.remove()
  await pooler?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

function endpoint(change: object = {}) {
  return {
    host: pooler.host,
    port: pooler.port,
    tls: { mode: 'verify-full', caSecretRef: { name: authority } },
    ...change,
  }
}

const found = ({ status, metadata }: DatabaseServer) =>
  status?.observedGeneration === metadata.generation
    ? status?.conditions?.find(({ type }) => type === 'ApplicationsConnect')
    : undefined
const says = async (message: RegExp): Promise<DatabaseServer> =>
  server.when((each) => message.test(found(each)?.message ?? ''))

test.serial(
  'a tenant works through the pooler with what its Secret says, and the DatabaseServer says that it does',
  async (t) => {
    t.timeout(180_000)
    const tenant = await scene.provisioned({ database: { server: server.name } })
    const binding = await bindingOf(scene, tenant)
    t.is(binding['port'], String(pooler.port))
    t.is(binding['ca.crt'], pooler.ca)
    await using session = await logIn(binding)
    const { rows } = await session.query('SELECT current_user AS role, session_user AS login')
    const { owner, a } = databaseOf(tenant)
    t.deepEqual(rows, [{ role: owner, login: a }])
    const works = await says(/^A tenant can log in at localhost:\d+/)
    t.is(found(works)?.reason, 'ApplicationLoginWorks')
    await scene.change(`/apis/tenantry.dev/v1alpha1/namespaces/${scene.home}/tenants/${tenant.metadata.name}`, {
      metadata: { annotations: { 'tenantry.dev/rotate-requested-at': '2030-01-01T00:00:00Z' } },
    })
    const rotated = await eventually(
      async () => {
        const now = await bindingOf(scene, tenant)
        return now['username'] === binding['username'] ? undefined : now
      },
      { timeout: 60_000, describe: 'the other login in the Secret' },
    )
    await using next = await logIn(rotated)
    t.is((await next.query('SELECT 1')).rowCount, 1)

    // What stands in the way is told, each by what mends it; Ready stays.
    await server.change({
      applicationEndpoint: {
        ...endpoint(),
        tls: { mode: 'verify-full', caSecretRef: null, caConfigMapRef: { name: server.name } },
      },
    })
    const untrusted = await says(
      /presents a certificate of another authority .*spec\.applicationEndpoint\.tls\.caConfigMapRef/,
    )
    t.is(found(untrusted)?.status, 'False')
    t.true(isConnected(untrusted))
    await postgres.query('REVOKE EXECUTE ON FUNCTION pgbouncer.lookup(text) FROM pgbouncer')
    await server.change({
      applicationEndpoint: {
        ...endpoint(),
        tls: { mode: 'verify-full', caConfigMapRef: null, caSecretRef: { name: authority } },
      },
    })
    await says(/answers SQLSTATE \w{5}\. .*auth_query/)
    await postgres.query('GRANT EXECUTE ON FUNCTION pgbouncer.lookup(text) TO pgbouncer')
    await says(/^A tenant can log in/)
    await server.change({ applicationEndpoint: endpoint({ port: 1 }) })
    await says(/does not answer/)
    await server.change({ applicationEndpoint: null })
    await server.when((each) => each.status?.conditions?.every(({ type }) => type !== 'ApplicationsConnect') === true)
    await scene.deleted(tenant)
  },
)
