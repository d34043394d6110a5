/** What a tenant tries with its database credentials beyond postgres-attacks.test.ts: ways out, and ways to hold the operator off. */
import { once } from 'node:events'
import test from 'ava'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import {
  action,
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

const postgres = await postgresForTests({
  maxConnections: 60,
  settings: { log_statement: 'all', log_connections: 'on' },
})

type Names = TestTenant['target']['names']

/** 42501: refused. 42704, 0A000: there is no such thing here. */
const refused = ['42501', '42704', '0A000']

const ways: readonly (readonly [string, (mine: Names, other: Names) => string])[] = [
  ['loads dblink, to reach its neighbours from within', () => 'CREATE EXTENSION dblink'],
  ['loads postgres_fdw', () => 'CREATE EXTENSION postgres_fdw'],
  ['loads file_fdw', () => 'CREATE EXTENSION file_fdw'],
  ['loads pageinspect', () => 'CREATE EXTENSION pageinspect'],
  ['loads an untrusted language', () => 'CREATE LANGUAGE plperlu'],
  ['loads a library', () => `LOAD 'auto_explain'`],
  [
    'has a library loaded at its next login',
    ({ logins }) => `ALTER ROLE ${logins.a} SET session_preload_libraries = 'x'`,
  ],
  ['defines a server of its own', () => 'CREATE SERVER s FOREIGN DATA WRAPPER dblink_fdw'],
  ['subscribes to another server', () => `CREATE SUBSCRIPTION s CONNECTION 'host=/tmp' PUBLICATION p`],
  ['makes a replication slot, which keeps all WAL', () => `SELECT pg_create_physical_replication_slot('x')`],
  ['makes a logical replication slot', () => `SELECT pg_create_logical_replication_slot('x', 'pgoutput')`],
  ['drops a replication slot', () => `SELECT pg_drop_replication_slot('x')`],
  ['runs a program by COPY FROM', () => `COPY public.c FROM PROGRAM 'id'`],
  ['reads a file by COPY', () => `COPY public.c FROM '/etc/passwd'`],
  ['writes a file by COPY', () => `COPY (SELECT 1) TO '/tmp/x'`],
  ['reads a file as a large object', () => `SELECT lo_import('/etc/passwd')`],
  ['writes a file from a large object', () => `SELECT lo_export(1, '/tmp/x')`],
  ['lists the data folder', () => `SELECT pg_ls_dir('.')`],
  ['looks at a file', () => `SELECT pg_stat_file('PG_VERSION')`],
  ['reads the rules of authentication', () => 'SELECT * FROM pg_hba_file_rules'],
  ['asks where the configuration is', () => 'SHOW config_file'],
  ['reads verifiers by the old view', () => 'SELECT passwd FROM pg_shadow'],
  ['reads the large objects of others', () => 'SELECT * FROM pg_largeobject'],
  ['has the configuration read again', () => 'SELECT pg_reload_conf()'],
  ['has the WAL switched', () => 'SELECT pg_switch_wal()'],
  ['forces a checkpoint', () => 'CHECKPOINT'],
  ['has all statements logged', () => `SET log_statement = 'all'`],
  ['turns triggers and foreign keys off', () => 'SET session_replication_role = replica'],
  [
    "cancels the operator's statements",
    () => `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry'`,
  ],
  ['locks the roles of all', () => 'DO $$ BEGIN LOCK TABLE pg_catalog.pg_authid IN SHARE MODE; END $$'],
  ['locks the list of databases', () => 'DO $$ BEGIN LOCK TABLE pg_catalog.pg_database IN SHARE MODE; END $$'],
  [
    'locks the comments, where marks are',
    () => 'DO $$ BEGIN LOCK TABLE pg_catalog.pg_shdescription IN SHARE MODE; END $$',
  ],
  ['rewrites the system catalogues', ({ database }) => `REINDEX SYSTEM ${database}`],
  ['renames its database', ({ database }) => `ALTER DATABASE ${database} RENAME TO free`],
  ['drops its login', ({ logins }) => `DROP ROLE ${logins.a}`],
  ['reads all data by a role of the system', ({ logins }) => `GRANT pg_read_all_data TO ${logins.a}`],
  ['gives its tables to a neighbour', ({ owner }, other) => `REASSIGN OWNED BY ${owner} TO ${other.owner}`],
]

test.serial("refused: a tenant's login, as its owner role and as itself", async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = await Promise.all([provisioned(server), provisioned(server)])
  const before = await Promise.all([one, other].map((each) => sharedCatalogue(postgres, each)))
  await using session = await loginAs(postgres, one)
  await session.query('CREATE TABLE public.c (line text)')
  for (const role of [one.target.names.owner, 'NONE']) {
    await session.query(`SET ROLE ${role}`)
    for (const [title, sql] of ways) {
      const code = await sqlstate(session.query(sql(one.target.names, other.target.names)))
      t.true(refused.includes(code ?? 'it worked'), `${title}: ${code ?? 'it worked'}`)
    }
  }
  t.deepEqual(await Promise.all([one, other].map((each) => sharedCatalogue(postgres, each))), before)
})

test.serial(
  'a tenant that wants to be the operator at its next login is itself then, and its setting is healed',
  async (t) => {
    const server = operatorOn(t, postgres)
    const one = await provisioned(server)
    const { logins } = one.target.names
    await using session = await loginAs(postgres, one)
    await session.query(`SET ROLE NONE; ALTER ROLE ${logins.a} SET role = 'tenantry'`)
    await using next = await loginAs(postgres, one)
    const { rows } = await next.query<{ role: string }>('SELECT current_user::text AS role')
    t.is(rows[0]?.role, logins.a)
    t.deepEqual(await left(server, one), ['EnsureRoles'])
    await server.apply(action('EnsureRoles', one), soon())
    t.deepEqual(await left(server, one), [])
  },
)

test.serial('a tenant cannot open a replication connection', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const { database, logins } = one.target.names
  const login = { database, user: logins.a, password: one.password, replication: 'true' }
  t.is(await sqlstate(postgres.connect(login).then((session) => session.end())), '28000')
})

test.serial('a tenant that gives all its rights away by DROP OWNED keeps what is shared as it was', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const { owner, logins } = one.target.names
  const before = await sharedCatalogue(postgres, one)
  await using session = await loginAs(postgres, one)
  await session.query(`DROP OWNED BY ${owner}; SET ROLE NONE; DROP OWNED BY ${logins.a}`)
  t.deepEqual(await left(server, one), [])
  t.deepEqual(await sharedCatalogue(postgres, one), before)
})

/** What a tenant may do and leave uncommitted, so that a row stays locked. */
const holds = {
  'its password': ({ logins }: Names) => `BEGIN; SET ROLE NONE; ALTER ROLE ${logins.a} PASSWORD 'mine'`,
  'the rights on its database': ({ owner, database }: Names) =>
    `BEGIN; GRANT CONNECT ON DATABASE ${database} TO ${owner}`,
  'the admin directory, which it reads': () => 'BEGIN; SELECT * FROM tenantry.admins',
}

/** Applications that open this transaction again as often as they are thrown out, until the signal. */
function persistent(
  one: TestTenant,
  hold: string,
  signal: AbortSignal,
): { held: Promise<void>; ended: Promise<unknown> } {
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
  return { held: held.promise, ended: Promise.all([run(), run(), run()]) }
}

for (const [what, hold] of Object.entries(holds)) {
  for (const kinds of [['EnsureRoles', 'EnsureInside', 'WriteDirectory'], removal] as const) {
    const purpose = kinds === removal ? 'being removed' : 'being healed'
    test.serial(`a tenant that holds ${what} locked, again and again, is not kept from ${purpose}`, async (t) => {
      const server = operatorOn(t, postgres)
      const one = await provisioned(server)
      const stop = new AbortController()
      const { held, ended } = persistent(one, hold(one.target.names), stop.signal)
      await held
      try {
        for (const kind of kinds) await server.apply(action(kind, one), soon())
      } finally {
        stop.abort()
        await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, [
          one.target.names.logins.a,
        ])
        await ended
      }
      if (kinds === removal) t.deepEqual(await sharedCatalogue(postgres, one), [])
      else t.deepEqual(await left(server, one), [])
    })
  }
}

test.serial(
  'tenants that take every connection they may leave room for the operator, and for other tenants',
  async (t) => {
    const server = operatorOn(t, postgres)
    const [one, other] = await Promise.all([provisioned(server), provisioned(server)])
    const tenants = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? one : other))
    const sessions = await Promise.allSettled(tenants.map((each) => loginAs(postgres, each)))
    const open = sessions.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const most = one.target.connectionLimit + other.target.connectionLimit
    try {
      // Two sessions that start at once for the last place may both be refused (CREATE DATABASE, Notes).
      for (const each of tenants) {
        if (open.length >= most) break
        const last = await Promise.allSettled([loginAs(postgres, each)])
        open.push(...last.flatMap((login) => (login.status === 'fulfilled' ? [login.value] : [])))
      }
      t.is(open.length, most)
      t.deepEqual(await Promise.all([one, other].map((each) => sqlstate(loginAs(postgres, each)))), ['53300', '53300'])
      const third = await provisioned(server)
      await using _ = await loginAs(postgres, third)
    } finally {
      await Promise.all(open.map((session) => session.end()))
    }
  },
)
