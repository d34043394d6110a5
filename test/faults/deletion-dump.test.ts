/**
 * A deletion that takes a last dump first, on real servers: the data goes when the dump is kept and verified, and not before.
 */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseRecord } from '../../operator/dump/record.ts'
import { temporaryFolder } from '../harness/folder.ts'
import type { TemporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { postgresClients } from '../harness/postgres-clients.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { blockers, programNames } from './dump-blockers.ts'
import type { Blocker } from './dump-blockers.ts'
import { dumpsOf } from './dump-state.ts'
import { violations } from './judged.ts'
import {
  available,
  conditionOf,
  credentialsOf,
  declareTenant,
  holdNamespace,
  newName,
  removeOne,
  tenantOf,
} from './life.ts'
import { reasonsIn } from './told.ts'
import { isToldAs, toldAs, toldWithCause } from '../integration/told-as.ts'

let world: World
let operator: OperatorProcess
let folder: TemporaryFolder
/** The folder of pg_dump and pg_restore. */
let programs: string
const limit = 300_000

test.before(async (t) => {
  t.timeout(limit)
  const clients = await postgresClients((sentence) => t.log(sentence))
  folder = await temporaryFolder('deletion-dump')
  programs = join(folder.path, 'programs')
  await layPrograms(clients[18])
  world = await startWorld()
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env: volumeEnv() })
  for (const [name, finalDump] of [
    ['dumped', true],
    ['plain', false],
  ] as const)
    await world.api.send('POST', '/apis/tenantry.dev/v1alpha1/tenantplans', {
      apiVersion: 'tenantry.dev/v1alpha1',
      kind: 'TenantPlan',
      metadata: { name },
      spec: { deletion: { finalDump } },
    })
})

/** They do for a tenant what the file beside them says, which has its name and the database's, and then what they are for. */
async function layPrograms(clients: string): Promise<void> {
  await mkdir(programs)
  for (const name of programNames) {
    const real = join(clients, name)
    const lines = [
      '#!/bin/sh',
      `real=${real}`,
      '[ "$1" = --version ] && exec "$real" --version',
      'trick="$0.${PGDATABASE%_v}"',
      '[ ! -e "$trick" ] || . "$trick"',
      'exec "$real" "$@"',
    ]
    await writeFile(join(programs, name), `${lines.join('\n')}\n`)
  }
  await modeOfPrograms(0o755)
}

async function modeOfPrograms(mode: number): Promise<void> {
  for (const name of programNames) await chmod(join(programs, name), mode)
}

const volumeEnv = () => ({
  TENANTRY_DUMP_TARGET: 'volume',
  TENANTRY_DUMP_DIRECTORY: folder.path,
  TENANTRY_POSTGRES_BIN: programs,
})

async function restart(env: Readonly<Record<string, string>>): Promise<void> {
  await operator[Symbol.asyncDispose]()
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
}

test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
  await folder?.remove()
})

/** With a table of ten rows. */
async function made(
  plan?: string,
): Promise<{ readonly name: string; readonly uid: string; readonly database: string }> {
  const name = newName()
  await declareTenant(world, name, plan === undefined ? {} : { plan })
  const { metadata } = await available(world, name)
  await ask(name, 'CREATE TABLE notes AS SELECT n FROM generate_series(1, 10) n')
  const { database = '' } = await credentialsOf(world, name)
  return { name, uid: metadata.uid, database }
}

async function ask(name: string, sql: string): Promise<readonly object[]> {
  const { database = '', username = '', password = '' } = await credentialsOf(world, name)
  await using session = await world.postgres.connect({ user: username, password, database })
  return (await session.query<object>(sql)).rows
}

const until = <T>(what: string, check: () => Promise<T | undefined | false>) =>
  eventually(check, { timeout: 90_000, interval: 100, describe: what })

const gone = (name: string) => until(`${name} to be gone`, async () => (await tenantOf(world, name)) === undefined)

async function refused(name: string): Promise<string> {
  return until('the refusal', async () => {
    const tenant = await tenantOf(world, name)
    const stalled = conditionOf(tenant, 'Stalled')
    if (stalled?.reason === 'DumpFailed') return stalled.message
    throw new Error(tenant === undefined ? 'It is gone' : JSON.stringify(tenant.status?.['conditions']))
  })
}

async function deletionOf(name: string): Promise<{ readonly dump?: string; readonly startedAt?: string }> {
  return (await tenantOf(world, name))?.status?.['deletion'] ?? {}
}

async function annotate(name: string, annotation: string): Promise<void> {
  await world.cluster.kubectl(['annotate', 'tenant', name, '-n', world.installation.home, annotation])
}

/** What is left of it on the server: its database and roles, and what a dump needs for a while. */
const left = (database: string) =>
  world.postgres.query<{ name: string }>(
    `SELECT rolname::text AS name FROM pg_roles WHERE starts_with(rolname, $1)
     UNION ALL SELECT datname FROM pg_database WHERE starts_with(datname, $1)`,
    [database],
  )

test.serial('the dump is whole, verified and recorded before the data goes, and its place is told', async (t) => {
  t.timeout(limit)
  const { name, uid, database } = await made('dumped')
  const letGo = await holdNamespace(world, name)
  await removeOne(world, `tenants/${name}`)
  const path = await until('the dump to be recorded', async () => (await deletionOf(name)).dump)
  await letGo()
  const record = parseRecord(await readFile(join(folder.path, `${path}.json`), 'utf8'))
  t.deepEqual(record?.rows, { '"public"."notes"': 10 })
  t.is(record?.tenant, `${world.installation.home}/${name}`)
  await gone(name)
  t.deepEqual(await left(database), [])
  const files = (await dumpsOf(folder.path, { name, uid, adminUid: '' })) as readonly { readonly whole?: boolean }[]
  t.true(files.some(({ whole }) => whole))
  await until('the dump to be told', async () => (await reasonsIn(world))('Tenant', name).includes('DumpKept'))
  await until('the log to tell it', async () => (await operator.logs()).includes(path))
})

test.serial('what keeps the dump from being read keeps all of it; mended, it goes on', async (t) => {
  t.timeout(limit)
  const { name, database } = await made('dumped')
  await world.postgres.query('CREATE TABLE public.imported AS SELECT 4711 AS card', [], database)
  await removeOne(world, `tenants/${name}`)
  const message = await refused(name)
  toldAs(t, await tenantOf(world, name), 'DumpFailed')
  toldWithCause(t, await tenantOf(world, name), 'DumpUnreadable')
  t.regex(message, /The table "public"\."imported" belongs to the role "postgres".*skip-final-dump/s)
  t.truthy(await world.api.get(`/api/v1/namespaces/tenant-${name}/secrets/tenantry-database`))
  t.deepEqual(await world.postgres.query('SELECT count(*)::int AS n FROM notes', [], database), [{ n: 10 }])
  t.is((await left(database)).length, 4, 'nothing is left of the try')
  const [, statement = ''] = /: (ALTER TABLE [^;]+;)/.exec(message) ?? []
  await world.postgres.query(statement, [], database)
  await restart(volumeEnv())
  await gone(name)
  t.deepEqual(await left(database), [])
})

async function block({ own = [], outside, trick }: Omit<Blocker, 'told'>) {
  const { name, database } = await made('dumped')
  for (const statement of own) await ask(name, statement)
  if (trick !== undefined) await writeFile(join(programs, `${trick[0]}.${database}`), `${trick[1]}\n`)
  if (outside !== undefined) await world.postgres.query(outside(database))
  await removeOne(world, `tenants/${name}`)
  return { name, database }
}

/** A tenant in deletion whose database takes no session. Before the deletion the operator would repair that. */
async function withoutSessions(): Promise<string> {
  const { name, database } = await block({ trick: ['pg_dump', 'exit 1'] })
  await refused(name)
  await world.postgres.query(`ALTER DATABASE ${database} CONNECTION LIMIT 0`)
  return name
}

test.serial('what keeps a dump from succeeding is told by its row, and the annotation lets the data go', async (t) => {
  t.timeout(limit)
  const kept = await Promise.all(
    Object.values(blockers).map(async (blocker) => {
      const { name, database } = await block(blocker)
      await refused(name)
      blocker.told(t, await tenantOf(world, name))
      return { name, database }
    }),
  )
  await modeOfPrograms(0o644)
  const { name } = await block({ trick: ['pg_dump', 'exec sleep 60'] })
  await refused(name)
  toldAs(t, await tenantOf(world, name), 'DumpNoClient')
  await modeOfPrograms(0o755)
  const full = await withoutSessions()
  await restart({ ...volumeEnv(), TENANTRY_DUMP_TIMEOUT: '10s' })
  await until('the dump to take too long', async () => isToldAs(await tenantOf(world, name), 'DumpTimedOut'))
  await until('no session to be had', async () => isToldAs(await tenantOf(world, full), 'DumpServerUnavailable'))
  await Promise.all(kept.map(({ database }) => world.postgres.query(`DROP ROLE IF EXISTS ${database}_d`)))
  const names = [...kept.map((each) => each.name), name, full]
  await Promise.all(names.map((each) => annotate(each, `tenantry.dev/skip-final-dump=${each}`)))
  await Promise.all(names.map(gone))
})

test.serial(
  'once the removal has begun, a dump that is gone from its place keeps the rest; put back, it goes on',
  async (t) => {
    t.timeout(limit)
    await restart(volumeEnv())
    const { name, database } = await made('dumped')
    const elsewhere = join(folder.path, 'elsewhere')
    let path = ''
    {
      // A superuser's, which the operator may not end: while it lasts the database cannot be dropped.
      await using session = await world.postgres.connect({ database })
      await removeOne(world, `tenants/${name}`)
      path = await until('the removal to begin', async () => {
        const { dump, startedAt } = await deletionOf(name)
        return startedAt !== undefined && dump
      })
      await rename(join(folder.path, path), elsewhere)
      await until('the dump to be missed', async () => isToldAs(await tenantOf(world, name), 'DumpGone'))
      t.regex(await refused(name), new RegExp(`is no longer at ${path}\\. The rest of the data is kept\\.`))
      t.deepEqual((await session.query('SELECT count(*)::int AS n FROM notes')).rows, [{ n: 10 }])
    }
    await rename(elsewhere, join(folder.path, path))
    await gone(name)
    t.deepEqual(await left(database), [])
  },
)

test.serial('without a target nothing goes; undone it is usable again, and the annotation lets it go', async (t) => {
  t.timeout(limit)
  await restart({ TENANTRY_DELETION_FINAL_DUMP: 'true' })
  const { name, database } = await made()
  await removeOne(world, `tenants/${name}`)
  t.regex(await refused(name), /^No target for dumps is configured\. The data is kept\./)
  toldAs(t, await tenantOf(world, name), 'DumpFailed')
  toldAs(t, await tenantOf(world, name), 'DumpNoTarget')
  await annotate(name, `tenantry.dev/undo-deletion=${name}`)
  await gone(name)
  await declareTenant(world, name)
  await available(world, name)
  t.deepEqual(await ask(name, 'SELECT count(*)::int AS n FROM notes'), [{ n: 10 }])
  await until('it to be ready', async () => conditionOf(await tenantOf(world, name), 'Ready')?.status === 'True')
  await removeOne(world, `tenants/${name}`)
  await refused(name)
  await annotate(name, `tenantry.dev/skip-final-dump=${name}`)
  await gone(name)
  t.deepEqual(await left(database), [])
})

test.serial('a plan that asks for none counts before the installation', async (t) => {
  t.timeout(limit)
  const { name, database } = await made('plain')
  await removeOne(world, `tenants/${name}`)
  await gone(name)
  t.deepEqual(await left(database), [])
  await until('nothing to be wrong', async () => (await violations(world)).length === 0)
})
