/** What a tenant makes as its login, having left its owner role, is given to that role: its other login reaches it. */
import test from 'ava'
import type { PostgresServer, TenantDatabase } from '../../operator/postgres/model/port.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { left, loginAs, observed, operatorOn, provisioned, soon, sqlstate } from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'

const postgres = await postgresForTests()

const give = (server: PostgresServer, { target }: TestTenant) => server.apply({ kind: 'GiveToOwner', target }, soon())

/** As the rotation prepares the login that is not in use. */
async function prepare(server: PostgresServer, { target, verifier }: TestTenant): Promise<void> {
  const both = { ...target, otherLoginAllowed: true }
  await server.apply({ kind: 'EnsureRoles', target: both, verifiers: { b: verifier }, next: 'b' }, soon())
}

const asOther = (of: TestTenant): TestTenant => ({ ...of, target: { ...of.target, currentLogin: 'b' } })

const anywhere = [
  'CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text)',
  `INSERT INTO made (what) VALUES ('x')`,
  'CREATE VIEW seen AS SELECT what FROM made',
  `CREATE TYPE mood AS ENUM ('sad')`,
  `CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  `SELECT lo_from_bytea(0, '\\x01')`,
  'ALTER DEFAULT PRIVILEGES REVOKE ALL ON ROUTINES FROM PUBLIC',
]
/** A schema of its own too, with what may only be given to who may create there, and an extension. */
const inOwnDatabase = [
  'CREATE SCHEMA "Odd ""one"""',
  `CREATE FUNCTION "Odd ""one""".two() RETURNS int LANGUAGE sql AS 'SELECT 2'`,
  'CREATE EXTENSION hstore SCHEMA "Odd ""one"""',
]

/** A tenant whose application has left the owner role and made something. */
async function leaving(server: PostgresServer, isolation: TenantDatabase['isolation']): Promise<TestTenant> {
  const made = await provisioned(server, { isolation })
  await using session = await loginAs(postgres, made)
  await session.query('SET ROLE NONE')
  for (const each of [...anywhere, ...(isolation === 'Database' ? inOwnDatabase : [])]) await session.query(each)
  return made
}

/** Which of its logins own something in its database. */
async function owning({ target: { names } }: TestTenant): Promise<readonly unknown[]> {
  const rows = await postgres.query<{ owner: string }>(
    `SELECT DISTINCT r.rolname::text AS owner FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid JOIN pg_database d ON d.oid = s.dbid
     WHERE s.deptype = 'o' AND s.classid <> 'pg_default_acl'::regclass AND d.datname = current_database() AND r.rolname LIKE $1`,
    [`${names.owner}_%`],
    names.database,
  )
  return rows.map(({ owner }) => owner)
}

async function whatOtherSees(of: TestTenant): Promise<unknown> {
  await using session = await loginAs(postgres, asOther(of))
  return (await session.query('SELECT what, one() AS one FROM seen')).rows
}

for (const isolation of ['Database', 'Schema'] as const) {
  test.serial(
    `what a session made as its login is given to the owner role at the regular look (${isolation})`,
    async (t) => {
      const server = operatorOn(t, postgres)
      const one = await leaving(server, isolation)
      t.deepEqual(await owning(one), [one.target.names.logins.a])
      t.deepEqual(await left(server, one, 'all'), ['GiveToOwner'])
      t.deepEqual(await left(server, one), ['GiveToOwner'])
      t.is((await give(server, one)).did, 'Changed')
      t.deepEqual(await owning(one), [])
      t.deepEqual(await left(server, one, 'all'), [], 'default privileges of a login are its own')
      t.is((await give(server, one)).did, 'Nothing')
    },
  )

  test.serial(
    `the next login reaches what the former one made a moment before the switch (${isolation})`,
    async (t) => {
      const server = operatorOn(t, postgres)
      const one = await leaving(server, isolation)
      await prepare(server, one)
      t.deepEqual(await owning(one), [])
      t.deepEqual(await whatOtherSees(one), [{ what: 'x', one: 1 }])
    },
  )
}

test.serial('a role that is none from the start of a session is no other case', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const { names } = one.target
  const session = await postgres.connect({
    user: names.logins.a,
    password: one.password,
    database: names.database,
    options: '-c role=none',
  })
  await session.query('CREATE TABLE made (id int)')
  await session.end()
  t.deepEqual(await owning(one), [names.logins.a])
  await give(server, one)
  t.deepEqual(await owning(one), [])
})

test.serial('a lock of the tenant’s on what is to be given holds up neither the look nor the switch', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await leaving(server, 'Database')
  await using session = await loginAs(postgres, one)
  await session.query('SET ROLE NONE')
  await session.query('BEGIN')
  await session.query('SELECT * FROM made')
  t.is((await give(server, one)).did, 'Nothing')
  await prepare(server, one)
  t.deepEqual(await left(server, { ...one, target: { ...one.target, otherLoginAllowed: true } }), ['GiveToOwner'])
  t.is((await session.query('SELECT what FROM made')).rowCount, 1, 'its session goes on')
  await session.query('COMMIT')
  await give(server, one)
  t.deepEqual(await whatOtherSees(one), [{ what: 'x', one: 1 }])
})

test.serial(
  'what ends with its session is left alone, and nothing of the tenant’s rights stays with the operator',
  async (t) => {
    const server = operatorOn(t, postgres)
    const one = await provisioned(server)
    await using session = await loginAs(postgres, one)
    await session.query('SET ROLE NONE')
    await session.query('CREATE TEMPORARY TABLE mine (id int)')
    await session.query(`CREATE FUNCTION pg_temp.three() RETURNS int LANGUAGE sql AS 'SELECT 3'`)
    t.is((await give(server, one)).did, 'Nothing')
    t.is((await session.query('SELECT pg_temp.three() FROM mine')).rowCount, 0)
    await session.query('CREATE TABLE lasting (id int)')
    await session.query('DROP FUNCTION pg_temp.three()')
    t.is((await give(server, one)).did, 'Changed')
    await using operator = await postgres.connect({ ...postgres.operator, database: one.target.names.database })
    t.is(await sqlstate(operator.query('SELECT * FROM public.lasting')), '42501')
  },
)

test.serial(
  'what the server refuses is told with the statement that mends it, and keeps no password from changing',
  async (t) => {
    const server = operatorOn(t, postgres)
    const one = await provisioned(server)
    const { names } = one.target
    // A schema of somebody else's in which only the login may create: its function cannot be the owner role's.
    await postgres.query(`CREATE SCHEMA others; GRANT ALL ON SCHEMA others TO ${names.logins.a}`, [], names.database)
    await using session = await loginAs(postgres, one)
    await session.query('SET ROLE NONE')
    await session.query(`CREATE FUNCTION others.one() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
    const error = await t.throwsAsync(give(server, one), { name: 'PostgresError' })
    t.regex(error.message, /permission denied for schema others/)
    const statement = /run in that database: (REASSIGN OWNED BY .*;)$/.exec(error.message)?.[1] ?? ''
    await prepare(server, one)
    t.deepEqual((await observed(server, one)).logins.b?.canLogin, true)
    await postgres.query(statement, [], names.database)
    t.deepEqual(await owning(one), [])
  },
)

test.serial(
  'a server on which a login does not start as the role that it has set is told by the next try to log in',
  async (t) => {
    const server = operatorOn(t, postgres)
    const one = await provisioned(server)
    const { owner, logins, database } = one.target.names
    const probe = () => server.probe(database, logins.a, one.password, soon())
    t.true(await probe())
    t.is((await server.health(soon())).ignoresStartRole, undefined)
    // A role that it may not start as is ignored at the start of a session, as the defect has it of all.
    await postgres.query(
      `GRANT CONNECT ON DATABASE ${database} TO ${logins.a}; REVOKE ${owner} FROM ${logins.a} GRANTED BY tenantry`,
    )
    t.true(await probe())
    t.true((await server.health(soon())).ignoresStartRole)
    // Its own choice is none of the server's.
    await postgres.query(`ALTER ROLE ${logins.a} IN DATABASE ${database} SET role = 'none'`)
    t.true(await probe())
    t.is((await server.health(soon())).ignoresStartRole, undefined)
  },
)
