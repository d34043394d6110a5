/** Tenants with isolation Schema on a server: their life, drift, crashes. What they try is in postgres-schema-attacks. */
import test from 'ava'
import { directorySchema, sharedDatabaseName } from '../../operator/api/names.ts'
import { removalActions } from '../../operator/postgres/reads/drift-statements.ts'
import { insideVersion } from '../../operator/postgres/model/mark.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { eventually } from '../harness/wait.ts'
import {
  action,
  applyAll,
  crashing,
  installation,
  left,
  loginAs,
  observed,
  operatorOn,
  provisioned,
  provisioning,
  removal,
  sharedCatalogue,
  soon,
  sqlstate,
  tenant,
} from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'

const postgres = await postgresForTests({ maxConnections: 200, settings: { max_prepared_transactions: '10' } })

const shared = sharedDatabaseName(installation)
const isolation = 'Schema'

const schemaOf = ({ target }: TestTenant) => target.names.schema ?? ''

/** All that a tenant has inside the shared database, and what is granted to it there. */
async function insideOf(one: TestTenant): Promise<unknown> {
  const { owner, logins } = one.target.names
  const roles = [owner, logins.a, logins.b]
  const rows = await postgres.query(
    `SELECT 'schema' AS kind, nspname::text AS name, concat_ws(' ', pg_get_userbyid(nspowner), nspacl) AS detail
       FROM pg_namespace WHERE nspname LIKE $1
     UNION ALL SELECT 'object', relname, pg_get_userbyid(relowner) || ' ' || coalesce(relacl::text, '') FROM pg_class c
       JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname LIKE $1 OR pg_get_userbyid(relowner) = ANY ($2)
     UNION ALL SELECT 'large object', '', '' FROM pg_largeobject_metadata WHERE pg_get_userbyid(lomowner) = ANY ($2)
     UNION ALL SELECT 'default', defaclobjtype::text, pg_get_userbyid(defaclrole) || ' ' || defaclacl::text FROM pg_default_acl
       WHERE pg_get_userbyid(defaclrole) = ANY ($2)
     UNION ALL SELECT 'database', 'rights', a::text FROM pg_database, unnest(datacl) a
       WHERE datname = current_database() AND a::text LIKE $1
     ORDER BY 1, 2, 3`,
    [`${owner}%`, roles],
    shared,
  )
  return rows.map((row) => ({ ...row }))
}

const normalised = async (one: TestTenant) =>
  JSON.stringify([await sharedCatalogue(postgres, one), await insideOf(one)])
    .replaceAll(one.target.names.owner, '$')
    .replaceAll(one.target.mark.uid, '#')
    .replace(/"tenant\\":\\"[a-z2-7]{16}/g, '@')

test.serial('provisioning makes exactly the rights of the design, and then nothing is left to do', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await tenant({ isolation })
  t.deepEqual(await left(server, one), [...provisioning])
  await applyAll(server, one)
  t.deepEqual(await left(server, one), [])
  const { owner, logins, database, complete } = await observed(server, one)
  const { names } = one.target
  t.true(complete)
  t.regex(owner?.comment ?? '', new RegExp(`"schema":"${names.schema}".*"inside":${insideVersion}`))
  t.deepEqual(owner?.members, [names.logins.a, names.logins.b])
  t.deepEqual(logins.a?.settings, [`role=${names.owner}`, `search_path=${names.schema}`])
  t.like(database, { owner: postgres.operator.user, shared: true, connectionLimit: -1 })
  t.deepEqual(database?.acl, [`${names.owner}=Tc/tenantry`, 'tenantry=CTc/tenantry'])
  t.deepEqual((await server.health(soon())).openToPublic, [])
})

test.serial('what it creates lies in its schema and belongs to its owner role, without naming either', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { isolation })
  await using session = await loginAs(postgres, one)
  await session.query(`CREATE TABLE things (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
  await session.query('CREATE TEMPORARY TABLE passing (id int)')
  const { rows } = await session.query(`SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'things'`)
  t.deepEqual(rows, [{ schemaname: schemaOf(one), tableowner: one.target.names.owner }])
  t.deepEqual(await left(server, one), [])
})

test.serial('acts done twice are done once, and nothing is written the second time', async (t) => {
  const one = await tenant({ isolation })
  let writes = 0
  const server = operatorOn(t, postgres, { mayWrite: () => (writes += 1) })
  await applyAll(server, one)
  const first = await normalised(one)
  writes = 0
  await server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: {} }, soon())
  await server.apply(action('EnsureDatabase', one), soon())
  t.is(writes, 0)
  await applyAll(server, one)
  t.is(await normalised(one), first)
})

test.serial('twenty at once, beside each other and beside those with databases of their own', async (t) => {
  const server = operatorOn(t, postgres)
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      provisioned(server, { isolation: index % 4 === 0 ? 'Database' : isolation }),
    ),
  )
  for (const one of many) t.deepEqual(await left(server, one), [])
  await Promise.all(many.map((one) => applyAll(server, one, removal)))
  for (const one of many) t.deepEqual(await sharedCatalogue(postgres, one), [])
})

test.serial('its directory is beside its schema, and only it can read that', async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = [await provisioned(server, { isolation }), await provisioned(server, { isolation })]
  const entry = {
    origin: 'own',
    username: 'u',
    email: 'e',
    firstName: '',
    lastName: '',
    applicationRole: '',
    status: '',
  }
  await server.apply({ kind: 'WriteDirectory', target: one.target, entries: [entry] }, soon())
  const table = `${directorySchema(one.target.names)}.admins`
  await using mine = await loginAs(postgres, one)
  t.deepEqual((await mine.query(`SELECT username FROM ${table}`)).rows, [{ username: 'u' }])
  t.is(await sqlstate(mine.query(`DELETE FROM ${table}`)), '42501')
  await using theirs = await loginAs(postgres, other)
  t.is(await sqlstate(theirs.query(`SELECT * FROM ${table}`)), '42501')
})

test.serial(
  'its directory that somebody dropped is made anew, also by the look at its schemas, and that is told',
  async (t) => {
    const server = operatorOn(t, postgres)
    const one = await provisioned(server, { isolation })
    const directory = directorySchema(one.target.names)
    await postgres.query(`DROP SCHEMA ${directory} CASCADE`, [], shared)
    t.deepEqual(await left(server, one, 'all'), ['EnsureInside'])
    const act = { kind: 'EnsureInside', target: one.target, entries: [] } as const
    t.deepEqual(await server.apply(act, soon()), { did: 'Changed', directoryLost: true })
    t.deepEqual(await left(server, one, 'all'), [])
    await postgres.query(`DROP TABLE ${directory}.admins CASCADE`, [], shared)
    const write = { kind: 'WriteDirectory', target: one.target, entries: [] } as const
    t.deepEqual(await server.apply(write, soon()), { did: 'Changed', directoryLost: true })
  },
)

test.serial('removal takes all of it and nothing of a neighbour, while the application is connected', async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = [await provisioned(server, { isolation }), await provisioned(server, { isolation })]
  const session = await loginAs(postgres, one)
  await session.query(`CREATE TABLE things AS SELECT 1 AS id; SELECT lo_from_bytea(0, 'x'); SET ROLE NONE`)
  await session.query(
    `CREATE TABLE more (id int); BEGIN; INSERT INTO things VALUES (2); PREPARE TRANSACTION 'schema-stuck'`,
  )
  await using theirs = await loginAs(postgres, other)
  await theirs.query('CREATE TABLE things AS SELECT 1 AS id')
  const before = await normalised(other)
  for (const kind of removal) {
    await server.apply(action(kind, one), soon())
    await server.apply(action(kind, one), soon())
  }
  t.deepEqual([await sharedCatalogue(postgres, one), await insideOf(one)], [[], []])
  t.deepEqual(removalActions(one.target, await observed(server, one)), { kind: 'Actions', actions: [] })
  t.is(await normalised(other), before)
  t.deepEqual((await theirs.query('SELECT id FROM things')).rows, [{ id: 1 }])
})

test.serial('removal goes on from any state, also when parts are gone already', async (t) => {
  const server = operatorOn(t, postgres)
  for (const gone of removal) {
    const one = await provisioned(server, { isolation })
    await applyAll(server, one, removal.slice(0, removal.indexOf(gone)))
    const verdict = removalActions(one.target, await observed(server, one))
    t.true(verdict.kind === 'Actions' && verdict.actions.at(-1) === 'DropRoles', gone)
    await applyAll(server, one, removal)
    t.deepEqual([await sharedCatalogue(postgres, one), await insideOf(one)], [[], []], gone)
  }
  await applyAll(server, await tenant({ isolation }), removal)
})

test.serial('a deactivated tenant is out and a neighbour stays in; it comes back with its password', async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = [await provisioned(server, { isolation }), await provisioned(server, { isolation })]
  const session = await loginAs(postgres, one)
  await using theirs = await loginAs(postgres, other)
  const off = { ...one, target: { ...one.target, loginAllowed: false } }
  await server.apply({ kind: 'EnsureRoles', target: off.target, verifiers: {} }, soon())
  await server.apply(action('TerminateSessions', off), soon())
  t.deepEqual(await left(server, off), [])
  await t.throwsAsync(session.query('SELECT 1'))
  t.is(await sqlstate(loginAs(postgres, one)), '28000')
  await theirs.query('SELECT 1')
  await server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: {} }, soon())
  await using _ = await loginAs(postgres, one)
  t.deepEqual(await left(server, one), [])
})

test.serial(
  'a crash before any write of provisioning or of a removal leaves what the next pass completes',
  async (t) => {
    const count = crashing(0)
    const expected = await normalised(await provisioned(operatorOn(t, postgres, count), { isolation }))
    const server = operatorOn(t, postgres)
    for (let before = 1; before <= count.writes(); before += 1) {
      const one = await tenant({ isolation })
      await t.throwsAsync(applyAll(operatorOn(t, postgres, crashing(before)), one), { message: 'crashed' })
      t.not((await left(server, one)).length, 0)
      await applyAll(server, one)
      t.is(await normalised(one), expected, `crash before write ${before}`)
    }
    const ending = crashing(0)
    await applyAll(operatorOn(t, postgres, ending), await provisioned(server, { isolation }), removal)
    for (let before = 1; before <= ending.writes(); before += 1) {
      const one = await provisioned(server, { isolation })
      await t.throwsAsync(applyAll(operatorOn(t, postgres, crashing(before)), one, removal), { message: 'crashed' })
      await applyAll(server, one, removal)
      t.deepEqual([await sharedCatalogue(postgres, one), await insideOf(one)], [[], []], `crash before write ${before}`)
    }
  },
)

test.serial('a crash before any write that makes the shared database itself', async (t) => {
  for (const before of [2, 3]) {
    const of = `fresh-${before}`
    const one = await tenant({ isolation }, of)
    const broken = operatorOn(t, postgres, { installation: of, ...crashing(before) })
    await t.throwsAsync(applyAll(broken, one), { message: 'crashed' })
    t.deepEqual((await broken.health(soon())).openToPublic, [])
    const server = operatorOn(t, postgres, { installation: of })
    await applyAll(server, one)
    t.deepEqual(await left(server, one), [])
    await using _ = await loginAs(postgres, one)
  }
})

/** What an administrator of the server may do by mistake, on which database, and how much is healed. */
const mishaps: readonly (readonly [string, (mine: string) => string, string, readonly string[]])[] = [
  [
    'the database is opened to PUBLIC',
    () => `GRANT CONNECT ON DATABASE ${shared} TO PUBLIC`,
    'postgres',
    ['EnsureDatabase'],
  ],
  ['a stranger may connect', () => `GRANT CONNECT ON DATABASE ${shared} TO pg_monitor`, 'postgres', ['EnsureDatabase']],
  [
    'it may create schemas',
    (mine) => `GRANT CREATE ON DATABASE ${shared} TO ${mine}`,
    'postgres',
    ['EnsureDatabase', 'EnsureInside'],
  ],
  [
    'it may not connect',
    (mine) => `REVOKE CONNECT ON DATABASE ${shared} FROM ${mine}`,
    'postgres',
    ['EnsureDatabase', 'EnsureInside'],
  ],
  ['the database has a limit', () => `ALTER DATABASE ${shared} CONNECTION LIMIT 5`, 'postgres', ['EnsureDatabase']],
  [
    "the database's mark is gone",
    () => `COMMENT ON DATABASE ${shared} IS NULL; ALTER DATABASE ${shared} ALLOW_CONNECTIONS false`,
    'postgres',
    ['EnsureDatabase'],
  ],
  ['its login starts in no schema', (mine) => `ALTER ROLE ${mine}_a RESET search_path`, 'postgres', ['EnsureRoles']],
  ['its schema is open to all', (mine) => `GRANT USAGE ON SCHEMA ${mine} TO PUBLIC`, shared, ['EnsureInside']],
  ['its schema is open to one', (mine) => `GRANT ALL ON SCHEMA ${mine} TO pg_monitor`, shared, ['EnsureInside']],
  [
    'its directory is open to all',
    (mine) => `GRANT USAGE ON SCHEMA ${mine}_directory TO PUBLIC`,
    shared,
    ['EnsureInside'],
  ],
  ['its directory is gone', (mine) => `DROP SCHEMA ${mine}_directory CASCADE`, shared, ['EnsureInside']],
]

for (const [title, sql, database, actions] of mishaps)
  test.serial(`healed: ${title}`, async (t) => {
    const server = operatorOn(t, postgres)
    const one = await provisioned(server, { isolation })
    const before = await normalised(one)
    await postgres.query(sql(one.target.names.owner), [], database)
    t.deepEqual(await left(server, one, 'all'), [...actions])
    await applyAll(server, one, [...actions] as ('EnsureRoles' | 'EnsureDatabase' | 'EnsureInside')[])
    t.deepEqual(await left(server, one, 'all'), [])
    t.is(await normalised(one), before)
    await using _ = await loginAs(postgres, one)
  })

test.serial('a search_path of its own choice stays', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { isolation })
  await using session = await loginAs(postgres, one)
  await session.query(
    `SET ROLE NONE; ALTER ROLE ${one.target.names.logins.a} SET search_path = ${schemaOf(one)}, pg_catalog`,
  )
  t.deepEqual(await left(server, one), [])
})

const foreign: readonly (readonly [string, (name: string) => readonly string[], RegExp])[] = [
  ["somebody's database", (name) => [`CREATE DATABASE ${name}`], /belongs to the role "postgres"/],
  ['a database of our account without a mark', (name) => [`CREATE DATABASE ${name} OWNER tenantry`], /without a mark/],
]

for (const [title, statements, message] of foreign)
  test.serial(`a conflict, and left alone: ${title} of the shared one's name`, async (t) => {
    const of = `foreign-${foreign.findIndex(([each]) => each === title)}`
    const server = operatorOn(t, postgres, { installation: of })
    for (const statement of statements(sharedDatabaseName(of))) await postgres.query(statement)
    const one = await tenant({ isolation }, of)
    t.regex(String(await left(server, one)), message)
    for (const kind of provisioning) await t.throwsAsync(server.apply(action(kind, one), soon()), { message }, kind)
  })

test.serial('the poll finds its size without touching a table, and its neighbours’ each', async (t) => {
  const server = operatorOn(t, postgres)
  const [one, other] = [await provisioned(server, { isolation }), await provisioned(server)]
  await using session = await loginAs(postgres, one)
  await session.query(`CREATE TABLE big AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 20000); ANALYZE big`)
  await session.query('BEGIN; LOCK TABLE big')
  // While another database goes, or the server does not answer in time, it is not known, and asked again with the next look.
  const sizes = await eventually(
    async () => {
      const found = await server.catalogue(soon())
      const [own, others] = [one, other].map(({ target }) => found.get(target.names.owner)?.sizeBytes)
      return own !== undefined && others !== undefined && { own, others }
    },
    { describe: 'the sizes' },
  )
  t.true(sizes.own > 20_000_000 && sizes.own < 30_000_000, `${sizes.own}`)
  t.true(sizes.others > 5_000_000)
})
