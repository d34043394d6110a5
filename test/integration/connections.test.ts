/** A server whose connections run short: what is missing is told, and the operator gets in while tenants have used up the rest. */
import test from 'ava'
import type { DatabaseServer } from '../../operator/api/databaseserver.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import type { Session } from '../harness/postgres-access.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer, isConnected, readyReason } from './server-scene.ts'
import type { DeclaredServer } from './server-scene.ts'
import { bindingOf, isReady, logIn, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { isToldAs } from './told-as.ts'

/** Of 40 connections 3 are for superusers and 8 for the operator. */
const forTenants = 29
/** While none are kept for the operator. */
const forAll = 37

let scene: Scene & AsyncDisposable
let postgres: Postgres
let server: DeclaredServer
/** Others of the run are placed where there is more room. */
const little = { capacity: { maxTenants: 10 } }

test.before(async (t) => {
  t.timeout(240_000)
  scene = await openScene()
  postgres = await startPostgres({ maxConnections: 40 })
  server = await declareServer(scene, postgres, little)
  await server.when(isConnected)
})
test.after.always(async () => {
  await postgres?.stop()
  await scene?.[Symbol.asyncDispose]()
})

const connections = ({ status }: DatabaseServer) =>
  status?.conditions?.find(({ type }) => type === 'ConnectionsSufficient')
const says = (reason: string) => (each: DatabaseServer) => connections(each)?.reason === reason

/**
 * So many sessions, with all the places that they take. Whoever is about to be refused has one as well, for as long as that
 * takes: the operator, or its try of the tenant's login.
 */
const allPlaces = (binding: Readonly<Record<string, string>>, sessions: Session[], places: number) =>
  eventually(
    async () => {
      while (sessions.length < places) sessions.push(await logIn(binding))
      return true
    },
    { timeout: 60_000, describe: `${places} sessions` },
  )

/** As many sessions as the server gives. */
async function allOf(binding: Readonly<Record<string, string>>): Promise<readonly Session[]> {
  const sessions: Session[] = []
  for (;;) {
    try {
      sessions.push(await logIn(binding))
    } catch (error) {
      const { code } = error as { readonly code?: string }
      if (code === '53300') return sessions
      throw error
    }
  }
}

const end = (sessions: readonly Session[]) => Promise.allSettled(sessions.map((session) => session.end()))

test.serial(
  'without reserved connections the operator is shut out by one tenant, and was told of it before',
  async (t) => {
    t.timeout(240_000)
    const told = await server.when(says('ConnectionsNotReserved'))
    t.is(connections(told)?.status, 'False')
    const events = () =>
      scene.api.list(
        `/apis/events.k8s.io/v1/events?fieldSelector=regarding.kind=DatabaseServer,regarding.name=${server.name},reason=ConnectionsNotReserved`,
      )
    await eventually(async () => (await events()).length === 1, { timeout: 30_000, describe: 'the Warning, once' })

    const tenant = await scene.provisioned({ database: { server: server.name, connectionLimit: 40 } })
    const binding = await bindingOf(scene, tenant)
    // Else it may be back before the tenant has taken its place.
    await postgres.query(`ALTER ROLE "${postgres.operator.user}" NOLOGIN`)
    await postgres.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1`, [
      postgres.operator.user,
    ])
    const sessions: Session[] = []
    try {
      await allPlaces(binding, sessions, forAll)
      await postgres.query(`ALTER ROLE "${postgres.operator.user}" LOGIN`)
      await server.when((each) => isToldAs(each, 'ServerFull'))
    } finally {
      await end(sessions)
    }
    await server.when(isConnected)
    await scene.deleted(tenant)
  },
)

test.serial('the statements of the message keep some: all in order after the next start', async (t) => {
  t.timeout(240_000)
  const [, sql = ''] =
    /run: (.*;) reserved_connections takes effect/s.exec(
      connections(await server.when(says('ConnectionsNotReserved')))?.message ?? '',
    ) ?? []
  for (const statement of sql.split('; ')) await postgres.query(statement)
  await postgres.down()
  await postgres.up()
  const found = await server.when(says('ConnectionsReserved'))
  t.is(connections(found)?.status, 'True')
})

test.serial('while one tenant has used up all others the operator works on, and turns it off', async (t) => {
  t.timeout(240_000)
  const tenant = await scene.provisioned({ database: { server: server.name, connectionLimit: forTenants } })
  const sessions = await allOf(await bindingOf(scene, tenant))
  t.true(sessions.length > forTenants - 10)
  // Sessions that it had from before do not count.
  await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, [
    postgres.operator.user,
  ])
  const path = paths.tenant(scene.home, tenant.metadata.name)
  await scene.change(path, { spec: { state: 'Deactivated' } })
  await scene.when(tenant, ({ status }) => status?.phase === 'Deactivated')
  const ended = async () => {
    const left = await postgres.query(`SELECT FROM pg_stat_activity WHERE application_name = 'an application'`)
    return left.length === 0
  }
  await eventually(ended, { timeout: 30_000, describe: 'the sessions of the tenant to be ended' })
  await end(sessions)
  await scene.deleted(tenant)
})

test.serial('limits that add up to more than there is: both numbers, while it is so', async (t) => {
  t.timeout(240_000)
  const first = await scene.provisioned({ database: { server: server.name, connectionLimit: 20 } })
  await server.when(says('ConnectionsReserved'))
  const second = await scene.provisioned({ database: { server: server.name, connectionLimit: 10 } })
  const told = await server.when(says('ConnectionsOvercommitted'))
  t.regex(
    connections(told)?.message ?? '',
    /add up to 30, and the server has 29 connections for them \(max_connections 40, without 3 for superusers and 8 for the operator\)/,
  )
  t.is(readyReason(told), 'Connected')
  await scene.change(paths.tenant(scene.home, second.metadata.name), { spec: { database: { connectionLimit: 9 } } })
  await server.when(says('ConnectionsReserved'))
  t.true(isReady(await scene.when(second, isReady)))
  await Promise.all([scene.deleted(first), scene.deleted(second)])
})

test.serial('a server that is too old to keep connections for the operator says so, and is in order', async (t) => {
  t.timeout(240_000)
  await using old = await startPostgres({ major: 15 })
  const other = await declareServer(scene, old, little)
  const found = await other.when(says('ConnectionsWithinLimits'))
  t.is(connections(found)?.status, 'True')
  t.is(readyReason(found), 'Connected')
  await other.remove()
})
