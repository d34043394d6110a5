import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { parseRecord } from '../../operator/dump/record.ts'
import { createVolumeTarget } from '../../operator/dump/volume.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { clients, folder, orderOf, remains, scene, tenantWithData } from './dump-scene.ts'
import { loginAs, provisioned, soon } from './postgres-tenant.ts'

const postgres = await postgresForTests()

test('A tenant’s data is dumped, restored, compared and kept, and nothing of it is left on the server', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const tenant = await tenantWithData(postgres, server)
  const order = orderOf(tenant)
  const record = await dumper.take(order, soon(60_000))
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
  const order = orderOf(old)
  const { clientVersion } = await dumper.take(order, soon(60_000))
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
  const args = ['--exit-on-error', '--no-owner', '--no-privileges', '--no-tablespaces', `--dbname=${database}`]
  const folderOf = clientVersion.startsWith('16') ? clients[16] : clients[18]
  await promisify(execFile)(join(folderOf, 'pg_restore'), [...args, join(root, order.path)], { env })
  await using session = await loginAs(postgres, anew)
  const { rows } = await session.query('SELECT count(*)::int AS n, max(doubled) AS doubled FROM people')
  t.deepEqual(rows, [{ n: 1000, doubled: 2000 }])
  const owners = await session.query(`SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'`)
  t.deepEqual(owners.rows, [{ tableowner: owner }])
})

test('A dump that is there is not taken again; one that was damaged is', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const tenant = await tenantWithData(postgres, server)
  const order = orderOf(tenant)
  const first = await dumper.take(order, soon(60_000))
  t.deepEqual(await dumper.take(order, soon()), first)
  t.true(await dumper.isThere(order.path, soon()))
  await writeFile(join(root, order.path), 'something else')
  t.false(await dumper.isThere(order.path, soon()))
  const again = await dumper.take(order, soon(60_000))
  t.is(again.rows['"public"."people"'], 1000)
  t.is((await readFile(join(root, order.path))).byteLength, again.bytes)
})
