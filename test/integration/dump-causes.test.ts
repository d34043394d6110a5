/** Why a dump failed, as people are told: what it is about and whose hands mend it, and never a row. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { createVolumeTarget } from '../../operator/dump/volume.ts'
import { DumpError } from '../../operator/dump/port.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { archive, folder, orderOf, remains, scene } from './dump-scene.ts'
import { left, loginAs, provisioned, soon } from './postgres-tenant.ts'

const postgres = await postgresForTests()

/** A tenant with data by itself and by a superuser, and tries to dump it. */
async function tenantWith(t: ExecutionContext, own: readonly string[], bySuperuser: readonly string[] = []) {
  const { server, dumper, lines } = scene(t, postgres, createVolumeTarget(await folder(t)))
  const tenant = await provisioned(server)
  const asTenant = async (statement: string) => {
    await using session = await loginAs(postgres, tenant)
    await session.query(statement)
  }
  const { database } = tenant.target.names
  const asSuperuser = (statement: string) => postgres.query(statement, [], database)
  for (const statement of own) await asTenant(statement)
  for (const statement of bySuperuser) await asSuperuser(statement)
  await archive(server, tenant)
  const take = () => dumper.take(orderOf(tenant), soon(60_000))
  const failure = async () => {
    const error = await t.throwsAsync(take())
    if (!(error instanceof DumpError)) throw error
    return { reason: error.reason, told: error.told ?? '' }
  }
  return { tenant, lines, take, failure, asSuperuser }
}

test('a rehearsal of a tenant that is in use says what a dump would, keeps nothing, and is not in its way', async (t) => {
  const root = await folder(t)
  const { server, dumper } = scene(t, postgres, createVolumeTarget(root))
  const tenant = await provisioned(server)
  const { database } = tenant.target.names
  await using application = await loginAs(postgres, tenant)
  await application.query('CREATE TABLE mine AS SELECT 1 AS n')
  await postgres.query('CREATE TABLE public.imported (n int)', [], database)
  const rehearse = () => dumper.rehearse(orderOf(tenant), soon(60_000))
  const error = await t.throwsAsync(rehearse(), { instanceOf: DumpError })
  t.regex(error.told ?? '', /The table "public"\."imported" belongs to the role "postgres"/)
  for (const statement of statementsIn(error.told ?? '')) await postgres.query(statement, [], database)
  await t.notThrowsAsync(rehearse())
  t.deepEqual(await remains(postgres, tenant, root), [])
  t.deepEqual((await application.query('SELECT n FROM mine')).rows, [{ n: 1 }], 'the session of before')
  t.deepEqual(await left(server, tenant), [])
})

test('a dump waits for the rehearsal of the same tenant, as both need the same names', async (t) => {
  const { server, dumper } = scene(t, postgres, createVolumeTarget(await folder(t)))
  const tenant = await provisioned(server)
  const [, record] = await Promise.all([
    dumper.rehearse(orderOf(tenant), soon(60_000)),
    dumper.take(orderOf(tenant), soon(60_000)),
  ])
  t.is(record.tenant, tenant.target.mark.tenant)
  t.deepEqual(await remains(postgres, tenant), [])
})

/** What is to be run, as it stands in what is told: the last words of a sentence. */
const statementsIn = (told: string) => [...told.matchAll(/: ((?:ALTER|DROP) [^;]+;)/g)].map(([, sql = '']) => sql)

test('what a superuser made in the database is named, with its owner and the statement that mends it', async (t) => {
  const { failure, take, asSuperuser } = await tenantWith(
    t,
    ['CREATE TABLE mine AS SELECT 1 AS n'],
    [
      'CREATE TABLE public."By ""hand""" AS SELECT 4711 AS card',
      'CREATE SCHEMA imported',
      'CREATE TABLE imported.things AS SELECT 4711 AS card',
      'CREATE SEQUENCE public.numbers',
      `SELECT lo_from_bytea(0, '\\x01')`,
    ],
  )
  const { reason, told } = await failure()
  t.is(reason, 'DumpRefused')
  t.regex(told, /The table "public"\."By ""hand""" belongs to the role "postgres"/)
  t.regex(told, /The schema "imported" belongs to the role "postgres"/)
  t.regex(told, /The sequence "public"\."numbers" belongs to/)
  t.regex(told, /The large object \d+ belongs to/)
  t.false(told.includes('4711'))
  t.is((await failure()).told, told, 'the same from try to try')
  for (const statement of statementsIn(told)) await asSuperuser(statement)
  // In the schema that is open now.
  for (const statement of statementsIn((await failure()).told)) await asSuperuser(statement)
  t.deepEqual((await take()).rows, { '"imported"."things"': 1, '"public"."By ""hand"""': 1, '"public"."mine"': 1 })
})

test('a table that hides rows from its owner too is named, with the statement', async (t) => {
  const { tenant, failure, take, asSuperuser } = await tenantWith(t, [
    'CREATE TABLE hidden AS SELECT 1 AS n',
    'ALTER TABLE hidden ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE hidden FORCE ROW LEVEL SECURITY',
  ])
  const { reason, told } = await failure()
  t.is(reason, 'DumpRefused')
  t.regex(told, /The table "public"\."hidden" hides rows from its owner too/)
  await asSuperuser(`SET ROLE ${tenant.target.names.owner}; ${statementsIn(told).join('')}`)
  t.is((await take()).rows['"public"."hidden"'], 1)
})

test('a constraint that the data does not keep is named with its table, and the row is not', async (t) => {
  const { lines, failure } = await tenantWith(t, [
    `CREATE FUNCTION fits(n text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'`,
    'CREATE TABLE cards (holder text CONSTRAINT cards_fit CHECK (public.fits(holder)))',
    `INSERT INTO cards VALUES ('Erika 4711')`,
    `CREATE OR REPLACE FUNCTION fits(n text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'`,
  ])
  const { reason, told } = await failure()
  t.is(reason, 'RestoreRefused')
  t.is(
    told,
    'pg_restore stopped at TABLE DATA cards: new row for relation "cards" violates check constraint "cards_fit".',
  )
  t.true(
    lines.some((line) => line.includes('cards_fit')),
    'in the log too',
  )
  t.false(lines.join('').includes('4711'))
})

test('what a function of the tenant’s says of a row is not told, where it happened is', async (t) => {
  const { lines, failure } = await tenantWith(t, [
    `CREATE FUNCTION fits(n text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
       RETURN current_setting('search_path') <> '' OR n::int > 0; END $$`,
    'CREATE TABLE cards (holder text CHECK (public.fits(holder)))',
    `INSERT INTO cards VALUES ('Erika 4711')`,
  ])
  const { reason, told } = await failure()
  t.is(reason, 'RestoreRefused')
  t.is(told, 'pg_restore stopped at TABLE DATA cards.')
  t.false(lines.join('').includes('4711'))
})

test('a function that does not find a table without its search_path: the table is named', async (t) => {
  const { failure } = await tenantWith(t, [
    'CREATE TABLE settings AS SELECT 1 AS least',
    `CREATE FUNCTION fits(n int) RETURNS boolean LANGUAGE plpgsql STABLE AS 'BEGIN RETURN n >= (SELECT least FROM settings); END'`,
    'CREATE TABLE cards (n int CHECK (public.fits(n)))',
    'INSERT INTO cards VALUES (4711)',
  ])
  t.is((await failure()).told, 'pg_restore stopped at TABLE DATA cards: relation "settings" does not exist.')
})

test('an extension that only a superuser can create is named, with both ways out', async (t) => {
  const { failure } = await tenantWith(t, [], ['CREATE EXTENSION pageinspect'])
  const { reason, told } = await failure()
  t.is(reason, 'RestoreRefused')
  t.regex(told, /^The extension "pageinspect" can only be created by a superuser\. /)
  t.deepEqual(statementsIn(told), ['DROP EXTENSION "pageinspect";'])
  t.regex(told, /pg_restore stopped at EXTENSION pageinspect: permission denied to create extension "pageinspect"\.$/)
})
