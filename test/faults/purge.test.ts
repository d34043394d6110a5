/**
 * The operator as a process takes the last dump of an archived tenant, and only then lets the data go.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseRecord } from '../../operator/dump/record.ts'
import { uniqueName } from '../harness/context.ts'
import { temporaryFolder } from '../harness/folder.ts'
import type { TemporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { postgresClients } from '../harness/postgres-clients.ts'
import { startS3 } from '../harness/s3.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { refuseByPolicy } from '../integration/refusing.ts'
import { available, declareTenant, newName, tenantOf } from './life.ts'
import { reasonsIn } from './told.ts'
import { isToldAs, toldAs } from '../integration/told-as.ts'

let world: World
let operator: OperatorProcess
let folder: TemporaryFolder
let programs: string

test.before(async (t) => {
  t.timeout(300_000)
  const clients = await postgresClients((sentence) => t.log(sentence))
  folder = await temporaryFolder('purge')
  world = await startWorld()
  programs = Object.values(clients).join(',')
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env: volumeEnv() })
})

const volumeEnv = () => ({
  TENANTRY_DUMP_TARGET: 'volume',
  TENANTRY_DUMP_DIRECTORY: join(folder.path, 'dumps'),
  TENANTRY_POSTGRES_BIN: programs,
})

test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
  await folder?.remove()
})

interface Life {
  readonly phase?: string
  readonly lastHandledDumpRehearsal?: string
  readonly dumpRehearsedAt?: string
  readonly purge?: { readonly dump?: string; readonly finishedAt?: string }
  readonly conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[]
}

async function lifeOf(name: string): Promise<Life> {
  return (await tenantOf(world, name))?.status ?? {}
}

async function archive(name: string, retention = '1s'): Promise<void> {
  const spec = JSON.stringify({ spec: { state: 'Archived', archive: { retention } } })
  await world.cluster.kubectl(['patch', 'tenant', name, '-n', world.installation.home, '--type=merge', '-p', spec])
}

test.serial(
  'an archive whose time is over is dumped, verified, kept and purged; nothing is left on the server',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    await declareTenant(world, name)
    await available(world, name)
    await archive(name)
    const life = await eventually(
      async () => {
        const now = await lifeOf(name)
        return now.purge?.finishedAt === undefined ? undefined : now
      },
      { timeout: 60_000, describe: 'the purge' },
    )
    t.is(life.phase, 'Purged')
    const manifest = await readFile(join(folder.path, 'dumps', `${life.purge?.dump}.json`), 'utf8')
    t.is(parseRecord(manifest)?.tenant, `${world.installation.home}/${name}`)
    const left = await world.postgres.query(`SELECT rolname AS name FROM pg_roles WHERE starts_with(rolname, 't_')
    UNION ALL SELECT datname FROM pg_database WHERE starts_with(datname, 't_')`)
    t.deepEqual(left, [])
  },
)

test.serial(
  'a dump that is not where the status says is told, and taken again before anything is removed',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    await declareTenant(world, name)
    await available(world, name)
    // Long after the status is written below.
    await archive(name, '30s')
    await eventually(async () => (await lifeOf(name)).phase === 'Archived', {
      timeout: 60_000,
      describe: 'the archive',
    })
    const status = JSON.stringify({ status: { purge: { dump: 'nowhere.dump' } } })
    const { home } = world.installation
    await world.cluster.kubectl([
      'patch',
      'tenant',
      name,
      '-n',
      home,
      '--subresource=status',
      '--type=merge',
      '-p',
      status,
    ])
    const life = await purged(name)
    t.not(life.purge?.dump, 'nowhere.dump')
    const manifest = await readFile(join(folder.path, 'dumps', `${life.purge?.dump}.json`), 'utf8')
    t.is(parseRecord(manifest)?.tenant, `${home}/${name}`)
    await eventually(async () => (await reasonsIn(world))('Tenant', name).includes('DumpLost'), {
      describe: 'the Event DumpLost',
    })
  },
)

async function purged(name: string): Promise<Life> {
  return eventually(
    async () => {
      const now = await lifeOf(name)
      if (now.purge?.finishedAt !== undefined) return now
      throw new Error(JSON.stringify(now.conditions))
    },
    { timeout: 90_000, describe: `the purge of ${name}` },
  )
}

async function asApplication(name: string, sql: string): Promise<readonly object[]> {
  const secret = await world.api.get(`/api/v1/namespaces/tenant-${name}/secrets/tenantry-database`)
  const field = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString()
  const account = { user: field('username'), password: field('password') }
  await using session = await world.postgres.connect({ ...account, database: field('database') })
  return (await session.query<object>(sql)).rows
}

test.serial(
  'a purge is held while the namespace of the Tenant is being deleted, and says so: the data is kept',
  async (t) => {
    t.timeout(300_000)
    const { api } = world
    const [name, home] = [newName(), uniqueName('home')]
    const at = `/api/v1/namespaces/${home}`
    const tenants = `/apis/tenantry.dev/v1alpha1/namespaces/${home}/tenants`
    const annotations = { 'tenantry.dev/allow-deletion': home }
    const core = { apiVersion: 'v1', kind: 'Namespace' }
    await api.send('POST', '/api/v1/namespaces', {
      ...core,
      metadata: { name: home, labels: { 'tenantry.dev/home': 'true' }, annotations },
    })
    await api.send('POST', tenants, {
      apiVersion: 'tenantry.dev/v1alpha1',
      kind: 'Tenant',
      metadata: { name },
      spec: { displayName: 'Held', subdomain: name, provisioning: 'Immediate' },
    })
    const when = (check: (life: Life) => boolean, describe: string) =>
      eventually(
        async () => {
          const life: Life = (await api.get(`${tenants}/${name}`))?.status ?? {}
          if (check(life)) return life
          throw new Error(JSON.stringify(life))
        },
        { timeout: 90_000, describe: `${name} ${describe}` },
      )
    const isFor = (type: string, reason: string) => (life: Life) =>
      life.conditions?.find((each) => each.type === type)?.reason === reason
    await when(isFor('Available', 'Provisioned'), 'to be available')
    await asApplication(name, 'CREATE TABLE notes AS SELECT 1 AS line')
    // Without it the namespace takes the Tenant along at once.
    const refused = { namespace: home, group: 'tenantry.dev', resource: 'tenants', operations: ['DELETE'] } as const
    const end = await refuseByPolicy(api, uniqueName('keep'), refused, 'Keep the tenants.')
    await api.send('DELETE', at)
    await api.send('PATCH', `${tenants}/${name}`, { spec: { state: 'Archived', archive: { retention: '1s' } } })
    const held = await when(isFor('Ready', 'PurgeHeld'), 'to be held')
    t.is(held.phase, 'Archived')
    t.is(held.purge?.finishedAt, undefined)
    const { database } = held as { readonly database?: { readonly name?: string } }
    t.deepEqual(await world.postgres.query('SELECT line FROM notes', [], database?.name ?? ''), [{ line: 1 }])
    await end()
    await eventually(async () => (await api.get(at)) === undefined, {
      timeout: 120_000,
      describe: `${home} to be gone`,
    })
    t.deepEqual(await world.postgres.query('SELECT line FROM notes', [], database?.name ?? ''), [{ line: 1 }])
  },
)

test.serial(
  'of two that share a database one is dumped and purged, by its schema; the other has all it had',
  async (t) => {
    t.timeout(300_000)
    const { kubectl } = world.cluster
    const offer = JSON.stringify({ spec: { isolation: ['Database', 'Schema'] } })
    await kubectl(['patch', 'databaseserver', world.installation.server, '--type=merge', '-p', offer])
    const [name, neighbour] = [newName(), newName()]
    for (const each of [name, neighbour]) {
      await declareTenant(world, each, { database: { isolation: 'Schema' } })
      await available(world, each)
      await asApplication(each, `CREATE TABLE notes AS SELECT '${each}' AS whose FROM generate_series(1, 10)`)
    }
    const { schema, name: database } = ((await tenantOf(world, name))?.status?.['database'] ?? {}) as Record<
      string,
      string
    > // our own status
    await archive(name)
    const life = await purged(name)
    const record = parseRecord(await readFile(join(folder.path, 'dumps', `${life.purge?.dump}.json`), 'utf8'))
    t.deepEqual(record?.rows, { [`"${schema}"."notes"`]: 10 })
    const left = await world.postgres.query(
      `SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE $1 UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE $1`,
      [`${schema}%`],
      database,
    )
    t.deepEqual(left, [])
    t.deepEqual(await asApplication(neighbour, 'SELECT DISTINCT whose FROM notes'), [{ whose: neighbour }])
  },
)

test.serial(
  'what keeps the last dump from being read is named in the condition, and the statement there mends it',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    await declareTenant(world, name)
    await available(world, name)
    const { name: database } = ((await tenantOf(world, name))?.status?.['database'] ?? {}) as Record<string, string> // our own status
    await world.postgres.query('CREATE TABLE public.imported AS SELECT 4711 AS card', [], database)
    await archive(name)
    const stalled = await eventually(
      async () =>
        (await lifeOf(name)).conditions?.find(({ type, reason }) => type === 'Stalled' && reason === 'DumpFailed'),
      { timeout: 60_000, describe: 'the refusal' },
    )
    t.regex(stalled.message, /The table "public"\."imported" belongs to the role "postgres".* Correct that/)
    const [, statement = ''] = /: (ALTER TABLE [^;]+;)/.exec(stalled.message) ?? []
    await world.postgres.query(statement, [], database)
    await operator[Symbol.asyncDispose]()
    operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env: volumeEnv() })
    t.is((await purged(name)).phase, 'Purged')
  },
)

test.serial(
  'a rehearsal while the tenant lives says what would fail and who mends it, and is in nobody’s way',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    await declareTenant(world, name)
    await available(world, name)
    const { name: database } = ((await tenantOf(world, name))?.status?.['database'] ?? {}) as Record<string, string> // our own status
    await asApplication(name, 'CREATE TABLE notes AS SELECT 1 AS n')
    await world.postgres.query('CREATE TABLE public.imported AS SELECT 4711 AS card', [], database)
    const failing = await rehearse(name, 'one')
    t.is(failing.reason, 'DumpFailed')
    const [, statement = ''] = /: (ALTER TABLE [^;]+;)/.exec(failing.message) ?? []
    await world.postgres.query(statement, [], database)
    t.is((await rehearse(name, 'two')).reason, 'DumpRehearsed')
    t.deepEqual(await asApplication(name, 'SELECT n FROM notes'), [{ n: 1 }])
  },
)

test.serial('a rehearsal comes with the archive, and not again with a restart', async (t) => {
  t.timeout(300_000)
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  await archive(name, '30d')
  await eventually(async () => (await lifeOf(name)).dumpRehearsedAt, {
    timeout: 60_000,
    describe: 'the rehearsal of the archive',
  })
  t.true((await lifeOf(name)).conditions?.some(({ reason }) => reason === 'DumpRehearsed'))
  await operator[Symbol.asyncDispose]()
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env: volumeEnv() })
  // One that is asked for afterwards is the first that the new process makes.
  await rehearse(name, 'afterwards')
  t.is((await operator.logs()).split('"dump rehearsed"').length - 1, 1)
})

/** Asks for a rehearsal; its condition, once that is answered. */
async function rehearse(name: string, value: string) {
  const annotation = `tenantry.dev/dump-rehearsal-requested-at=${value}`
  const { home } = world.installation
  await world.cluster.kubectl(['annotate', 'tenant', name, '-n', home, '--overwrite', annotation])
  const answer = async () => {
    const { lastHandledDumpRehearsal, conditions } = await lifeOf(name)
    return lastHandledDumpRehearsal === value ? conditions?.find(({ type }) => type === 'DumpRehearsed') : undefined
  }
  return eventually(answer, { timeout: 60_000, describe: `the answer to ${value}` })
}

test.serial('a target that cannot be written keeps the data, says so, and the annotation lets it go', async (t) => {
  t.timeout(300_000)
  const dumps = join(folder.path, 'dumps')
  await rm(dumps, { recursive: true, force: true })
  await writeFile(dumps, 'no folder')
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  await archive(name)
  const stalled = await eventually(
    async () =>
      (await lifeOf(name)).conditions?.find(({ type, reason }) => type === 'Stalled' && reason === 'DumpFailed'),
    { timeout: 60_000, describe: 'the refusal' },
  )
  toldAs(t, await tenantOf(world, name), 'DumpTargetRefused')
  t.regex(stalled.message, /The data is kept\..*tenantry\.dev\/skip-final-dump/)
  const { kubectl } = world.cluster
  await kubectl(['annotate', 'tenant', name, '-n', world.installation.home, `tenantry.dev/skip-final-dump=${name}`])
  await eventually(async () => (await lifeOf(name)).purge?.finishedAt, { timeout: 60_000, describe: 'the purge' })
  t.is((await lifeOf(name)).purge?.dump, undefined)
})

test.serial('with a bucket for a target the dump is there, verified, before the data goes', async (t) => {
  t.timeout(300_000)
  await using s3 = await startS3((sentence) => t.log(sentence))
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder.path, name), content, { mode: 0o600 })
    return join(folder.path, name)
  }
  const env = {
    TENANTRY_DUMP_TARGET: 's3',
    TENANTRY_DUMP_DIRECTORY: join(folder.path, 'scratch'),
    TENANTRY_DUMP_S3_ENDPOINT: s3.endpoint,
    TENANTRY_DUMP_S3_REGION: s3.region,
    TENANTRY_DUMP_S3_BUCKET: s3.bucket,
    TENANTRY_DUMP_S3_PREFIX: 'tenants/',
    TENANTRY_DUMP_S3_ACCESS_KEY_FILE: await file('access-key', s3.accessKey),
    TENANTRY_DUMP_S3_SECRET_KEY_FILE: await file('secret-key', s3.secretKey),
    TENANTRY_DUMP_S3_CA_FILE: await file('s3-ca.crt', s3.ca),
    TENANTRY_POSTGRES_BIN: programs,
  }
  await operator[Symbol.asyncDispose]()
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  await asApplication(name, 'CREATE TABLE notes AS SELECT n FROM generate_series(1, 10) n')
  await archive(name)
  const life = await purged(name)
  const key = `tenants/${life.purge?.dump}`
  const record = parseRecord((await s3.object(`${key}.json`)).toString())
  t.deepEqual(record?.rows, { '"public"."notes"': 10 })
  t.is((await s3.object(key)).byteLength, record?.bytes ?? -1)
  t.is((await s3.keys()).length, 2)
  const second = newName()
  await declareTenant(world, second)
  await available(world, second)
  await s3.stop()
  await archive(second)
  await eventually(async () => isToldAs(await tenantOf(world, second), 'DumpTargetUnavailable'), {
    timeout: 90_000,
    describe: `${second} to tell that the bucket cannot be reached`,
  })
})
