import { execFile } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { parseRecord } from '../../operator/dump/record.ts'
import { createVolumeTarget } from '../../operator/dump/volume.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { archive, clients, folder, orderOf, remains, scene, tenantWithData } from './dump-scene.ts'
import { loginAs, provisioned, soon } from './postgres-tenant.ts'

const postgres = await postgresForTests()

/** What change data capture makes, as a superuser. */
const platform = [
  'CREATE PUBLICATION cdc FOR ALL TABLES',
  'CREATE PUBLICATION cdc_some FOR TABLE people',
  'CREATE PUBLICATION cdc_public FOR TABLES IN SCHEMA public',
  `COMMENT ON PUBLICATION cdc IS 'of the platform'`,
  `CREATE FUNCTION public.noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`,
  'CREATE EVENT TRIGGER cdc_notices ON ddl_command_end EXECUTE FUNCTION public.noticed()',
  `COMMENT ON EVENT TRIGGER cdc_notices IS 'of the platform'`,
]

const subscription = `CREATE SUBSCRIPTION cdc_in CONNECTION 'host=127.0.0.1 port=1' PUBLICATION x WITH (connect = false)`

const run = promisify(execFile)

/** The list of a dump without what docs/how-to/restore-a-dump.md takes out of it. */
async function leftByGuide(list: string): Promise<string> {
  const guide = await readFile(new URL('../../docs/how-to/restore-a-dump.md', import.meta.url), 'utf8')
  const pattern = new RegExp(/grep -vE '([^']+)'/.exec(guide)?.[1] ?? '')
  return list
    .split('\n')
    .filter((line) => !pattern.test(line))
    .join('\n')
}

test('A tenant’s data is dumped, restored, compared and kept, and nothing of it is left on the server', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const tenant = await tenantWithData(postgres, server)
  const order = orderOf(tenant)
  const record = await dumper.take(order, soon())
  t.is(record.rows['"public"."people"'], 1000)
  t.is(record.rows['"Weird ""schema"", $(id) ; --"."ta\'ble\\"'], 50)
  t.is(record.rows['"public"."parts_2026"'], 100)
  t.is(record.sequences['"public"."people_id_seq"'], '1000')
  t.is(record.objects['largeObjects'], 1)
  t.is(record.tenant, tenant.target.mark.tenant)
  t.deepEqual(parseRecord(await readFile(join(root, `${order.path}.json`), 'utf8')), record)
  t.deepEqual(await remains(postgres, tenant, root), ['2026-11-22T010203Z.dump', '2026-11-22T010203Z.dump.json'])
})

test('A dump is restored into a new tenant as docs/how-to/restore-a-dump.md says, with the tenant’s own login', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const old = await tenantWithData(postgres, server)
  for (const statement of platform) await postgres.query(statement, [], old.target.names.database)
  const order = orderOf(old)
  const { clientVersion } = await dumper.take(order, soon())
  const anew = await provisioned(server)
  const { database, logins, owner } = anew.target.names
  const env = {
    PGHOST: postgres.host,
    PGPORT: String(postgres.port),
    PGUSER: logins.a,
    PGPASSWORD: anew.password,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: postgres.caPath,
  }
  const folderOf = clientVersion.startsWith('16') ? clients[16] : clients[18]
  const dump = join(root, order.path)
  const { stdout } = await run(join(folderOf, 'pg_restore'), ['--list', dump])
  const list = join(root, 'acme.list')
  await writeFile(list, await leftByGuide(stdout))
  const options = ['--exit-on-error', '--no-owner', '--no-privileges', '--no-tablespaces', '--no-security-labels']
  await run(join(folderOf, 'pg_restore'), [...options, `--use-list=${list}`, `--dbname=${database}`, dump], { env })
  await using session = await loginAs(postgres, anew)
  const { rows } = await session.query('SELECT count(*)::int AS n, max(doubled) AS doubled FROM people')
  t.deepEqual(rows, [{ n: 1000, doubled: 2000 }])
  const owners = await session.query(`SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'`)
  t.deepEqual(owners.rows, [{ tableowner: owner }])
})

test('What a restore computes anew keeps no dump: a materialized view out of date, or of what is so at the time', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const tenant = await provisioned(server)
  await using session = await loginAs(postgres, tenant)
  for (const statement of [
    'CREATE TABLE visits AS SELECT now() AS at',
    'CREATE MATERIALIZED VIEW stale AS SELECT * FROM visits',
    'INSERT INTO visits SELECT now() FROM generate_series(1, 9)',
    `CREATE MATERIALIZED VIEW recent AS SELECT * FROM visits WHERE at > now() - interval '1 microsecond'`,
    `CREATE MATERIALIZED VIEW mine AS SELECT FROM visits WHERE session_user = '${tenant.target.names.logins.a}'`,
    'CREATE MATERIALIZED VIEW never AS SELECT * FROM visits WITH NO DATA',
  ])
    await session.query(statement)
  await archive(server, tenant)
  const { rows, objects } = await dumper.take(orderOf(tenant), soon())
  t.deepEqual(rows, { '"public"."visits"': 10 })
  t.is(objects['relations m'], 4)
})

test('What the platform has put beside the data is in the dump, and keeps it from nothing', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const tenant = await tenantWithData(postgres, server)
  const { database } = tenant.target.names
  for (const statement of [...platform, subscription]) await postgres.query(statement, [], database)
  t.teardown(() =>
    postgres.query('ALTER SUBSCRIPTION cdc_in SET (slot_name = NONE)', [], database).then(() => undefined),
  )
  const order = orderOf(tenant)
  const { clientVersion } = await dumper.take(order, soon())
  const folderOf = clientVersion.startsWith('16') ? clients[16] : clients[18]
  const { stdout } = await run(join(folderOf, 'pg_restore'), ['--list', join(root, order.path)])
  t.regex(stdout, / PUBLICATION - cdc /)
  t.regex(stdout, / EVENT TRIGGER - cdc_notices /)
})

test('Nobody but the operator’s account may read what is kept, nor look into its folders', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  await dumper.take(orderOf(await tenantWithData(postgres, server)), soon())
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const modes = await Promise.all(
    entries.map(async (entry) => {
      const { mode } = await stat(join(entry.parentPath, entry.name))
      return `${entry.isFile() ? 'file' : 'folder'} ${(mode & 0o777).toString(8)}`
    }),
  )
  t.deepEqual([...new Set(modes)].toSorted(), ['file 600', 'folder 700'])
})

test('What a session of the tenant’s made as its login is dumped as all else', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const tenant = await provisioned(server)
  await using session = await loginAs(postgres, tenant)
  await session.query('SET ROLE NONE')
  await session.query('CREATE TABLE made AS SELECT 1 AS n')
  await archive(server, tenant)
  t.deepEqual((await dumper.take(orderOf(tenant), soon())).rows, { '"public"."made"': 1 })
})

test('A dump that is there is not taken again; one that was damaged is', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const tenant = await tenantWithData(postgres, server)
  const order = orderOf(tenant)
  const first = await dumper.take(order, soon())
  t.deepEqual(await dumper.take(order, soon()), first)
  t.true(await dumper.isThere(order.path, soon()))
  await writeFile(join(root, order.path), 'something else')
  t.false(await dumper.isThere(order.path, soon()))
  const again = await dumper.take(order, soon())
  t.is(again.rows['"public"."people"'], 1000)
  t.is((await readFile(join(root, order.path))).byteLength, again.bytes)
})
