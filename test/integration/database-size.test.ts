/** A tenant that fills its database beyond what it may have: it is told, by choice restricted, and all of it ends by itself. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer, isConnected } from './server-scene.ts'
import type { DeclaredServer } from './server-scene.ts'
import { bindingOf, conditionOf, isReady, logIn, logsIn, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
let postgres: Postgres
let server: DeclaredServer
test.before(async (t) => {
  t.timeout(240_000)
  scene = await openScene()
  postgres = await startPostgres()
  // Others of the run are placed where there is more room.
  server = await declareServer(scene, postgres, { isolation: ['Database', 'Schema'], capacity: { maxTenants: 10 } })
  await server.when(isConnected)
})
test.after.always(async () => {
  await postgres?.stop()
  await scene?.[Symbol.asyncDispose]()
})

type Binding = Readonly<Record<string, string>>

/** So many rows of more than a kilobyte. Of a schema ANALYZE tells the size. */
const stored = (rows: number) =>
  `CREATE TABLE IF NOT EXISTS filled (x text);
   INSERT INTO filled SELECT repeat('x', 1000) FROM generate_series(1, ${rows}); ANALYZE filled`

async function run(binding: Binding, ...statements: readonly string[]): Promise<void> {
  await using session = await logIn(binding)
  for (const statement of statements) await session.query(statement)
}

const sizeReason = (tenant: Tenant) => conditionOf(tenant, 'DatabaseOverSize')?.reason
const says = (reason: string | undefined) => (tenant: Tenant) => sizeReason(tenant) === reason

async function events(tenant: Tenant): Promise<readonly string[]> {
  const { name, namespace } = tenant.metadata
  const list = await scene.api.list(
    `/apis/events.k8s.io/v1/namespaces/${namespace}/events?fieldSelector=regarding.kind=Tenant,regarding.name=${name}`,
  )
  const reasons = list.map((each) => (each as { readonly reason?: string }).reason ?? '')
  return reasons.filter((reason) => /^Database(NearlyFull|OverSize|WithinSize)$/.test(reason)).toSorted()
}

for (const [isolation, maxSize] of [
  ['Database', '40Mi'],
  ['Schema', '32Mi'],
] as const)
  test(`isolation ${isolation}: told at 80 % and beyond all of it, nothing is restricted, and a TRUNCATE ends it`, async (t) => {
    t.timeout(240_000)
    const tenant = await scene.provisioned({ database: { server: server.name, isolation, maxSize } })
    const binding = await bindingOf(scene, tenant)
    await run(binding, stored(25_000))
    const nearly = await scene.when(tenant, says('DatabaseNearlyFull'))
    t.regex(
      conditionOf(nearly, 'DatabaseOverSize')?.message ?? '',
      new RegExp(`\\(${maxSize}, spec\\.database\\.maxSize\\)`),
    )
    await run(binding, stored(10_000))
    await scene.when(tenant, (each) => says('DatabaseOverSize')(each) && isReady(each))
    t.true(await logsIn(binding))
    await run(binding, 'TRUNCATE filled')
    await scene.when(tenant, (each) => says(undefined)(each) && isReady(each))
    const told = ['DatabaseNearlyFull', 'DatabaseOverSize', 'DatabaseWithinSize']
    const all = async () => (await events(tenant)).join() === told.join()
    await eventually(all, { timeout: 30_000, describe: 'the Events, once each' })
    await scene.deleted(tenant)
  })

/** The session that filled it; bounded only then, as what is being written counts and would end the session that writes. */
async function filled(tenant: Tenant, binding: Readonly<Record<string, string>>, overSize: 'Off' | 'ReadOnly') {
  const session = await logIn(binding)
  await session.query(stored(35_000))
  const database = { maxSize: '40Mi', overSize }
  await scene.change(paths.tenant(scene.home, tenant.metadata.name), { spec: { database } })
  return session
}

test('Off: beyond all of it nobody logs in; a higher bound lets them in, and so does less data', async (t) => {
  t.timeout(240_000)
  const tenant = await scene.provisioned({ database: { server: server.name } })
  const binding = await bindingOf(scene, tenant)
  await using open = await filled(tenant, binding, 'Off')
  const closed = await scene.when(tenant, says('DatabaseOverSize'))
  t.like(conditionOf(closed, 'Available'), { status: 'False', reason: 'DatabaseOverSize' })
  t.is(conditionOf(closed, 'Ready')?.status, 'True')
  t.is(closed.status?.phase, 'Active')
  await t.throwsAsync(open.query('SELECT 1'), undefined, 'its sessions were ended')
  t.false(await logsIn(binding))

  const path = paths.tenant(scene.home, tenant.metadata.name)
  await scene.change(path, { spec: { database: { maxSize: '1Gi' } } })
  await scene.when(tenant, (each) => says(undefined)(each) && isReady(each))
  t.true(await logsIn(binding))

  await scene.change(path, { spec: { database: { maxSize: '40Mi' } } })
  await scene.when(tenant, (each) => conditionOf(each, 'Available')?.reason === 'DatabaseOverSize')
  t.false(await logsIn(binding))
  await postgres.query('TRUNCATE filled', [], binding['database'])
  await scene.when(tenant, (each) => says(undefined)(each) && isReady(each))
  t.true(await logsIn(binding))
  await scene.deleted(tenant)
})

test('ReadOnly: beyond all of it sessions begin read-only; one that sets that off makes room, and it ends by itself', async (t) => {
  t.timeout(240_000)
  const tenant = await scene.provisioned({ database: { server: server.name } })
  const binding = await bindingOf(scene, tenant)
  await using open = await filled(tenant, binding, 'ReadOnly')
  await scene.when(tenant, (each) => says('DatabaseReadOnly')(each) && isReady(each))
  await t.throwsAsync(open.query('SELECT 1'), undefined, 'its sessions were ended')
  await t.throwsAsync(run(binding, stored(1)), { message: /read-only transaction/ })
  await using reading = await logIn(binding)
  t.is((await reading.query('SELECT x FROM filled LIMIT 1')).rowCount, 1)

  await run(binding, 'SET default_transaction_read_only = off', 'TRUNCATE filled')
  await scene.when(tenant, (each) => says(undefined)(each) && isReady(each))
  await t.throwsAsync(reading.query('SELECT 1'), undefined, 'so that no session stays read-only')
  await run(binding, stored(1))
  await scene.deleted(tenant)
})
