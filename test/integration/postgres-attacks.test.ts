import { randomBytes } from 'node:crypto'
import test from 'ava'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import type { Postgres } from '../harness/postgres.ts'
import {
  action,
  applyAll,
  installation,
  left,
  loginAs,
  observed,
  operatorOn,
  provisioned,
  removal,
  sharedCatalogue,
  soon,
  sqlstate,
  tenant,
} from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'

const postgres = await postgresForTests({ maxConnections: 200, settings: { max_prepared_transactions: '10' } })

/** What a tenant's login may not do. `mine` and `other` are names of owner role and database; logins end in _a and _b. */
const refused: readonly (readonly [title: string, sql: (mine: string, other: string) => string])[] = [
  ['forge the mark on its owner role', (mine) => `COMMENT ON ROLE ${mine} IS 'x'`],
  ['forge the mark on its login', (mine) => `COMMENT ON ROLE ${mine}_a IS 'x'`],
  ['forge the mark on its database', (mine) => `COMMENT ON DATABASE ${mine} IS 'x'`],
  ["forge another tenant's mark", (_, other) => `COMMENT ON ROLE ${other} IS 'x'`],
  ['make another login a member', (mine, other) => `GRANT ${mine} TO ${other}_a`],
  ["become a member of another's role", (mine, other) => `GRANT ${other} TO ${mine}_a`],
  ['drop its database', (mine) => `DROP DATABASE ${mine}`],
  ["drop another's database", (_, other) => `DROP DATABASE ${other}`],
  ["lift its database's limit", (mine) => `ALTER DATABASE ${mine} CONNECTION LIMIT -1`],
  ["set its database's defaults", (mine) => `ALTER DATABASE ${mine} SET search_path = public`],
  ['take its database over', (mine) => `ALTER DATABASE ${mine} OWNER TO ${mine}`],
  ["lift its login's limit", (mine) => `ALTER ROLE ${mine}_a CONNECTION LIMIT -1`],
  ['raise its login', (mine) => `ALTER ROLE ${mine}_a CREATEDB`],
  ['let its other login in', (mine) => `ALTER ROLE ${mine}_b LOGIN`],
  ["act as another's role", (_, other) => `SET ROLE ${other}`],
  ['act as the operator', () => `SET ROLE tenantry`],
  ['become the superuser', () => `SET SESSION AUTHORIZATION postgres`],
  ["set the operator's defaults", () => `ALTER ROLE tenantry SET search_path = public`],
  [
    "end the operator's sessions",
    () => `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry'`,
  ],
  ['create a role', () => `CREATE ROLE intruder`],
  ['create a database', () => `CREATE DATABASE intruder`],
  ['create an event trigger', () => `CREATE EVENT TRIGGER spy ON ddl_command_end EXECUTE FUNCTION public.spy()`],
  ['write into the directory', () => `INSERT INTO tenantry.admins VALUES ('own', 'root', '', '', '', '', '')`],
  ['change the directory', () => `UPDATE tenantry.admins SET status = 'x'`],
  ['empty the directory', () => `DELETE FROM tenantry.admins`],
  ['truncate the directory', () => `TRUNCATE tenantry.admins`],
  ['lock the directory', () => `DO $$ BEGIN LOCK TABLE tenantry.admins IN SHARE MODE; END $$`],
  ['lock rows of the directory', () => `SELECT * FROM tenantry.admins FOR SHARE`],
  [
    'refer to the directory',
    () => `CREATE TABLE public.r (a text, b text, FOREIGN KEY (a, b) REFERENCES tenantry.admins)`,
  ],
  ['create in its schema', () => `CREATE TABLE tenantry.mine (id int)`],
  ['rename its schema', () => `ALTER SCHEMA tenantry RENAME TO old`],
  ['drop its schema', () => `DROP SCHEMA tenantry CASCADE`],
  ['put a trigger on it', () => `CREATE TRIGGER spy BEFORE INSERT ON tenantry.admins EXECUTE FUNCTION public.spy()`],
  ['put a rule on it', () => `CREATE RULE spy AS ON INSERT TO tenantry.admins DO ALSO NOTHING`],
  ['create in pg_catalog', () => `CREATE FUNCTION pg_catalog.spy() RETURNS int LANGUAGE sql AS 'SELECT 1'`],
  ['read files of the server', () => `SELECT pg_read_file('postgresql.conf')`],
  ['run programs', () => `COPY (SELECT 1) TO PROGRAM 'true'`],
  ['read verifiers', () => `SELECT rolpassword FROM pg_authid`],
  ['change the configuration', () => `ALTER SYSTEM SET work_mem = '1GB'`],
  ['publish everything', () => `CREATE PUBLICATION everything FOR ALL TABLES`],
]

const alsoByName = ['42501', '2BP01', '55006', '42809']

test.serial(
  "a tenant's login, as its owner role and as itself, is refused everything that is not its own",
  async (t) => {
    const server = operatorOn(t, postgres)
    const [one, other] = await Promise.all([provisioned(server), provisioned(server)])
    const before = await Promise.all([one, other].map((each) => sharedCatalogue(postgres, each)))
    await using session = await loginAs(postgres, one)
    await session.query(`CREATE FUNCTION public.spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`)
    await session.query(`CREATE FUNCTION public.spy_event() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`)
    for (const role of [one.target.names.owner, 'NONE']) {
      await session.query(`SET ROLE ${role}`)
      for (const [title, sql] of refused) {
        const code = await sqlstate(session.query(sql(one.target.names.owner, other.target.names.owner)))
        t.true(alsoByName.includes(code ?? 'it worked'), `${title}: ${code}`)
      }
    }
    t.deepEqual(await Promise.all([one, other].map((each) => sharedCatalogue(postgres, each))), before)
    t.deepEqual([await left(server, one), await left(server, other)], [[], []])
  },
)

test.serial(
  "what every login of a server can read names no tenant: comments, roles, databases, others' sessions",
  async (t) => {
    const server = operatorOn(t, postgres)
    const uid = `acme-${randomBytes(4).toString('hex')}`
    const other = await provisioned(server, { mark: { installation, tenant: `acme-customers/${uid}`, uid } })
    await using _ = await loginAs(postgres, other)
    await using session = await loginAs(postgres, await provisioned(server))
    const { rows } = await session.query<{ readable: string | null }>(
      `SELECT description AS readable FROM pg_shdescription UNION ALL SELECT rolname FROM pg_roles
     UNION ALL SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting UNION ALL SELECT datname FROM pg_database
     UNION ALL SELECT concat_ws(' ', usename, datname, application_name, query, client_addr) FROM pg_stat_activity`,
    )
    const readable = rows.map((row) => row.readable).join('\n')
    t.true(readable.includes(other.target.names.owner))
    t.notRegex(readable, /acme-customers/)
  },
)

test.serial('a tenant cannot hand its right to connect on', async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = await Promise.all([provisioned(server), provisioned(server)])
  const { database } = one.target.names
  await using session = await loginAs(postgres, one)
  await session.query(`GRANT CONNECT ON DATABASE ${database} TO ${other.target.names.owner}`) // a warning in PostgreSQL
  await session.query(`GRANT ALL ON DATABASE ${database} TO PUBLIC`)
  t.is(await sqlstate(loginAs(postgres, other, database)), '42501')
  t.deepEqual(await left(server, one), [])
})

test.serial('its own password, role setting and membership-free start are healed', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const { names } = one.target
  await using session = await loginAs(postgres, one)
  await session.query(
    `SET ROLE NONE; ALTER ROLE ${names.logins.a} PASSWORD 'mine'; ALTER ROLE ${names.logins.a} RESET role`,
  )
  await session.query(`ALTER ROLE ${names.logins.a} IN DATABASE ${names.database} SET role = 'none'`)
  t.deepEqual(await left(server, one), ['EnsureRoles'])
  t.false(await server.probe(names.database, names.logins.a, one.password, soon()))
  await server.apply(action('EnsureRoles', one), soon())
  t.deepEqual(await left(server, one), [])
  await using again = await loginAs(postgres, one)
  t.is((await again.query<{ role: string }>('SELECT current_user::text AS role')).rows[0]?.role, names.owner)
})

/** What an administrator of the server may do by mistake, and how much is healed. */
const mishaps: readonly (readonly [string, (mine: string) => string, readonly string[]])[] = [
  ['the database is opened to PUBLIC', (mine) => `GRANT CONNECT ON DATABASE ${mine} TO PUBLIC`, ['EnsureDatabase']],
  [
    'rights are granted on',
    (mine) => `GRANT CONNECT ON DATABASE ${mine} TO ${mine} WITH GRANT OPTION`,
    ['EnsureDatabase', 'EnsureInside'],
  ],
  [
    'the right to connect is revoked',
    (mine) => `REVOKE CONNECT ON DATABASE ${mine} FROM ${mine}`,
    ['EnsureDatabase', 'EnsureInside'],
  ],
  [
    "the operator's own rights are revoked",
    (mine) => `REVOKE ALL ON DATABASE ${mine} FROM tenantry`,
    ['EnsureDatabase'],
  ],
  ['the limit is lifted', (mine) => `ALTER DATABASE ${mine} CONNECTION LIMIT -1`, ['EnsureDatabase']],
  ['nobody may connect', (mine) => `ALTER DATABASE ${mine} ALLOW_CONNECTIONS false`, ['EnsureDatabase']],
  ["the login's limit is lifted", (mine) => `ALTER ROLE ${mine}_a CONNECTION LIMIT -1`, ['EnsureRoles']],
  ['the login is closed', (mine) => `ALTER ROLE ${mine}_a NOLOGIN`, ['EnsureRoles']],
  ['the other login is opened', (mine) => `ALTER ROLE ${mine}_b LOGIN`, ['EnsureRoles']],
  ['the owner role may log in', (mine) => `ALTER ROLE ${mine} LOGIN`, ['EnsureRoles']],
  [
    'the login may create',
    (mine) => `ALTER ROLE ${mine}_a CREATEDB CREATEROLE VALID UNTIL '2001-01-01'`,
    ['EnsureRoles'],
  ],
  ['the login is no member any more', (mine) => `REVOKE ${mine} FROM ${mine}_a GRANTED BY tenantry`, ['EnsureRoles']],
  [
    'the login does not inherit',
    (mine) =>
      postgres.major === 15
        ? `ALTER ROLE ${mine}_a NOINHERIT`
        : `GRANT ${mine} TO ${mine}_a WITH INHERIT FALSE GRANTED BY tenantry`,
    ['EnsureRoles'],
  ],
  ['a login is gone', (mine) => `DROP ROLE ${mine}_b`, ['EnsureRoles']],
  [
    "the tenant's name in the mark is old",
    (mine) =>
      `DO $$ BEGIN EXECUTE format('COMMENT ON ROLE ${mine} IS %L', replace(shobj_description('${mine}'::regrole, 'pg_authid'), '"tenant":"', '"tenant":"x')); END $$`,
    ['EnsureRoles'],
  ],
  ["the database's mark is gone", (mine) => `COMMENT ON DATABASE ${mine} IS NULL`, ['EnsureInside']],
]

for (const [title, sql, actions] of mishaps)
  test.serial(`healed: ${title}`, async (t) => {
    const server = operatorOn(t, postgres)
    const one = await provisioned(server)
    const before = await sharedCatalogue(postgres, one)
    await postgres.query(sql(one.target.names.owner))
    t.deepEqual(await left(server, one), [...actions])
    await applyAll(server, one, [...actions] as ('EnsureRoles' | 'EnsureDatabase' | 'EnsureInside')[])
    t.deepEqual(await left(server, one), [])
    t.deepEqual(await sharedCatalogue(postgres, one), before)
    await using _ = await loginAs(postgres, one)
    t.pass()
  })

test.serial('a database that was complete and is gone is not created anew, whatever the caller knows', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const name = one.target.names.database
  // The operator's session inside may not be over yet.
  await postgres.query(`DROP DATABASE ${name} WITH (FORCE)`)
  t.is(await left(server, one), 'DataMissing')
  for (const certainlyAbsent of [false, true]) {
    await t.throwsAsync(
      server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: {}, certainlyAbsent: true }, soon()),
      {
        message: /existed and is gone/,
      },
    )
    const acting = server.apply(
      { kind: 'EnsureDatabase', target: { ...one.target, creation: 'Never' }, certainlyAbsent },
      soon(),
    )
    await t.throwsAsync(acting, { message: /existed and is gone/ })
  }
  const roles = server.apply(
    { kind: 'EnsureRoles', target: { ...one.target, loginAllowed: false }, verifiers: {} },
    soon(),
  )
  await t.notThrowsAsync(roles, 'its logins are closed all the same')
  t.deepEqual(await postgres.query(`SELECT FROM pg_database WHERE datname = '${name}'`), [])
  const anew = { ...one, target: { ...one.target, creation: 'Anew' as const } }
  await applyAll(server, anew, ['EnsureRoles', 'EnsureDatabase', 'EnsureInside'])
  t.deepEqual(await left(server, one), [])
})

test.serial('what only the superuser can undo is said with the statement that does it', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await postgres.query(`GRANT ${one.target.names.owner} TO pg_monitor`)
  t.deepEqual(await left(server, one), ['EnsureRoles'])
  const healing = server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: {} }, soon())
  if (postgres.major >= 16) {
    await t.throwsAsync(healing, { message: new RegExp(`REVOKE "${one.target.names.owner}" FROM "pg_monitor"`) })
  } else {
    // Before PostgreSQL 16 CREATEROLE is enough to undo it.
    await healing
    t.deepEqual(await left(server, one), [])
  }
})

/** Objects that our statements would find before the system's own, were names looked up in the tenant's schemas. */
async function plant(access: Postgres, one: TestTenant): Promise<void> {
  await using session = await loginAs(access, one)
  await session.query(`
    CREATE TABLE public.caught (who text);
    CREATE FUNCTION public.spy(who text) RETURNS text LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.caught VALUES (current_user || ' ' || session_user); RETURN who; END $$;
    CREATE VIEW public.pg_namespace AS SELECT public.spy('x')::name AS nspname, 10::oid AS nspowner, 1::oid AS oid;
    CREATE FUNCTION public.pg_get_userbyid(oid) RETURNS name LANGUAGE sql AS $$ SELECT public.spy('x')::name $$;
    CREATE FUNCTION public.text_is(a text, b text) RETURNS boolean LANGUAGE sql AS $$ SELECT public.spy(a) = b $$;
    CREATE OPERATOR public.= (leftarg = text, rightarg = text, function = public.text_is);
    CREATE TABLE public.admins (origin text);
    GRANT USAGE ON SCHEMA public TO PUBLIC;
    GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC`)
  await session.query(`SET ROLE NONE`)
  await session.query(`ALTER ROLE ${one.target.names.logins.a} SET search_path = public, pg_catalog`)
}

test.serial('functions, views and operators planted in public are never found by our statements', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await plant(postgres, one)
  await server.apply(action('EnsureInside', one), soon())
  const entries = [
    { origin: 'own', username: 'u', email: '', firstName: '', lastName: '', applicationRole: '', status: '' },
  ]
  await server.apply({ kind: 'WriteDirectory', target: one.target, entries }, soon())
  await server.apply({ kind: 'WriteDirectory', target: one.target, entries: [] }, soon())
  t.deepEqual(await postgres.query('SELECT * FROM public.caught', [], one.target.names.database), [])
})

test.serial('a schema "tenantry" of somebody else is a conflict, and is not written to', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await tenant()
  await applyAll(server, one, ['EnsureRoles', 'EnsureDatabase'])
  const { names } = one.target
  await postgres.query(`CREATE SCHEMA tenantry AUTHORIZATION ${names.owner}`, [], names.database)
  await t.throwsAsync(server.apply(action('EnsureInside', one), soon()), { message: /schema "tenantry" belongs to/ })
  t.false((await observed(server, one)).complete)
})

test.serial('a tenant cannot connect before its database is complete', async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = await Promise.all([tenant(), provisioned(server)])
  await applyAll(server, one, ['EnsureRoles', 'EnsureDatabase'])
  t.is(await sqlstate(loginAs(postgres, one)), '42501')
  t.is(await sqlstate(loginAs(postgres, other, one.target.names.database)), '42501')
})

test.serial('a tenant that uses up its connections keeps the operator out of nothing', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { connectionLimit: 3 })
  const sessions = await Promise.all([1, 2, 3].map(() => loginAs(postgres, one)))
  t.is(await sqlstate(loginAs(postgres, one)), '53300')
  await server.apply(action('WriteDirectory', one), soon())
  await Promise.all(sessions.map((session) => session.end()))
})

test.serial('a transaction that a tenant left prepared does not save its database', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const session = await loginAs(postgres, one)
  await session.query(`BEGIN; CREATE TABLE stuck (id int); PREPARE TRANSACTION 'stuck-${one.target.mark.uid}'`)
  await session.query(`SET ROLE NONE; BEGIN; SELECT 1; PREPARE TRANSACTION 'own-${one.target.mark.uid}'`)
  await applyAll(server, one, removal)
  t.deepEqual(await sharedCatalogue(postgres, one), [])
})

/** What is there already, in the operator's way; `$` is the tenant's name. Nothing of it may change. */
const foreign: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a role without a mark', ['CREATE ROLE $ LOGIN'], /role "\$" exists on the server without a mark/],
  ['a login role without a mark', ['CREATE ROLE $_a LOGIN'], /role "\$_a" exists on the server without a mark/],
  [
    'a role with a forged-looking mark',
    ['CREATE ROLE $', `COMMENT ON ROLE $ IS '{"installation":"test"}'`],
    /without a mark/,
  ],
  [
    "another installation's role",
    [
      'CREATE ROLE $',
      `COMMENT ON ROLE $ IS '{"installation":"x","tenant":"a/b","uid":"u","kind":"owner","database":"$","logins":{"a":"$_a","b":"$_b"}}'`,
    ],
    /belongs to the tenant with uid u of the installation x/,
  ],
  ["somebody's database", ['CREATE DATABASE $'], /database "\$" belongs to the role "postgres"/],
  [
    'a database of our account without a mark',
    ['CREATE DATABASE $ OWNER tenantry'],
    /database "\$" exists .* without a mark/,
  ],
]

for (const [title, statements, message] of foreign)
  test.serial(`a conflict, and left alone: ${title}`, async (t) => {
    const server = operatorOn(t, postgres)
    const one = await tenant()
    const name = one.target.names.owner
    for (const statement of statements) await postgres.query(statement.replaceAll('$', name))
    const before = await sharedCatalogue(postgres, one)
    const expected = new RegExp(message.source.replaceAll('\\$', name))
    t.regex(String(await left(server, one)), expected)
    for (const kind of ['EnsureRoles', 'EnsureDatabase', 'EnsureInside', 'WriteDirectory', ...removal] as const)
      await t.throwsAsync(server.apply(action(kind, one), soon()), { message: expected }, kind)
    t.deepEqual(await sharedCatalogue(postgres, one), before)
  })
