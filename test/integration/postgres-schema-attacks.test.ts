/** What a tenant tries on its neighbours when it has a schema in the database that they share. */
import { once } from 'node:events'
import test from 'ava'
import { directorySchema, sharedDatabaseName } from '../../operator/api/names.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import type { Session } from '../harness/postgres-access.ts'
import {
  action,
  applyAll,
  installation,
  left,
  loginAs,
  operatorOn,
  provisioned,
  removal,
  sharedCatalogue,
  soon,
  sqlstate,
} from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'

const postgres = await postgresForTests({ maxConnections: 100 })

const isolation = 'Schema'
const shared = sharedDatabaseName(installation)

type Names = TestTenant['target']['names']

const schemaOf = ({ schema = '' }: Names) => schema

/** 42501: refused. 42704, 0A000: there is no such thing. 3F000: no schema to create in. 2BP01, 55006: in use. */
const refusals = ['42501', '42704', '0A000', '3F000', '2BP01', '55006']

const refused: readonly (readonly [string, (mine: Names, other: Names) => string])[] = [
  ["reads a neighbour's table", (_, other) => `SELECT * FROM ${schemaOf(other)}.secrets`],
  ['reads what a neighbour granted to all', (_, other) => `SELECT * FROM ${schemaOf(other)}.open`],
  ["reads a neighbour's view", (_, other) => `SELECT * FROM ${schemaOf(other)}.seen`],
  ["reads a neighbour's sequence", (_, other) => `SELECT last_value FROM ${schemaOf(other)}.numbers`],
  ["writes a neighbour's table", (_, other) => `INSERT INTO ${schemaOf(other)}.open VALUES ('x')`],
  ["empties a neighbour's table", (_, other) => `TRUNCATE ${schemaOf(other)}.open`],
  ["calls a neighbour's function that runs as its maker", (_, other) => `SELECT ${schemaOf(other)}.tell()`],
  [
    'has a trigger call it',
    (_, other) => `CREATE TRIGGER t AFTER INSERT ON mine EXECUTE FUNCTION ${schemaOf(other)}.tell()`,
  ],
  [
    'has an operator call it',
    (_, other) => `CREATE OPERATOR ## (leftarg = text, rightarg = text, function = ${schemaOf(other)}.tell)`,
  ],
  ["uses a neighbour's type", (_, other) => `CREATE TABLE borrowed (x ${schemaOf(other)}.kind)`],
  ["inherits from a neighbour's table", (_, other) => `CREATE TABLE heir () INHERITS (${schemaOf(other)}.open)`],
  ["refers to a neighbour's table", (_, other) => `CREATE TABLE guess (x text REFERENCES ${schemaOf(other)}.open)`],
  ["copies a neighbour's table", (_, other) => `COPY ${schemaOf(other)}.open TO STDOUT`],
  ["locks a neighbour's table", (_, other) => `DO $$ BEGIN LOCK TABLE ${schemaOf(other)}.open; END $$`],
  ["explains a neighbour's table", (_, other) => `EXPLAIN ANALYZE SELECT * FROM ${schemaOf(other)}.open`],
  ["reads a neighbour's directory", (_, other) => `SELECT * FROM ${directorySchema(other)}.admins`],
  [
    "reads a neighbour's large object",
    () => `SELECT lo_get(oid) FROM pg_largeobject_metadata WHERE NOT pg_has_role(lomowner, 'USAGE')`,
  ],
  ['reads all large objects', () => 'SELECT * FROM pg_largeobject'],
  ['reads the statistics of all', () => 'SELECT * FROM pg_statistic'],
  ["creates in a neighbour's schema", (_, other) => `CREATE TABLE ${schemaOf(other)}.intruder (id int)`],
  ['moves a table there', (_, other) => `ALTER TABLE mine SET SCHEMA ${schemaOf(other)}`],
  ['creates in public', () => 'CREATE TABLE public.mine (id int)'],
  ['creates in its directory', (mine) => `CREATE TABLE ${directorySchema(mine)}.mine (id int)`],
  ['writes its directory', (mine) => `DELETE FROM ${directorySchema(mine)}.admins`],
  ['makes a schema', () => 'CREATE SCHEMA more'],
  ['renames its schema', (mine) => `ALTER SCHEMA ${schemaOf(mine)} RENAME TO free`],
  ['drops its schema', (mine) => `DROP SCHEMA ${schemaOf(mine)} CASCADE`],
  ["drops a neighbour's schema", (_, other) => `DROP SCHEMA ${schemaOf(other)} CASCADE`],
  ['takes its schema over', (mine) => `ALTER SCHEMA ${schemaOf(mine)} OWNER TO ${mine.owner}`],
  ['marks its schema', (mine) => `COMMENT ON SCHEMA ${schemaOf(mine)} IS 'x'`],
  ['forges the mark on its owner role', (mine) => `COMMENT ON ROLE ${mine.owner} IS 'x'`],
  ["forges a neighbour's mark", (_, other) => `COMMENT ON ROLE ${other.owner} IS 'x'`],
  ['forges the mark on the shared database', () => `COMMENT ON DATABASE ${shared} IS 'x'`],
  ['makes a neighbour a member', (mine, other) => `GRANT ${mine.owner} TO ${other.logins.a}`],
  ["becomes a neighbour's member", (mine, other) => `GRANT ${other.owner} TO ${mine.logins.a}`],
  ['acts as a neighbour', (_, other) => `SET ROLE ${other.owner}`],
  ["acts as a neighbour's login", (_, other) => `SET SESSION AUTHORIZATION ${other.logins.a}`],
  ['acts as the operator', () => 'SET ROLE tenantry'],
  ['drops the shared database', () => `DROP DATABASE ${shared}`],
  ['renames it', () => `ALTER DATABASE ${shared} RENAME TO free`],
  ['sets its defaults for all', () => `ALTER DATABASE ${shared} SET search_path = public`],
  ["lifts its login's limit", (mine) => `ALTER ROLE ${mine.logins.a} CONNECTION LIMIT -1`],
  ["sets a neighbour's search_path", (_, other) => `ALTER ROLE ${other.logins.a} SET search_path = public`],
  ["sets a neighbour's password", (_, other) => `ALTER ROLE ${other.logins.a} PASSWORD 'x'`],
  [
    "ends a neighbour's sessions",
    (_, other) => `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${other.logins.a}'`,
  ],
  ['creates an event trigger', () => `CREATE EVENT TRIGGER spy ON ddl_command_end EXECUTE FUNCTION spy()`],
  ['publishes everything', () => 'CREATE PUBLICATION everything FOR ALL TABLES'],
  ['publishes anything', () => 'CREATE PUBLICATION anything FOR TABLE mine'],
  ['loads an extension', () => 'CREATE EXTENSION hstore'],
  ['makes a cast between types of the system', () => 'CREATE CAST (text AS int) WITH INOUT AS IMPLICIT'],
  [
    "changes a neighbour's default privileges",
    (_, other) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${other.owner} GRANT ALL ON TABLES TO PUBLIC`,
  ],
  ['gives its own to a neighbour', (mine, other) => `REASSIGN OWNED BY ${mine.owner} TO ${other.owner}`],
  ["drops a neighbour's", (_, other) => `DROP OWNED BY ${other.owner}`],
]

/** A tenant that guards nothing by itself: all it has is granted to all, as far as PostgreSQL lets it. */
async function careless(one: TestTenant): Promise<void> {
  await using session = await loginAs(postgres, one)
  await session.query(`
    CREATE TABLE secrets (x text); INSERT INTO secrets VALUES ('neighbour''s secret');
    CREATE TABLE open (x text PRIMARY KEY); GRANT ALL ON open TO PUBLIC; INSERT INTO open VALUES ('neighbour''s secret');
    CREATE VIEW seen AS SELECT * FROM open; GRANT ALL ON seen TO PUBLIC;
    CREATE SEQUENCE numbers; GRANT ALL ON numbers TO PUBLIC;
    CREATE TYPE kind AS ENUM ('a');
    GRANT USAGE ON TYPE kind TO PUBLIC;
    CREATE FUNCTION tell() RETURNS text SECURITY DEFINER LANGUAGE sql AS 'SELECT x FROM secrets LIMIT 1';
    GRANT EXECUTE ON FUNCTION tell() TO PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
    CREATE TEMPORARY TABLE passing AS SELECT 'neighbour''s secret' AS x;
    SELECT lo_from_bytea(0, 'neighbour''s secret');
    ANALYZE open; ANALYZE secrets`)
  // A warning or a refusal: the schema is the operator's.
  await session.query(`GRANT ALL ON SCHEMA ${schemaOf(one.target.names)} TO PUBLIC`).catch(() => undefined)
}

test.serial("a tenant's login, as its owner role and as itself, is refused everything of a neighbour's", async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = [await provisioned(server, { isolation }), await provisioned(server, { isolation })]
  await careless(other)
  const before = await Promise.all([one, other].map((each) => sharedCatalogue(postgres, each)))
  await using _ = await loginAs(postgres, other)
  await using session = await loginAs(postgres, one)
  await session.query(
    `CREATE TABLE mine (x text); CREATE FUNCTION spy() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`,
  )
  for (const role of [one.target.names.owner, 'NONE']) {
    await session.query(`SET ROLE ${role}`)
    for (const [title, sql] of refused) {
      const code = await sqlstate(session.query(sql(one.target.names, other.target.names)))
      t.true(refusals.includes(code ?? 'it worked'), `${title}: ${code ?? 'it worked'}`)
    }
  }
  t.deepEqual(await Promise.all([one, other].map((each) => sharedCatalogue(postgres, each))), before)
  t.deepEqual([await left(server, one, 'all'), await left(server, other, 'all')], [[], []])
})

/** Everything that this session can read anywhere, as far as SELECT lets it. */
async function readable(session: Session): Promise<string> {
  const { rows } = await session.query<{ name: string }>(
    `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind IN ('r', 'v', 'm', 'p', 'f')`,
  )
  const found: string[] = []
  for (const { name } of rows) {
    await session.query(`SELECT t::text FROM ${name} t LIMIT 10000`).then(
      (answer) => found.push(JSON.stringify(answer.rows)),
      () => undefined,
    )
  }
  return found.join('\n')
}

test.serial(
  "no relation that a tenant can read has a row of a neighbour's, statistics and sessions included",
  async (t) => {
    const server = operatorOn(t, postgres)
    const [one, other] = [await provisioned(server, { isolation }), await provisioned(server, { isolation })]
    await careless(other)
    await using theirs = await loginAs(postgres, other)
    await theirs.query(`SET application_name = 'busy'; SELECT 'neighbour''s' || ' secret'`)
    await using session = await loginAs(postgres, one)
    await session.query(`SET search_path = ${schemaOf(other.target.names)}, ${directorySchema(other.target.names)}`)
    t.is(await sqlstate(session.query('SELECT * FROM open')), '42P01')
    const everything = await readable(session)
    t.true(everything.includes(other.target.names.owner), 'names are visible')
    t.notRegex(everything, /neighbour's secret|neighbour''s/)
  },
)

test.serial(
  'a tenant opens the shared database, and no other; one with a database of its own does not open it',
  async (t) => {
    const server = operatorOn(t, postgres)
    const many = [
      await provisioned(server, { isolation }),
      await provisioned(server, { isolation }),
      await provisioned(server),
      await provisioned(server),
    ]
    const databases = [...new Set(many.map(({ target }) => target.names.database)), 'postgres', 'template1']
    for (const one of many)
      for (const database of databases) {
        const attempt = loginAs(postgres, one, database).then((session) => session.end())
        t.is(await sqlstate(attempt), database === one.target.names.database ? undefined : '42501', database)
      }
  },
)

test.serial('a tenant cannot hand its right to connect on', async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = [await provisioned(server, { isolation }), await provisioned(server)]
  await using session = await loginAs(postgres, one)
  await session.query(`GRANT CONNECT ON DATABASE ${shared} TO ${other.target.names.owner}, PUBLIC`) // a warning in PostgreSQL
  t.is(await sqlstate(loginAs(postgres, other, shared)), '42501')
  t.deepEqual(await left(server, one, 'all'), [])
})

/** An application that opens this transaction again as often as it is thrown out; resolves when it first holds it. */
function holding(one: TestTenant, hold: string, signal: AbortSignal): Promise<void> {
  const held = Promise.withResolvers<void>()
  const run = async () => {
    while (!signal.aborted) {
      try {
        await using session = await loginAs(postgres, one)
        await session.query(hold)
        held.resolve()
        await once(session, 'end', { signal })
      } catch {
        // Thrown out, or not let in: again.
      }
    }
  }
  void run()
  return held.promise
}

test.serial(
  'a tenant that holds the row of the shared database locked keeps no neighbour from being made or removed',
  async (t) => {
    const server = operatorOn(t, postgres)
    const [one, other] = [await provisioned(server, { isolation }), await provisioned(server, { isolation })]
    const stop = new AbortController()
    const { owner, logins } = one.target.names
    await holding(one, `BEGIN; GRANT CONNECT ON DATABASE ${shared} TO ${owner}`, stop.signal)
    try {
      const third = await provisioned(server, { isolation })
      t.deepEqual(await left(server, third), [])
      for (const kind of removal) await server.apply(action(kind, other), soon())
      t.deepEqual(await sharedCatalogue(postgres, other), [])
    } finally {
      stop.abort()
      await postgres.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [logins.a])
    }
  },
)

test.serial('its own objects locked in an open transaction do not keep it from being removed', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { isolation })
  await using session = await loginAs(postgres, one)
  await session.query('CREATE TABLE mine (x text); BEGIN; LOCK TABLE mine')
  await applyAll(server, one, removal)
  t.deepEqual(await sharedCatalogue(postgres, one), [])
})
