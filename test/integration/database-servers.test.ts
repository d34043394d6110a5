/** Several DatabaseServers, PostgreSQL 18 and 15, through the whole operator: where tenants are placed, and that none meets another. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { harness, uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer, isConnected, readyReason } from './server-scene.ts'
import type { DeclaredServer } from './server-scene.ts'
import { bindingOf, conditionOf, isReady, logIn, logsIn, openScene, waitsFor } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { toldAs } from './told-as.ts'

interface Place {
  readonly postgres: Postgres
  readonly server: DeclaredServer
}

const majors = [18, 15] as const
const region = uniqueName('region')
/** Less room than the server without a limit has, that all share. */
const roomy = 50

let scene: Scene & AsyncDisposable
let places: Readonly<Record<(typeof majors)[number], Place>>

/** What others of the run are not placed on: they ask for no label, and the one that all share has more room. */
async function placeOn(major: (typeof majors)[number]): Promise<Place> {
  const postgres = await startPostgres({ major, maxConnections: 100 })
  const spec = {
    isolation: ['Database', 'Schema'],
    unschedulable: true,
    capacity: { maxTenants: roomy },
    // Another name of the same server, which its certificate has too.
    applicationEndpoint: { host: '127.0.0.1', port: postgres.port },
  }
  const server = await declareServer(scene, postgres, spec, { region, major: String(major) })
  await server.when(isConnected)
  return { postgres, server }
}

test.before(async (t) => {
  t.timeout(240_000)
  scene = await openScene()
  const [newest, oldest] = await Promise.all([placeOn(18), placeOn(15)])
  places = { 18: newest, 15: oldest }
})
test.after.always(async () => {
  await Promise.all(Object.values(places ?? {}).map(({ postgres }) => postgres.stop()))
  await scene?.[Symbol.asyncDispose]()
})

const on = (major: number) => ({ serverSelector: { matchLabels: { region, major: String(major) } } })

/** For the length of `work` tenants can be placed there. */
async function open<T>(major: (typeof majors)[number], work: () => Promise<T>): Promise<T> {
  const { server } = places[major]
  await server.change({ unschedulable: false })
  try {
    return await work()
  } finally {
    await server.change({ unschedulable: true })
  }
}

interface Settled {
  readonly tenant: Tenant
  readonly binding: Readonly<Record<string, string>>
}

async function settled(major: (typeof majors)[number], isolation: 'Database' | 'Schema'): Promise<Settled> {
  const tenant = await scene.provisioned({ database: { ...on(major), isolation } })
  return { tenant, binding: await bindingOf(scene, tenant) }
}

test.serial(
  'The matrix: no credentials open anything of another tenant, on either version, with either isolation',
  async (t) => {
    t.timeout(300_000)
    const isolations = ['Database', 'Database', 'Schema', 'Schema'] as const
    const made = await Promise.all(
      majors.map((major) => open(major, () => Promise.all(isolations.map((isolation) => settled(major, isolation))))),
    )
    const all = made.flat()
    for (const { binding } of all) {
      await using session = await logIn(binding)
      await session.query(`CREATE TABLE secrets AS SELECT 'of its own' AS x; GRANT ALL ON secrets TO PUBLIC`)
    }
    const targets = new Set(all.map(({ binding: { port, database } }) => JSON.stringify({ port, database })))
    for (const { postgres } of Object.values(places))
      for (const database of ['postgres', 'template1'])
        targets.add(JSON.stringify({ port: String(postgres.port), database }))
    let tried = 0
    for (const { binding } of all) {
      for (const target of [...targets].map((each) => JSON.parse(each) as { port: string; database: string })) {
        const own = target.port === binding['port'] && target.database === binding['database']
        const ca =
          Object.values(places).find(({ postgres }) => String(postgres.port) === target.port)?.postgres.ca ?? ''
        tried += 1
        t.is(
          await logsIn({ ...binding, ...target, 'ca.crt': ca }),
          own,
          `${binding['username']} on ${JSON.stringify(target)}`,
        )
      }
      await using session = await logIn(binding)
      const neighbours = all.filter((other) => other.binding['username'] !== binding['username'])
      for (const { binding: other } of neighbours) {
        const table = `${other['schema'] ?? 'public'}.secrets`
        if (other['database'] === binding['database'] && other['port'] === binding['port'])
          await t.throwsAsync(session.query(`SELECT * FROM ${table}`), { message: /permission denied for schema/ })
      }
      t.is((await session.query('SELECT x FROM secrets')).rowCount, 1)
    }
    t.is(tried, 8 * 10)
    const shared = made.map((group) => new Set(group.slice(2).map(({ binding }) => binding['database'])).size)
    t.deepEqual(shared, [1, 1])
    await Promise.all(all.map(({ tenant }) => scene.deleted(tenant)))
    for (const { postgres } of Object.values(places)) {
      t.deepEqual(await postgres.query(`SELECT rolname FROM pg_roles WHERE rolname LIKE 't\\_%'`), [])
      const [database] = await postgres.query<{ name: string }>(
        `SELECT datname AS name FROM pg_database WHERE datname LIKE 's\\_%'`,
      )
      t.deepEqual(
        await postgres.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'`, [], database?.name),
        [],
      )
    }
  },
)

for (const major of majors)
  test.serial(
    `Not Ready while PUBLIC may connect to another database, with the SQL that mends it: PostgreSQL ${major}`,
    async (t) => {
      const { postgres, server } = places[major]
      await postgres.query('CREATE DATABASE "an ""open"" one"')
      const found = await server.when((each) => readyReason(each) === 'PublicMayConnect')
      toldAs(t, found, 'ServerOpenToPublic')
      const ready = found.status?.conditions?.find(({ type }) => type === 'Ready')
      t.is(ready?.status, 'False')
      const [, sql = ''] = /run: (.*)$/s.exec(ready?.message ?? '') ?? []
      t.regex(sql, /^REVOKE /)
      await postgres.query(sql)
      await server.when(isConnected)
      const { operator } = postgres
      await (await postgres.connect({ ...operator, database: 'an "open" one' })).end()
      await postgres.query('DROP DATABASE "an ""open"" one"')
    },
  )

test.serial('Health: the version, the number of tenants and their size are in the status', async (t) => {
  for (const major of majors) {
    const { status } = await places[major].server.when(({ status: seen }) => seen?.version !== undefined)
    t.regex(status?.version ?? '', new RegExp(`^${major}\\.`))
  }
})

test.serial('Unschedulable or full: it waits, says so, and is placed when there is room', async (t) => {
  t.timeout(240_000)
  const tenant = await scene.declare({ database: on(18) })
  const waiting = await scene.when(tenant, waitsFor('NoDatabaseServer'))
  t.regex(conditionOf(waiting, 'Ready')?.message ?? '', /unschedulable, full/)
  const { server } = places[18]
  await server.change({ unschedulable: false, capacity: { maxTenants: 1 } })
  const placed = await scene.when(tenant, isReady)
  t.is(placed.status?.database?.server, server.name)
  const second = await scene.declare({ database: on(18) })
  await scene.when(second, waitsFor('NoDatabaseServer'))
  await server.change({ capacity: { maxTenants: 2 } })
  await scene.when(second, isReady)
  await server.change({ unschedulable: true, capacity: { maxTenants: roomy } })
  await Promise.all([scene.deleted(tenant), scene.deleted(second)])
})

test.serial('Of tenants that are declared at once no more are placed than the server takes', async (t) => {
  t.timeout(300_000)
  const { server } = places[18]
  await server.change({ unschedulable: false, capacity: { maxTenants: 2 } })
  const declared = await Promise.all(Array.from({ length: 8 }, () => scene.declare({ database: on(18) })))
  const isTold = (tenant: Tenant) => isReady(tenant) || waitsFor('NoDatabaseServer')(tenant)
  const told = await Promise.all(declared.map((tenant) => scene.when(tenant, isTold)))
  t.is(told.filter(isReady).length, 2)
  await server.change({ unschedulable: true, capacity: { maxTenants: roomy } })
  await Promise.all(declared.map((tenant) => scene.deleted(tenant)))
})

test.serial('Of several that match, the one with the most room is taken', async (t) => {
  t.timeout(240_000)
  await places[18].server.change({ unschedulable: false, capacity: { maxTenants: 5 } })
  await places[15].server.change({ unschedulable: false, capacity: { maxTenants: 9 } })
  const tenant = await scene.provisioned({ database: { serverSelector: { matchLabels: { region } } } })
  t.is(tenant.status?.database?.server, places[15].server.name)
  for (const major of majors)
    await places[major].server.change({ unschedulable: true, capacity: { maxTenants: roomy } })
  await scene.deleted(tenant)
})

test.serial(
  'Applications are told the address that is theirs, and reach it with the certificate checked in full',
  async (t) => {
    const { tenant, binding } = await open(18, () => settled(18, 'Schema'))
    t.is(binding['host'], '127.0.0.1')
    t.is(binding['sslmode'], 'verify-full')
    t.true(await logsIn(binding))
    t.false(await logsIn({ ...binding, 'ca.crt': places[15].postgres.ca }))
    await scene.deleted(tenant)
  },
)

test.serial('A certificate of another authority: the server is not Ready, and no tenant is placed there', async (t) => {
  const { postgres } = places[18]
  const server = await declareServer(scene, { ...postgres, ca: places[15].postgres.ca }, {}, { region: `${region}-x` })
  const refused = await server.when((each) => readyReason(each) === 'TlsVerificationFailed')
  toldAs(t, refused, 'ServerCertificateUntrusted')
  const { conditions = [] } = refused.status ?? {}
  t.true(conditions.some(({ type, status }) => type === 'Stalled' && status === 'True'))
  t.regex(conditions.find(({ type }) => type === 'Ready')?.message ?? '', /certificate.*\(spec\.tls\.ca\w+Ref\)/)
  const tenant = await scene.declare({ database: { serverSelector: { matchLabels: { region: `${region}-x` } } } })
  await scene.when(tenant, waitsFor('DatabaseServerNotReady'))
  await scene.deleted(tenant)
  await server.remove()
})

test.serial(
  'A login from a Secret made with --from-file logs in; one of two lines is told with the entry and the way out',
  async (t) => {
    t.timeout(240_000)
    const postgres = await startPostgres({ major: 15 })
    try {
      const { user, password } = postgres.operator
      const broken = { ...postgres, operator: { user: `${user}\n`, password: `${password}\nand another line\n` } }
      const server = await declareServer(scene, broken, { unschedulable: true })
      const refused = await server.when((each) => readyReason(each) === 'ServerLoginFailed')
      toldAs(t, refused, 'ServerCredentialUnfit')
      const stalled = refused.status?.conditions?.find(({ type }) => type === 'Stalled')
      t.regex(
        stalled?.message ?? '',
        new RegExp(
          `^The entry password of the Secret ${server.name} \\(spec.admin.secretRef\\) has line breaks .*--from-literal\\.$`,
        ),
      )
      const { namespace } = harness().operator
      const secret = `/api/v1/namespaces/${namespace}/secrets/${server.name}`
      await scene.change(secret, { stringData: { username: `${user}\n`, password: `${password}\r\n` } })
      await server.when(isConnected)
      await server.remove()
    } finally {
      await postgres.stop()
    }
  },
)

test.serial(
  'How its data is kept cannot be changed afterwards, and what somebody breaks is mended by the next look',
  async (t) => {
    t.timeout(240_000)
    const { tenant, binding } = await open(15, () => settled(15, 'Schema'))
    const path = `/apis/tenantry.dev/v1alpha1/namespaces/${tenant.metadata.namespace}/tenants/${tenant.metadata.name}`
    await scene.change(path, { spec: { database: { isolation: 'Database' } } })
    const refused = await scene.when(tenant, (each) => conditionOf(each, 'Stalled')?.reason === 'IsolationFixed')
    t.is(conditionOf(refused, 'Available')?.status, 'True')
    await scene.change(path, { spec: { database: { isolation: 'Schema' } } })
    await scene.when(tenant, isReady)
    const { schema = '', database = '', username = '' } = binding
    const { postgres } = places[15]
    await postgres.query(
      `GRANT USAGE ON SCHEMA ${schema} TO PUBLIC; ALTER ROLE ${username} RESET search_path`,
      [],
      database,
    )
    const mended = async () => {
      const [row] = await postgres.query<{ well: boolean }>(
        `SELECT NOT has_schema_privilege('pg_monitor', '${schema}', 'USAGE') AND EXISTS (SELECT FROM pg_db_role_setting
         WHERE setrole = '${username}'::regrole AND 'search_path=${schema}' = ANY (setconfig)) AS well`,
        [],
        database,
      )
      return row?.well === true
    }
    await eventually(mended, { timeout: 60_000, describe: 'the schema to be closed again' })
    await scene.deleted(tenant)
  },
)

for (const isolation of ['Database', 'Schema'] as const)
  test.serial(`The size of a tenant's data is told roughly, isolation ${isolation}`, async (t) => {
    t.timeout(240_000)
    const { tenant, binding } = await open(18, () => settled(18, isolation))
    const mib = 2 ** 20
    t.is(tenant.status?.database?.sizeBytes, 16 * mib)
    await using session = await logIn(binding)
    await session.query(`CREATE TABLE big AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 40000); ANALYZE big`)
    // A look while the table was written has seen a part of it.
    const whole = (isolation === 'Schema' ? 48 : 64) * mib
    const grown = await scene.when(tenant, ({ status }) => (status?.database?.sizeBytes ?? 0) >= whole)
    t.is(grown.status?.database?.sizeBytes, whole)
    await session.end()
    await scene.deleted(tenant)
  })
