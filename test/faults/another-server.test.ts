/**
 * Another PostgreSQL server answers than before: nothing is made, re-pointed or dropped there, until a person accepts it.
 */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Secret } from '../../operator/kube/resources.ts'
import type { Stored } from '../harness/api.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import {
  available,
  conditionOf,
  credentialsOf,
  databaseOf,
  declareTenant,
  edit,
  isReady,
  newName,
  pathOf,
  remove,
  tenantOf,
} from './life.ts'
import { copyTenant } from './logical-copy.ts'
import { beginEmpty, databaseMissing } from './missing-database.ts'
import { eventsOf } from './told.ts'
import { toldAs } from '../integration/told-as.ts'

const env = { TENANTRY_CATALOGUE_INTERVAL: '2s' }
const server = '/apis/tenantry.dev/v1alpha1/databaseservers/main'

let world: World
let operator: OperatorProcess
/** Empty; with the same account, password and trust as the world's. */
let other: Postgres
const names = [newName(), newName(), newName()] as const

test.before(async (t) => {
  t.timeout(400_000)
  world = await startWorld({ proxies: true })
  other = await startPostgres()
  await other.query(`ALTER ROLE tenantry PASSWORD '${world.postgres.operator.password}'`)
  const path = `/api/v1/namespaces/${world.installation.namespace}/configmaps/postgres-ca`
  await world.api.send('PATCH', path, { data: { 'ca.crt': `${world.postgres.ca}\n${other.ca}` } })
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
  for (const name of names) await declareTenant(world, name)
  for (const name of names) await available(world, name)
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await other?.stop()
  await world?.[Symbol.asyncDispose]()
})

const readServer = () => world.api.get(server)
const change = (patch: object) => world.api.send('PATCH', server, patch)

async function serverIs(reason: string): Promise<Stored> {
  return eventually(
    async () => {
      const found = await readServer()
      const lookedAt = found?.status?.['observedGeneration'] === found?.metadata.generation
      if (found !== undefined && lookedAt && conditionOf(found, 'Ready')?.reason === reason) return found
      throw new Error(JSON.stringify(found?.status))
    },
    { timeout: 60_000, describe: `the DatabaseServer to be ${reason}` },
  )
}

/** All on a server that is a tenant's. */
async function tenantsOn({ query }: Postgres): Promise<readonly object[]> {
  return query(
    `SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 't\\_%' UNION ALL SELECT datname FROM pg_database WHERE datname LIKE 't\\_%'`,
  )
}

const secretOf = (name: string) =>
  world.api.get<Secret & Stored>(`/api/v1/namespaces/tenant-${name}/secrets/tenantry-database`)

async function secretVersions(): Promise<readonly unknown[]> {
  return Promise.all(names.map(async (name) => (await secretOf(name))?.metadata.resourceVersion))
}

/** As they are declared now: an edit that is under way when the server goes is one that failed. */
async function allReady(those: readonly string[] = names): Promise<void> {
  const isDone = async (name: string) => {
    const found = await tenantOf(world, name)
    return isReady(found) && found?.status?.['observedGeneration'] === found?.metadata.generation
  }
  for (const name of those) await eventually(() => isDone(name), { timeout: 60_000, describe: `${name} to be ready` })
}

/** Each tenant says that it waits for its server, and is as usable as it was. */
async function allLeftAlone(t: ExecutionContext): Promise<void> {
  for (const name of names) {
    const tenant = await eventually(
      async () => {
        const found = await tenantOf(world, name)
        return conditionOf(found, 'DatabaseReady')?.reason === 'DatabaseServerNotReady' ? found : undefined
      },
      { timeout: 60_000, describe: `${name} to wait for its server` },
    )
    toldAs(t, tenant, 'AnotherServer')
    t.is(tenant.status?.['phase'], 'Active')
    t.is(conditionOf(tenant, 'Available')?.status, 'True')
  }
}

type Wrong = readonly [string, () => Promise<unknown>, () => Promise<unknown>]

const portOf = (port: number) => ({ spec: { endpoint: { port } } })
const toOther = () => change(portOf(other.port))
const back = () => change(portOf(world.proxies?.postgres.port ?? 0))

const ways: readonly Wrong[] = [
  ['spec.endpoint names an empty server', toOther, back],
  [
    'spec.endpoint names an empty server while no operator runs',
    async () => {
      await operator.kill()
      await toOther()
      operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
    },
    back,
  ],
  [
    'the address leads to an empty server, as by a DNS record',
    async () => world.proxies?.postgres.pointTo(`127.0.0.1:${other.port}`),
    async () => world.proxies?.postgres.pointTo(`127.0.0.1:${world.postgres.port}`),
  ],
  [
    'the DatabaseServer is declared anew while no operator runs, for an empty server',
    async () => {
      await operator.kill()
      const found = await readServer()
      await change({ metadata: { annotations: { 'tenantry.dev/allow-deletion': 'main' } } })
      await world.api.send('DELETE', server)
      // Nobody is there who would let it go.
      await change({ metadata: { finalizers: null } })
      await world.api.send('POST', server.replace('/main', ''), {
        apiVersion: 'tenantry.dev/v1alpha1',
        kind: 'DatabaseServer',
        metadata: { name: 'main' },
        spec: { ...found?.spec, endpoint: { host: 'localhost', port: other.port } },
      })
      operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
    },
    back,
  ],
]

for (const [what, begin, end] of ways)
  test.serial(
    `${what}: nothing is made or re-pointed there, tenants stay as they are, and it heals by itself`,
    async (t) => {
      t.timeout(400_000)
      const secrets = await secretVersions()
      await begin()
      const found = await serverIs('AnotherServer')
      toldAs(t, found, 'ServerIsAnother')
      t.is(conditionOf(found, 'Stalled')?.status, 'True')
      t.regex(
        conditionOf(found, 'Ready')?.message ?? '',
        /kubectl annotate databaseserver main tenantry\.dev\/accept-server=\d+ --overwrite/,
      )
      await allLeftAlone(t)
      const [going, changed] = [newName(), names[0]]
      await declareTenant(world, going)
      await edit(world, changed, { spec: { database: { connectionLimit: 7 } } })
      await eventually(
        async () => conditionOf(await tenantOf(world, going), 'Ready')?.reason === 'DatabaseServerNotReady',
        { timeout: 60_000, describe: 'the new tenant to wait' },
      )
      t.deepEqual(await tenantsOn(other), [])
      t.deepEqual(await secretVersions(), secrets)
      await end()
      await serverIs('Connected')
      await available(world, going)
      await allReady()
      await remove(world, going)
      await edit(world, changed, { spec: { database: { connectionLimit: null } } })
      await allReady()
      t.deepEqual(await tenantsOn(other), [])
      t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
    },
  )

test.serial('a tenant that is deleted meanwhile waits, and its data goes from its own server later', async (t) => {
  t.timeout(300_000)
  const name = newName()
  await declareTenant(world, name)
  const made = await available(world, name)
  const { name: database } = (made.status?.['database'] ?? {}) as { name?: string } // of our own schema
  const isThere = async () =>
    (await world.postgres.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])).length
  await toOther()
  await serverIs('AnotherServer')
  await world.api.send('DELETE', pathOf(world, `tenants/${name}`))
  await eventually(async () => conditionOf(await tenantOf(world, name), 'Ready')?.reason === 'DatabaseServerNotReady', {
    timeout: 60_000,
    describe: 'the deletion to wait',
  })
  t.is(await isThere(), 1)
  await back()
  await remove(world, name)
  t.is(await isThere(), 0)
})

test.serial('the function that tells is revoked: that none of several tenants is there tells it too', async (t) => {
  t.timeout(300_000)
  const revoke = 'REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC'
  await Promise.all([world.postgres, other].map(({ query }) => query(revoke)))
  await toOther()
  const found = await serverIs('AnotherServer')
  t.regex(conditionOf(found, 'Ready')?.message ?? '', new RegExp(`accept-server=localhost:${other.port} --overwrite`))
  t.deepEqual(await tenantsOn(other), [])
  await back()
  await serverIs('Connected')
  await allReady()
  t.deepEqual(await tenantsOn(other), [])
  const grant = 'GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC'
  await Promise.all([world.postgres, other].map(({ query }) => query(grant)))
})

test.serial('two DatabaseServers for one server: the younger is stopped and names the elder', async (t) => {
  t.timeout(300_000)
  const main = await readServer()
  const path = server.replace('main', 'second')
  await world.api.send('POST', server.replace('/main', ''), {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'DatabaseServer',
    metadata: { name: 'second' },
    spec: main?.spec,
  })
  const second = await eventually(
    async () => {
      const found = await world.api.get(path)
      return conditionOf(found, 'Stalled')?.reason === 'DuplicateServer' ? found : undefined
    },
    { timeout: 60_000, describe: 'the younger to be stopped' },
  )
  toldAs(t, second, 'ServerIsDuplicate')
  t.regex(conditionOf(second, 'Ready')?.message ?? '', /^The DatabaseServer main is the same PostgreSQL server/)
  await serverIs('Connected')
  await world.api.send('DELETE', path)
})

const databaseNamed = async (tenant: string) => databaseOf(await tenantOf(world, tenant)).name ?? ''

async function declareWithData(name: string): Promise<void> {
  await declareTenant(world, name)
  await available(world, name)
  await inDatabase(world.postgres, name, `CREATE TABLE orders AS SELECT generate_series(1, 100)`)
}

/** As the tenant's own people, with what its Secret has. */
async function inDatabase(postgres: Postgres, name: string, statement: string): Promise<number> {
  const { database = '', username = '', password = '' } = await credentialsOf(world, name)
  await using session = await postgres.connect({ database, user: username, password })
  return (await session.query(statement)).rowCount ?? 0
}

/** By the command that the message has. */
async function accept(): Promise<Stored> {
  const [, command = ''] =
    /run: kubectl (.*)$/.exec(conditionOf(await serverIs('AnotherServer'), 'Ready')?.message ?? '') ?? []
  await world.cluster.kubectl(command.split(' '))
  const accepted = await serverIs('Connected')
  if (command.includes(`=${String(accepted.status?.['systemIdentifier'])} `)) return accepted
  throw new Error(`${command} was for another server than ${JSON.stringify(accepted.status)}`)
}

/** What a person does who is told that the roles of a tenant bear no mark. */
async function markAgain(name: string): Promise<void> {
  const conflict = await eventually(
    async () => {
      const found = await tenantOf(world, name)
      return conditionOf(found, 'Stalled')?.reason === 'DatabaseConflict' ? found : undefined
    },
    { timeout: 60_000, describe: `${name} to say how it is marked again` },
  )
  const [, statements = ''] = /run as .*: (COMMENT .*;)/.exec(conditionOf(conflict, 'Stalled')?.message ?? '') ?? []
  await other.query(statements)
}

test.serial(
  'another server that a person accepts is the one that is meant from then on; what is missing there is named, and restored or begun empty',
  async (t) => {
    t.timeout(400_000)
    const [restored, emptied, newlyMade] = [newName(), newName(), newName()]
    await Promise.all([restored, emptied].map(declareWithData))
    const { password } = await credentialsOf(world, restored)
    const unmarked = names[2]
    for (const name of names) await copyTenant(await databaseNamed(name), world.postgres, other, name !== unmarked)
    const { systemIdentifier } = (await serverIs('Connected')).status ?? {}
    await toOther()
    t.is((await serverIs('AnotherServer')).status?.['systemIdentifier'], systemIdentifier)
    // Its database is open to PUBLIC until it is known for the tenant's, and the server not ready for that.
    const [accepted] = await Promise.all([accept(), markAgain(unmarked)])
    t.not(accepted.status?.['systemIdentifier'], systemIdentifier)
    await eventually(async () => (await eventsOf(world, 'ServerAccepted')).length > 0, { describe: 'the Event' })
    t.is((await eventsOf(world, 'ServerAccepted')).length, 1)
    const [missing] = await Promise.all([databaseMissing(world, emptied), databaseMissing(world, restored), allReady()])
    await declareTenant(world, newlyMade)
    await available(world, newlyMade)
    // Those that were copied and the new one, each a database and three roles: nothing was made for those that are missing.
    t.is((await tenantsOn(other)).length, 16)
    await Promise.all([copyTenant(await databaseNamed(restored), world.postgres, other), beginEmpty(world, missing)])
    await allReady([restored, emptied, ...names])
    t.is(await inDatabase(other, restored, 'SELECT FROM orders'), 100)
    t.is((await credentialsOf(world, restored))['password'], password)
    t.is(await inDatabase(other, emptied, `SELECT WHERE to_regclass('orders') IS NOT NULL`), 0)
    t.is((await tenantsOn(other)).length, 24)
    await back()
    await serverIs('AnotherServer')
  },
)
