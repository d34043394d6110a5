/** The last dump of a tenant with isolation Schema: of its schema, and of nobody else's in the same database. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { PostgresServer } from '../../operator/postgres/model/port.ts'
import { DumpError } from '../../operator/dump/port.ts'
import { createVolumeTarget } from '../../operator/dump/volume.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { archive, clients, folder, orderOf, remains, scene } from './dump-scene.ts'
import { applyAll, loginAs, provisioned, removal, soon } from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'

// One after the other: only one process at a time works on a shared database, and each test has an operator of its own.
const postgres = await postgresForTests()

/** What refers to its own schema by name, by search_path, and to its directory. */
const content = (schema: string) => [
  `CREATE TYPE mood AS ENUM ('sad', 'happy')`,
  `CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2'`,
  `CREATE TABLE people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood mood DEFAULT 'happy', doubled int GENERATED ALWAYS AS (${schema}.twice(length(name))) STORED)`,
  `INSERT INTO people (name) SELECT 'person ' || n FROM generate_series(1, 500) n`,
  `CREATE TABLE "ta'ble; --" (x int REFERENCES people)`,
  `INSERT INTO "ta'ble; --" VALUES (1), (2)`,
  `CREATE MATERIALIZED VIEW summary AS SELECT count(*) AS n FROM ${schema}.people`,
  `CREATE VIEW colleagues AS SELECT username FROM ${schema}_directory.admins`,
]

async function sharing(server: PostgresServer, statements: (schema: string) => readonly string[]): Promise<TestTenant> {
  const made = await provisioned(server, { isolation: 'Schema' })
  await using session = await loginAs(postgres, made)
  for (const statement of statements(made.target.names.owner)) await session.query(statement)
  return made
}

async function two(t: ExecutionContext, statements = content) {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const [tenant, neighbour] = await Promise.all([sharing(server, statements), sharing(server, content)])
  await archive(server, tenant)
  return { root, server, dumper, tenant, neighbour, order: orderOf(tenant) }
}

async function peopleOf(tenant: TestTenant): Promise<unknown> {
  await using session = await loginAs(postgres, tenant)
  return (await session.query('SELECT count(*)::int AS n, max(doubled) AS doubled FROM people')).rows
}

test.serial('only the schema of the tenant is dumped, restored, compared and kept', async (t) => {
  const { root, dumper, tenant, neighbour, order } = await two(t)
  const { owner } = tenant.target.names
  const record = await dumper.take(order, soon())
  t.deepEqual(record.rows, {
    [`"${owner}"."people"`]: 500,
    [`"${owner}"."ta'ble; --"`]: 2,
  })
  t.is(record.isolation, 'Schema')
  const restoreProgram = join(record.clientVersion.startsWith('16') ? clients[16] : clients[18], 'pg_restore')
  const { stdout } = await promisify(execFile)(restoreProgram, ['--file=-', join(root, order.path)])
  t.true(stdout.includes('person 500'))
  t.false(stdout.includes(neighbour.target.names.owner))
  t.deepEqual(await remains(postgres, tenant, root), ['2026-11-22T010203Z.dump', '2026-11-22T010203Z.dump.json'])
  t.deepEqual(await peopleOf(neighbour), [{ n: 500, doubled: 20 }])
})

test.serial('what is removed afterwards is the tenant’s own, and a neighbour goes on meanwhile', async (t) => {
  const { server, dumper, tenant, neighbour, order } = await two(t)
  await using session = await loginAs(postgres, neighbour)
  await dumper.take(order, soon())
  await applyAll(server, tenant, removal)
  const { owner, database } = tenant.target.names
  const left = await postgres.query(
    `SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE $1 UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE $1`,
    [`${owner}%`],
    database,
  )
  t.deepEqual(left, [])
  t.is((await session.query('SELECT * FROM people')).rows.length, 500)
})

test.serial(
  'large objects lie in no schema: a tenant that has some cannot be dumped whole, its data stays, and the way out is told',
  async (t) => {
    const { root, dumper, tenant, order } = await two(t, (schema) => [
      ...content(schema),
      String.raw`SELECT lo_from_bytea(0, '\x0102')`,
    ])
    const error = await t.throwsAsync(dumper.take(order, soon()), { instanceOf: DumpError })
    t.is(error.reason, 'RestoreDiffers')
    t.regex(error.told ?? '', /number of largeObjects\. .*With the tenant's credentials, move them into a table/)
    t.deepEqual(await remains(postgres, tenant, root), [])
  },
)
