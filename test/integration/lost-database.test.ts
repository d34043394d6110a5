/** A database or schema that somebody drops: it is told, nothing is created in its place, and each way out is gone to its end. */
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { annotations, dataName } from '../../operator/api/names.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import { temporaryFolder } from '../harness/folder.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { asAdministrator } from '../harness/postgres-clients.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer, looks, openServerScene } from './server-scene.ts'
import type { DeclaredServer, ServerScene } from './server-scene.ts'
import { bindingOf, conditionOf, databaseOf, isReady, logIn, logsIn, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { toldAs } from './told-as.ts'

let opened: ServerScene
let scene: Scene
let postgres: Postgres
let server: DeclaredServer
test.before(async (t) => {
  t.timeout(120_000)
  opened = await openServerScene({ isolation: ['Database', 'Schema'] })
  ;({ scene, postgres, server } = opened)
})
test.after.always(() => opened?.[Symbol.asyncDispose]())

type Isolation = 'Database' | 'Schema'

async function withData(t: ExecutionContext, isolation: Isolation = 'Database'): Promise<Tenant> {
  const tenant = await scene.provisioned({ database: { server: server.name, isolation } })
  t.teardown(() => scene.deleted(tenant))
  await using session = await logIn(await bindingOf(scene, tenant))
  await session.query('CREATE TABLE orders (id int PRIMARY KEY, what text)')
  await session.query(`INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(1, 100) n`)
  return tenant
}

async function orders(tenant: Tenant): Promise<number> {
  await using session = await logIn(await bindingOf(scene, tenant))
  const found = await session.query<{ there: boolean }>(`SELECT to_regclass('orders') IS NOT NULL AS there`)
  if (found.rows[0]?.there !== true) return 0
  return (await session.query('SELECT FROM orders')).rowCount ?? 0
}

const names = (tenant: Tenant) => {
  const { name: database = '', schema } = tenant.status?.database ?? {}
  return { database, data: dataName({ database, ...(schema === undefined ? {} : { schema }) }) }
}

async function lose(tenant: Tenant): Promise<void> {
  const { database, data } = names(tenant)
  if (data === database) return void (await postgres.query(`DROP DATABASE ${database} WITH (FORCE)`))
  await postgres.query(`DROP SCHEMA ${data}, ${data}_directory CASCADE`, [], database)
}

async function isThere(tenant: Tenant): Promise<boolean> {
  const { database, data } = names(tenant)
  if (data === database) return (await postgres.query(`SELECT FROM pg_database WHERE datname = '${data}'`)).length > 0
  return (await postgres.query(`SELECT FROM pg_namespace WHERE nspname = '${data}'`, [], database)).length > 0
}

const isMissing = (tenant: Tenant) =>
  (['DatabaseReady', 'Available', 'Ready'] as const).every((type) => {
    const found = conditionOf(tenant, type)
    return found?.status === 'False' && found.reason === 'DatabaseMissing'
  }) && conditionOf(tenant, 'Stalled')?.reason === 'DatabaseMissing'

const at = (tenant: Tenant) => paths.tenant(scene.home, tenant.metadata.name)
const annotate = (tenant: Tenant, value: string | null) =>
  scene.change(at(tenant), { metadata: { annotations: { [annotations.beginEmpty]: value } } })

interface WrittenLine extends Tenant {
  readonly reason: string
  readonly regarding?: { readonly name?: string }
}

async function eventsOf(tenant: Tenant): Promise<readonly string[]> {
  const events = await scene.api.list<WrittenLine>(`/apis/events.k8s.io/v1/namespaces/${scene.home}/events`)
  return events.filter(({ regarding }) => regarding?.name === tenant.metadata.name).map(({ reason }) => reason)
}

for (const isolation of ['Database', 'Schema'] as const) {
  test(`isolation ${isolation}: dropped while the operator runs, it is told, and begins empty when a person says so, once`, async (t) => {
    t.timeout(300_000)
    const tenant = await withData(t, isolation)
    const neighbour = await withData(t, isolation)
    await lose(tenant)
    const stuck = await scene.when(tenant, isMissing)
    toldAs(t, stuck, 'DataMissing')
    t.is(stuck.status?.phase, 'Active')
    t.true(conditionOf(stuck, 'Stalled')?.message.includes(`${annotations.beginEmpty}=${names(tenant).data}`))
    await eventually(async () => (await eventsOf(tenant)).includes('DatabaseMissing'), {
      timeout: 90_000,
      describe: 'the Warning',
    })
    const { resourceVersion } = stuck.metadata
    await looks(postgres, 4)
    t.false(await isThere(tenant))
    const rested = await scene.when(tenant, isMissing)
    t.is(rested.metadata.resourceVersion, resourceVersion, 'quiet')
    t.is(await orders(neighbour), 100)
    await annotate(tenant, 'something-else')
    await looks(postgres, 2)
    t.false(await isThere(tenant))
    await annotate(tenant, names(tenant).data)
    await scene.when(tenant, isReady)
    t.is(await orders(tenant), 0)
    await lose(tenant)
    const again = await scene.when(tenant, isMissing)
    t.regex(conditionOf(again, 'Stalled')?.message ?? '', /older than this loss/)
    await annotate(tenant, null)
    await scene.when(tenant, ({ status }) => status?.database?.begunEmpty === undefined)
    t.false(await isThere(tenant))
    await annotate(tenant, names(tenant).data)
    await scene.when(tenant, isReady)
    t.is(await orders(neighbour), 100)
  })
}

async function dumpOf(t: ExecutionContext, tenant: Tenant): Promise<string> {
  const folder = await temporaryFolder('lost')
  t.teardown(() => folder.remove())
  const file = join(folder.path, 'dump')
  const { database, data } = names(tenant)
  const only = data === database ? [] : [`--schema=${data}`, `--schema=${data}_directory`]
  await asAdministrator(postgres, 'pg_dump', ['--format=custom', `--file=${file}`, ...only, database])
  return file
}

/** Under another name until it is whole: as soon as it has its own, the operator takes it over. */
async function restore(database: string, dump: string, how: readonly string[]): Promise<void> {
  const unfinished = `${database}_restored`
  await postgres.query(`CREATE DATABASE ${unfinished} OWNER tenantry`)
  await asAdministrator(postgres, 'pg_restore', [...how, `--dbname=${unfinished}`, dump])
  await postgres.query(`ALTER DATABASE ${unfinished} RENAME TO ${database}`)
}

for (const isolation of ['Database', 'Schema'] as const) {
  test(`isolation ${isolation}: restored under its name, the tenant goes on with its data and its password`, async (t) => {
    t.timeout(300_000)
    const tenant = await withData(t, isolation)
    const before = await bindingOf(scene, tenant)
    const dump = await dumpOf(t, tenant)
    await lose(tenant)
    await scene.when(tenant, isMissing)
    const { database } = names(tenant)
    if (isolation === 'Database') await restore(database, dump, ['--exit-on-error'])
    else await asAdministrator(postgres, 'pg_restore', ['--single-transaction', `--dbname=${database}`, dump])
    await scene.when(tenant, isReady)
    t.is(await orders(tenant), 100)
    t.is((await bindingOf(scene, tenant))['password'], before['password'])
  })
}

test('restored by an administrator who kept it, it is told with the statement that hands it over', async (t) => {
  t.timeout(300_000)
  const tenant = await withData(t)
  const dump = await dumpOf(t, tenant)
  await lose(tenant)
  await scene.when(tenant, isMissing)
  const { database } = names(tenant)
  await postgres.query(`CREATE DATABASE ${database}`)
  await asAdministrator(postgres, 'pg_restore', ['--exit-on-error', `--dbname=${database}`, dump])
  const refused = await scene.when(tenant, (each) => conditionOf(each, 'Stalled')?.reason === 'DatabaseConflict')
  const [statement] = /ALTER DATABASE [^;]*;/.exec(conditionOf(refused, 'Stalled')?.message ?? '') ?? []
  await postgres.query(statement ?? '')
  await scene.when(tenant, isReady)
  t.is(await orders(tenant), 100)
})

test('where the roles are gone as well nothing is created, and all is there again when the database is', async (t) => {
  t.timeout(300_000)
  const tenant = await withData(t)
  const before = await bindingOf(scene, tenant)
  const { owner, a, b, name } = databaseOf(tenant)
  const dump = await dumpOf(t, tenant)
  await lose(tenant)
  await scene.when(tenant, isMissing)
  await postgres.query(`DROP ROLE ${owner}, ${a}, ${b}`)
  await looks(postgres, 4)
  t.deepEqual(await postgres.query(`SELECT FROM pg_roles WHERE rolname LIKE '${owner}%'`), [])
  await restore(name, dump, ['--role=tenantry', '--no-owner', '--no-privileges'])
  await eventually(async () => logsIn(before), { timeout: 120_000, describe: 'the password of the Secret to log in' })
  t.pass()
})

test('a shared database that is dropped is not made anew, not even for a new tenant', async (t) => {
  t.timeout(300_000)
  await using own = await startPostgres()
  const shared = await declareServer(scene, own, { isolation: ['Schema'] })
  t.teardown(() => shared.remove())
  const spec = { database: { server: shared.name, isolation: 'Schema' } }
  const tenant = await scene.provisioned(spec)
  const database = tenant.status?.database?.name ?? ''
  await own.query(`DROP DATABASE ${database} WITH (FORCE)`)
  await scene.when(tenant, isMissing)
  const next = await scene.declare(spec)
  await scene.when(next, (each) => conditionOf(each, 'Stalled')?.reason === 'DatabaseMissing')
  t.deepEqual(await own.query(`SELECT FROM pg_database WHERE datname = '${database}'`), [])
  await annotate(tenant, names(tenant).data)
  await scene.when(tenant, isReady)
  await scene.when(next, isReady)
  await Promise.all([scene.deleted(tenant), scene.deleted(next)])
})
