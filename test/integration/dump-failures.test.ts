/** What can go wrong with a dump: the right reason, and nothing left behind. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { fileError } from '../../operator/dump/file.ts'
import type { DumpTarget } from '../../operator/dump/port.ts'
import { createVolumeTarget } from '../../operator/dump/volume.ts'
import { signal as kill } from '../harness/process-tree.ts'
import { startPostgres } from '../harness/postgres.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { eventually } from '../harness/wait.ts'
import { archive, clients, failureOf, folder, orderOf, remains, scene, tenantWithData } from './dump-scene.ts'
import { loginAs, provisioned, soon } from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'
import type { DumperSettings } from '../../operator/dump/remains.ts'

const postgres = await postgresForTests()

/** A tenant whose database has been given this too. */
async function tenantWith(t: ExecutionContext, statements: readonly string[], settings: Partial<DumperSettings> = {}) {
  const root = await folder(t)
  const made = scene(t, postgres, createVolumeTarget(root), { settings })
  const tenant = await provisioned(made.server)
  await using session = await loginAs(postgres, tenant)
  for (const statement of statements) await session.query(statement)
  await archive(made.server, tenant)
  return { ...made, tenant, root, order: orderOf(tenant) }
}

/** A folder with a pg_dump or pg_restore that does something else, and the other one as it is. */
async function clientWith(t: ExecutionContext, program: 'pg_dump' | 'pg_restore', script: string): Promise<string> {
  const path = await folder(t)
  for (const name of ['pg_dump', 'pg_restore']) {
    const real = join(clients[18], name)
    const act = name === program ? script : ''
    await writeFile(
      join(path, name),
      `#!/bin/sh\n[ "$1" = --version ] && exec ${real} --version\n${act}\nexec ${real} "$@"\n`,
    )
    await chmod(join(path, name), 0o755)
  }
  return path
}

/** What the script wrote, once it did. */
async function pidIn(file: string): Promise<number | undefined> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''))
  return pid > 1 ? pid : undefined
}

async function nothingLeft(t: ExecutionContext, tenant: TestTenant, root?: string): Promise<void> {
  t.deepEqual(await remains(postgres, tenant, root), [])
}

test('A table that hides rows from its owner too cannot be dumped whole, and the dump says so', async (t) => {
  const { dumper, order, tenant, root } = await tenantWith(t, [
    'CREATE TABLE hidden AS SELECT 1 AS n',
    'ALTER TABLE hidden ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE hidden FORCE ROW LEVEL SECURITY',
  ])
  t.is(await failureOf(dumper.take(order, soon())), 'DumpRefused')
  await nothingLeft(t, tenant, root)
})

test('A dump that cannot be restored is not kept', async (t) => {
  // Restoring creates the constraint anew, and finds a row that it would refuse.
  const { dumper, order, tenant, root, lines } = await tenantWith(t, [
    `CREATE FUNCTION small(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n < 10'`,
    'CREATE TABLE numbers (n int CHECK (public.small(n)))',
    'INSERT INTO numbers VALUES (1)',
    `CREATE OR REPLACE FUNCTION small(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n < 0'`,
  ])
  t.is(await failureOf(dumper.take(order, soon())), 'RestoreRefused')
  await nothingLeft(t, tenant, root)
  t.true(lines.some((line) => line.includes('pg_restore failed')))
})

test('A restored copy that differs is not kept', async (t) => {
  const forgetful = await clientWith(t, 'pg_restore', 'set -- --exclude-schema=lost "$@"')
  const { dumper, order, tenant, root } = await tenantWith(
    t,
    ['CREATE SCHEMA lost', 'CREATE TABLE lost.things AS SELECT 1 AS n'],
    { clientFolders: [forgetful] },
  )
  t.is(await failureOf(dumper.take(order, soon())), 'RestoreDiffers')
  await nothingLeft(t, tenant, root)
})

test('What a tenant’s functions do while they are restored, they do without any rights', async (t) => {
  const { dumper, order, tenant } = await tenantWith(t, [
    `CREATE FUNCTION attack() RETURNS text LANGUAGE plpgsql AS $$
     DECLARE told text := current_user || ' ' || session_user;
     BEGIN
       BEGIN EXECUTE 'CREATE ROLE attacker'; told := told || ' role'; EXCEPTION WHEN insufficient_privilege THEN END;
       BEGIN EXECUTE 'CREATE TABLE tenantry.attack ()'; told := told || ' directory'; EXCEPTION WHEN insufficient_privilege THEN END;
       BEGIN EXECUTE 'SET ROLE tenantry'; told := told || ' operator'; EXCEPTION WHEN insufficient_privilege THEN END;
       RETURN told;
     END $$`,
    `CREATE MATERIALIZED VIEW attacked AS SELECT public.attack() AS told`,
    // Restoring fails if this is anything but the restorer without rights.
    `CREATE FUNCTION checked(told text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
       IF told !~ '^t_[a-z2-7]{16}(_r)? t_[a-z2-7]{16}_[ra]$' THEN RAISE EXCEPTION 'too many rights: %', told; END IF;
       RETURN true;
     END $$`,
    `CREATE INDEX only_without_rights ON attacked (public.checked(told))`,
  ])
  const record = await dumper.take(order, soon())
  t.is(record.objects['relations m'], 1)
  await nothingLeft(t, tenant)
})

test('No client that fits: said before anything is made', async (t) => {
  const root = await folder(t)
  const settings = { clientFolders: ['/nowhere', root] }
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root), { settings })
  const tenant = await provisioned(server)
  t.is(await failureOf(dumper.take(orderOf(tenant), soon())), 'NoClient')
  await nothingLeft(t, tenant, root)
})

test('A folder that cannot be used is a refusal', async (t) => {
  const root = await folder(t)
  await writeFile(join(root, 'file'), '')
  const { server, dumper } = scene(t, postgres, createVolumeTarget(join(root, 'file', 'dumps')))
  const tenant = await provisioned(server)
  t.is(await failureOf(dumper.take(orderOf(tenant), soon())), 'TargetRefused')
  await nothingLeft(t, tenant)
})

test('A target that becomes full while the dump is kept: nothing half is left', async (t) => {
  const root = await folder(t)
  const volume = createVolumeTarget(root)
  const full: DumpTarget = {
    ...volume,
    keep: async () => {
      throw fileError(Object.assign(new Error('full'), { code: 'ENOSPC' }))
    },
  }
  const { server, dumper } = scene(t, postgres, full)
  const tenant = await provisioned(server)
  t.is(await failureOf(dumper.take(orderOf(tenant), soon())), 'TargetFull')
  await nothingLeft(t, tenant, root)
})

test('A volume that is full while pg_dump writes is told from other failures', async (t) => {
  const root = await folder(t)
  const small = join(root, 'small')
  await mkdir(small)
  const run = promisify(execFile)
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]).then(
    () => true,
    () => false,
  )
  if (!mounted) {
    t.log('not tried: this machine lets nobody mount')
    t.pass()
    return
  }
  t.teardown(() => run('umount', [small]))
  const { server, dumper } = scene(t, postgres, createVolumeTarget(small))
  const tenant = await provisioned(server)
  await using session = await loginAs(postgres, tenant)
  await session.query(`CREATE TABLE noise AS SELECT md5(random()::text || n) AS n FROM generate_series(1, 100000) n`)
  t.is(await failureOf(dumper.take(orderOf(tenant), soon())), 'TargetFull')
  await nothingLeft(t, tenant, small)
})

test('A name that the dump needs and that is somebody’s is left alone', async (t) => {
  const { dumper, order, tenant } = await tenantWith(t, [])
  await postgres.query(`CREATE ROLE ${tenant.target.names.owner}_d`)
  t.is(await failureOf(dumper.take(order, soon())), 'NameTaken')
  t.deepEqual(await remains(postgres, tenant), [`${tenant.target.names.owner}_d`])
})

test('A pg_dump that is killed in the middle is an interruption', async (t) => {
  const pids = join(await folder(t), 'pid')
  const slow = await clientWith(t, 'pg_dump', `echo $$ > ${pids}; exec sleep 60`)
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root), { settings: { clientFolders: [slow] } })
  const tenant = await provisioned(server)
  const ended = failureOf(dumper.take(orderOf(tenant), soon()))
  const pid = await eventually(() => pidIn(pids), { timeout: 60_000, describe: 'pg_dump' })
  kill(pid, 'SIGKILL')
  t.is(await ended, 'Interrupted')
  await nothingLeft(t, tenant, root)
})

for (const program of ['pg_dump', 'pg_restore'] as const) {
  test(`A signal ends ${program} and everything that was made`, async (t) => {
    const pids = join(await folder(t), 'pid')
    const slow = await clientWith(t, program, `echo $$ > ${pids}; exec sleep 60`)
    const root = await folder(t)
    const { server, dumper } = scene(t, postgres, createVolumeTarget(root), { settings: { clientFolders: [slow] } })
    const tenant = await provisioned(server)
    const stop = new AbortController()
    const taking = dumper.take(orderOf(tenant), stop.signal)
    await eventually(() => pidIn(pids), { timeout: 60_000, describe: program })
    stop.abort(new Error('stopping'))
    await t.throwsAsync(taking, { message: 'stopping' })
    await nothingLeft(t, tenant, root)
  })
}

test('A dump that takes too long ends, and says that', async (t) => {
  const slow = await clientWith(t, 'pg_restore', 'exec sleep 60')
  const root = await folder(t)
  const settings = { clientFolders: [slow], timeout: 4_000 }
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root), { settings })
  const tenant = await provisioned(server)
  t.is(await failureOf(dumper.take(orderOf(tenant), soon())), 'TimedOut')
  await nothingLeft(t, tenant, root)
})

test('What a crash left is found by its names, and taken away by the next try', async (t) => {
  const { server, dumper, order, tenant } = await tenantWith(t, [])
  const { target } = tenant
  const login = { verifier: tenant.verifier, validUntil: '2020-01-01T00:00:00Z' }
  await server.apply({ kind: 'OpenDump', target, login }, soon())
  await server.apply({ kind: 'OpenScratch', target, login }, soon())
  t.is(((await remains(postgres, tenant)) as string[]).length, 3)
  const seen = await server.catalogue(soon(), [target.names])
  t.is(seen.get(target.names.owner)?.dump, 'Expired')
  const all = await server.catalogue(soon())
  t.is(all.get(target.names.owner)?.dump, 'Expired', 'in the periodic query too')
  await dumper.take(order, soon())
  await nothingLeft(t, tenant)
})

test('The logins of a dump can do no more than they should', async (t) => {
  const { server, tenant } = await tenantWith(t, ['CREATE TABLE mine AS SELECT 1 AS n'])
  const { target } = tenant
  const { owner } = target.names
  const login = { verifier: tenant.verifier, validUntil: new Date(Date.now() + 600_000).toISOString() }
  await server.apply({ kind: 'OpenDump', target, login }, soon())
  await server.apply({ kind: 'OpenScratch', target, login }, soon())
  const as = (user: string, database: string) => postgres.connect({ user, password: tenant.password, database })
  await t.throwsAsync(as(`${owner}_r`, owner), { message: /permission denied for database/ })
  await t.throwsAsync(as(`${owner}_d`, `${owner}_v`), { message: /permission denied for database/ })
  await t.throwsAsync(as(`${owner}_r`, 'postgres'), { message: /permission denied for database/ })
  await t.throwsAsync(loginAs(postgres, tenant, `${owner}_v`), undefined, 'the tenant itself stays out')
  await using session = await as(`${owner}_d`, owner)
  t.is((await session.query('SELECT n FROM mine')).rowCount, 1)
  await server.apply({ kind: 'EndDump', target }, soon())
  await nothingLeft(t, tenant)
})

/** What a server that crashes has kept of the last moment is its own affair: whatever it is, the next try ends it. */
test('A server that goes away in the middle', async (t) => {
  await using own = await startPostgres()
  const [pids, gone] = [join(await folder(t), 'pid'), join(await folder(t), 'gone')]
  const slow = await clientWith(t, 'pg_dump', `echo $$ > ${pids}; until [ -e ${gone} ]; do sleep 0.1; done`)
  const root = await folder(t)
  const { server, dumper } = scene(t, own, createVolumeTarget(root), { settings: { clientFolders: [slow] } })
  const tenant = await tenantWithData(own, server)
  const ended = failureOf(dumper.take(orderOf(tenant), soon()))
  await eventually(() => pidIn(pids), { timeout: 60_000, describe: 'pg_dump' })
  await own.down('immediate')
  await writeFile(gone, '')
  t.is(await ended, 'ServerUnavailable')
  await own.up()
  const again = scene(t, own, createVolumeTarget(root))
  const record = await again.dumper.take(orderOf(tenant), soon())
  t.is(record.rows['"public"."people"'], 1000)
  t.deepEqual(await remains(own, tenant), [])
})
