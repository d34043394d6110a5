/** Why a dump failed, as people are told: what it is about and whose hands mend it, and never a row. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { withInventory } from '../../operator/postgres/reads/inventory.ts'
import { createVolumeTarget } from '../../operator/dump/volume.ts'
import { DumpError } from '../../operator/dump/port.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { archive, folder, orderOf, remains, scene } from './dump-scene.ts'
import { addressOf, left, loginAs, operatorOn, provisioned, soon } from './postgres-tenant.ts'

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
  const take = () => dumper.take(orderOf(tenant), soon())
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
  const rehearse = () => dumper.rehearse(orderOf(tenant), soon())
  const error = await t.throwsAsync(rehearse(), { instanceOf: DumpError })
  t.regex(error.told ?? '', /The table "public"\."imported" belongs to the role "postgres"/)
  for (const statement of statementsIn(error.told ?? '')) await postgres.query(statement, [], database)
  await t.notThrowsAsync(rehearse())
  t.deepEqual(await remains(postgres, tenant, root), [])
  t.deepEqual((await application.query('SELECT n FROM mine')).rows, [{ n: 1 }], 'the session of before')
  t.deepEqual(await left(server, tenant), [])
})

test('a rehearsal while an application writes says what a dump would: numbers that it draws meanwhile are no difference', async (t) => {
  const { server, dumper } = scene(t, postgres, createVolumeTarget(await folder(t)))
  const tenant = await provisioned(server)
  await using application = await loginAs(postgres, tenant)
  await application.query('CREATE TABLE orders (n int GENERATED ALWAYS AS IDENTITY)')
  const ended = new AbortController()
  const writing = (async () => {
    while (!ended.signal.aborted) await application.query('INSERT INTO orders DEFAULT VALUES')
  })()
  try {
    await t.notThrowsAsync(dumper.rehearse(orderOf(tenant), soon()))
  } finally {
    ended.abort()
    await writing
  }
})

test('a table that is dropped while it waits to be read says nothing of the dump, so it is tried again', async (t) => {
  const { server, dumper } = scene(t, postgres, createVolumeTarget(await folder(t)))
  const tenant = await provisioned(server)
  await using application = await loginAs(postgres, tenant)
  await application.query('CREATE TABLE staging AS SELECT 1 AS n')
  const { rows } = await application.query<{ oid: number }>(`SELECT 'staging'::regclass::oid AS oid`)
  await application.query('BEGIN; DROP TABLE staging')
  const rehearsed = t.throwsAsync(dumper.rehearse(orderOf(tenant), soon()), { instanceOf: DumpError })
  // The dump waits for seconds only, so the server itself goes on as soon as it does.
  const isWaited = `EXISTS (SELECT FROM pg_locks WHERE relation = ${rows[0]?.oid} AND NOT granted)`
  const loop = `FOR i IN 1..6000 LOOP EXIT WHEN ${isWaited}; PERFORM pg_sleep(0.02); END LOOP`
  await application.query(`DO $$ BEGIN ${loop}; ASSERT ${isWaited}, 'no dump waits'; END $$; COMMIT`)
  t.is((await rehearsed).reason, 'Interrupted')
})

test('an index that could not be made whole is in no dump, and keeps none from succeeding', async (t) => {
  const { tenant, take } = await tenantWith(t, ['CREATE TABLE twice AS SELECT 1 AS n FROM generate_series(1, 2)'])
  const { database } = tenant.target.names
  const building = 'CREATE UNIQUE INDEX CONCURRENTLY twice_n ON public.twice (n)'
  await t.throwsAsync(postgres.query(building, [], database), { message: /could not create unique index/ })
  t.is((await take()).rows['"public"."twice"'], 2)
})

test('what the server ends after a time by itself does not end the snapshot of a dump', async (t) => {
  const tenant = await provisioned(operatorOn(t, postgres))
  const { database, owner, logins } = tenant.target.names
  for (const name of ['idle_in_transaction_session_timeout', 'transaction_timeout']) {
    const known = await postgres.query('SELECT FROM pg_settings WHERE name = $1', [name])
    if (known.length > 0) await postgres.query(`ALTER DATABASE ${database} SET ${name} = '1s'`)
  }
  const login = { address: addressOf(postgres), database, username: logins.a, password: tenant.password }
  const options = { scope: { schema: undefined, owner }, statementTimeout: 20_000 }
  const sequences = withInventory(login, options, soon(), async (reading) => {
    await postgres.query('SELECT pg_sleep(1.5)')
    return reading.sequences()
  })
  t.deepEqual(await sequences, {})
})

test('a dump waits for the rehearsal of the same tenant, as both need the same names', async (t) => {
  const { server, dumper } = scene(t, postgres, createVolumeTarget(await folder(t)))
  const tenant = await provisioned(server)
  const [, record] = await Promise.all([dumper.rehearse(orderOf(tenant), soon()), dumper.take(orderOf(tenant), soon())])
  t.is(record.tenant, tenant.target.mark.tenant)
  t.deepEqual(await remains(postgres, tenant), [])
})

/** What is to be run, as it stands in what is told: the last words of a sentence. */
const statementsIn = (told: string) => [...told.matchAll(/: ((?:ALTER|DROP|GRANT) [^;]+;)/g)].map(([, sql = '']) => sql)

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

test('what was closed to its own owner is named, with the statement that opens it', async (t) => {
  const { tenant, failure, take, asSuperuser } = await tenantWith(t, [
    'CREATE SCHEMA shut',
    'CREATE TABLE shut.inner AS SELECT 1 AS n',
    'REVOKE ALL ON SCHEMA shut FROM CURRENT_USER',
    'CREATE TABLE shut_too AS SELECT 1 AS n',
    'CREATE SEQUENCE numbers',
    'SELECT lo_create(4711)',
    ...['shut_too', 'SEQUENCE numbers', 'LARGE OBJECT 4711'].map((what) => `REVOKE ALL ON ${what} FROM CURRENT_USER`),
  ])
  const { told } = await failure()
  const statements = statementsIn(told)
  t.deepEqual(
    statements.map((each) => each.replace(/ TO .*$/, '')),
    [
      'GRANT USAGE ON SCHEMA "shut"',
      'GRANT SELECT ON SEQUENCE "public"."numbers"',
      'GRANT SELECT ON TABLE "public"."shut_too"',
      'GRANT SELECT ON LARGE OBJECT 4711',
    ],
    told,
  )
  await asSuperuser(`SET ROLE ${tenant.target.names.owner}; ${statements.join(' ')}`)
  t.deepEqual((await take()).rows, { '"public"."shut_too"': 1, '"shut"."inner"': 1 })
})

test('what is in no dump is no difference: an operator that was named as another’s counterpart only', async (t) => {
  const { take } = await tenantWith(t, [
    'CREATE OPERATOR <<<< (LEFTARG = int, RIGHTARG = int, FUNCTION = int4lt, COMMUTATOR = >>>>)',
    'DROP OPERATOR <<<< (int, int)',
  ])
  await t.notThrowsAsync(take())
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
  t.regex(
    told,
    /^pg_restore stopped at TABLE DATA cards: new row for relation "cards" violates check constraint "cards_fit"\. .* NOT VALID/,
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
  t.regex(told, /^pg_restore stopped at TABLE DATA cards\. PostgreSQL's message may quote a row/)
  t.false(lines.join('').includes('4711'))
})

test('a function that does not find a table without its search_path: the table is named', async (t) => {
  const { failure } = await tenantWith(t, [
    'CREATE TABLE settings AS SELECT 1 AS least',
    `CREATE FUNCTION fits(n int) RETURNS boolean LANGUAGE plpgsql STABLE AS 'BEGIN RETURN n >= (SELECT least FROM settings); END'`,
    'CREATE TABLE cards (n int CHECK (public.fits(n)))',
    'INSERT INTO cards VALUES (4711)',
  ])
  const { told } = await failure()
  t.regex(told, /^pg_restore stopped at TABLE DATA cards: relation "settings" does not exist\. .* SET search_path/)
})

test('a function that is found by search_path only is told with the way out, which mends it', async (t) => {
  const { tenant, failure, take, asSuperuser } = await tenantWith(t, [
    `CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END'`,
    `CREATE FUNCTION more(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN n + one(); END'`,
    'CREATE TABLE cards (n int, next int GENERATED ALWAYS AS (more(n)) STORED)',
    'INSERT INTO cards VALUES (1)',
  ])
  const { told } = await failure()
  t.regex(told, /TABLE DATA cards: function one\(\) does not exist\. .* ALTER FUNCTION … SET search_path/)
  await asSuperuser(`SET ROLE ${tenant.target.names.owner}; ALTER FUNCTION public.more SET search_path = public`)
  t.is((await take()).rows['"public"."cards"'], 1)
})

test('the constraint of a domain that its rows do not keep is named, and NOT VALID mends it', async (t) => {
  const { tenant, failure, take, asSuperuser } = await tenantWith(t, [
    'CREATE TABLE zones AS SELECT 1 AS n',
    `CREATE FUNCTION known(m int) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM public.zones WHERE n = m)'`,
    'CREATE DOMAIN zone AS int CONSTRAINT is_known CHECK (known(VALUE))',
    'CREATE TABLE cards (zone zone)',
    'INSERT INTO cards VALUES (1)',
  ])
  const { told } = await failure()
  t.regex(told, /TABLE DATA cards: value for domain public\.zone violates check constraint "is_known"\. .* NOT VALID/)
  const anew = 'DROP CONSTRAINT is_known; ALTER DOMAIN zone ADD CONSTRAINT is_known CHECK (known(VALUE)) NOT VALID'
  await asSuperuser(`SET ROLE ${tenant.target.names.owner}; ALTER DOMAIN zone ${anew}`)
  t.is((await take()).rows['"public"."cards"'], 1)
})

test('what a superuser made for the tenant and nobody else can make is told with whose hands mend it', async (t) => {
  const made = 'CREATE FUNCTION public.own(int) RETURNS int LANGUAGE internal'
  const { failure, take, asSuperuser } = await tenantWith(t, [], [`${made} AS 'int4abs'`])
  const { reason, told } = await failure()
  t.is(reason, 'RestoreRefused')
  t.regex(told, /FUNCTION own\(integer\): permission denied for language internal\. .* administrator of the server/)
  await asSuperuser('DROP FUNCTION public.own')
  await t.notThrowsAsync(take())
})

test('rows that a restore spreads over other partitions, by the hash of an enumeration, are all there', async (t) => {
  const { take } = await tenantWith(t, [
    `CREATE TYPE colour AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g')`,
    `ALTER TYPE colour ADD VALUE 'aa' BEFORE 'b'`,
    'CREATE TABLE parts (colour colour) PARTITION BY HASH (colour)',
    ...[0, 1, 2].map((n) => `CREATE TABLE p${n} PARTITION OF parts FOR VALUES WITH (MODULUS 3, REMAINDER ${n})`),
    'INSERT INTO parts SELECT unnest(enum_range(NULL::colour))',
    'CREATE TABLE days (day int) PARTITION BY RANGE (day)',
    'CREATE TABLE early PARTITION OF days FOR VALUES FROM (0) TO (10)',
    'INSERT INTO days VALUES (1), (2)',
  ])
  t.deepEqual((await take()).rows, { '"public"."early"': 2, '"public"."parts"': 8 })
})

test('an extension that only a superuser can create is named, with both ways out', async (t) => {
  const { failure } = await tenantWith(t, [], ['CREATE EXTENSION pageinspect'])
  const { reason, told } = await failure()
  t.is(reason, 'RestoreRefused')
  t.regex(told, /^The extension "pageinspect" can only be created by a superuser\. /)
  t.deepEqual(statementsIn(told), ['DROP EXTENSION "pageinspect";'])
  t.regex(told, /pg_restore stopped at EXTENSION pageinspect: permission denied to create extension "pageinspect"\.$/)
})
