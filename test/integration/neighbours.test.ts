/** Who else is on a server: databases of a provider or of another team, and roles of the platform. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { sharedIntervals } from '../harness/shared-operator.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer, isConnected, readyReason } from './server-scene.ts'
import type { DeclaredServer } from './server-scene.ts'
import { databaseOf, isReady, openScene } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
let postgres: Postgres
let server: DeclaredServer
test.before(async (t) => {
  t.timeout(120_000)
  scene = await openScene()
  postgres = await startPostgres()
  server = await declareServer(scene, postgres, { isolation: ['Database', 'Schema'] })
  await server.when(isConnected)
})
test.after.always(async () => {
  await server?.remove()
  await postgres?.[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

/** Before all other rules: nobody enters this database, as a provider has it for its own. */
async function shut(database: string): Promise<void> {
  const [found] = await postgres.query<{ path: string; content: string }>(
    `SELECT current_setting('hba_file') AS path, pg_read_file(current_setting('hba_file')) AS content`,
  )
  const lines = [`host "${database}" all all reject`, ...(found?.content ?? '').split('\n')]
  const quoted = lines.map((line) => `('${line.replaceAll("'", "''")}')`).join(', ')
  await postgres.query(`COPY (VALUES ${quoted}) TO '${found?.path ?? ''}'`)
  await postgres.query('SELECT pg_reload_conf()')
}

test.serial('a database of the provider, open to PUBLIC and shut by pg_hba.conf, keeps no tenant out', async (t) => {
  t.timeout(120_000)
  await shut('cloudsqladmin')
  await postgres.query('CREATE DATABASE cloudsqladmin')
  const tenant = await scene.provisioned({ database: { server: server.name } })
  await looks(2)
  t.is(await server.when(isConnected).then(readyReason), 'Connected')
  await scene.deleted(tenant)
})

test.serial(
  'a database of another team that every login can enter is accepted by its name, and no other',
  async (t) => {
    t.timeout(120_000)
    await postgres.query('CREATE DATABASE team_blue')
    const found = await server.when((each) => readyReason(each) === 'PublicMayConnect')
    const message = found.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? ''
    t.regex(message, /connect to team_blue\. .*spec\.publicDatabases/)
    await server.change({ publicDatabases: ['team_blue'] })
    await server.when(isConnected)
    await scene.deleted(await scene.provisioned({ database: { server: server.name } }))
    await postgres.query('CREATE DATABASE team_red')
    await server.when((each) => readyReason(each) === 'PublicMayConnect')
    await postgres.query('DROP DATABASE team_red')
    await server.when(isConnected)
  },
)

/** Looks of the operator at the server that begin from now on. */
async function looks(count: number): Promise<void> {
  const seen = async () => {
    const [row] = await postgres.query<{ commits: string }>(
      `SELECT coalesce(sum(xact_commit), 0)::text AS commits FROM pg_stat_database WHERE datname = 'postgres'`,
    )
    return Number(row?.commits)
  }
  const before = await seen()
  await eventually(async () => (await seen()) >= before + 3 * count, {
    timeout: 30 * sharedIntervals.catalogue,
    describe: 'the operator to look at the server',
  })
}

async function mayConnect(role: string, tenant: Tenant): Promise<boolean> {
  const [row] = await postgres.query<{ may: boolean }>(
    `SELECT has_database_privilege('${role}', '${databaseOf(tenant).name}', 'CONNECT') AS may`,
  )
  return row?.may === true
}

for (const isolation of ['Database', 'Schema'] as const)
  test.serial(
    `isolation ${isolation}: what an administrator grants a role of the platform on a tenant's database stays, and nobody else's`,
    async (t) => {
      t.timeout(120_000)
      const [cdc, stranger] = [`cdc_${isolation.toLowerCase()}`, `stranger_${isolation.toLowerCase()}`]
      await postgres.query(`CREATE ROLE ${cdc} LOGIN; CREATE ROLE ${stranger} LOGIN`)
      await server.change({ platformRoles: [cdc] })
      const tenant = await scene.provisioned({ database: { server: server.name, isolation } })
      const { name } = databaseOf(tenant)
      await postgres.query(`GRANT CONNECT, CREATE ON DATABASE ${name} TO ${cdc}`)
      await postgres.query(`GRANT CONNECT ON DATABASE ${name} TO ${stranger}`)
      const isRevoked = async () => !(await mayConnect(stranger, tenant))
      await eventually(isRevoked, { timeout: 30_000, describe: 'the right of the stranger to go' })
      await looks(2)
      t.true(await mayConnect(cdc, tenant))
      await scene.when(tenant, isReady)
      // What it could hand on does not stay.
      await postgres.query(`GRANT CONNECT ON DATABASE ${name} TO ${cdc} WITH GRANT OPTION`)
      const isGone = async () => !(await mayConnect(cdc, tenant))
      await eventually(isGone, { timeout: 30_000, describe: 'the right to hand on to go' })
      await scene.deleted(tenant)
    },
  )
