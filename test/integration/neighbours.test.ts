/** Who else is on a server: databases of a provider or of another team, and roles of the platform. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { isConnected, looks, openServerScene, readyReason } from './server-scene.ts'
import type { DeclaredServer, ServerScene } from './server-scene.ts'
import { databaseOf, isReady } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

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
  t.timeout(240_000)
  await shut('cloudsqladmin')
  await postgres.query('CREATE DATABASE cloudsqladmin')
  const tenant = await scene.provisioned({ database: { server: server.name } })
  await looks(postgres, 2)
  t.is(await server.when(isConnected).then(readyReason), 'Connected')
  await scene.deleted(tenant)
})

test.serial(
  'a database of another team that every login can enter is accepted by its name, and no other',
  async (t) => {
    t.timeout(240_000)
    await postgres.query('CREATE DATABASE team_blue')
    const found = await server.when((each) => readyReason(each) === 'PublicMayConnect')
    const message = found.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? ''
    t.regex(message, /connect to team_blue\. .*spec\.publicDatabases/)
    await server.change({ publicDatabases: ['team_blue'] })
    await server.when(isConnected)
    await scene.deleted(await scene.provisioned({ database: { server: server.name } }))
    await postgres.query('CREATE DATABASE team_red')
    await server.when((each) => readyReason(each) === 'PublicMayConnect')
    // The operator may be trying to enter it.
    await postgres.query('DROP DATABASE team_red WITH (FORCE)')
    await server.when(isConnected)
  },
)

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
      t.timeout(240_000)
      const [cdc, stranger] = [`cdc_${isolation.toLowerCase()}`, `stranger_${isolation.toLowerCase()}`]
      await postgres.query(`CREATE ROLE ${cdc} LOGIN; CREATE ROLE ${stranger} LOGIN`)
      await server.change({ platformRoles: [cdc] })
      const tenant = await scene.provisioned({ database: { server: server.name, isolation } })
      const { name } = databaseOf(tenant)
      // Both at once: between them the operator could be changing the same row.
      await postgres.query(
        `GRANT CONNECT, CREATE ON DATABASE ${name} TO ${cdc}; GRANT CONNECT ON DATABASE ${name} TO ${stranger}`,
      )
      const isRevoked = async () => !(await mayConnect(stranger, tenant))
      await eventually(isRevoked, { timeout: 90_000, describe: 'the right of the stranger to go' })
      await looks(postgres, 2)
      t.true(await mayConnect(cdc, tenant))
      await scene.when(tenant, isReady)
      // What it could hand on does not stay.
      await postgres.query(`GRANT CONNECT ON DATABASE ${name} TO ${cdc} WITH GRANT OPTION`)
      const isGone = async () => !(await mayConnect(cdc, tenant))
      await eventually(isGone, { timeout: 90_000, describe: 'the right to hand on to go' })
      await scene.deleted(tenant)
    },
  )
