/** What a tenant has set for its login (ALTER ROLE … SET), on a real server, when the other login takes over. */
import test from 'ava'
import type { DatabaseEffect, LoginName, PostgresServer } from '../../operator/postgres/model/port.ts'
import type { Session } from '../harness/postgres-access.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { left, loginAs, observed, operatorOn, provisioned, soon } from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'

const postgres = await postgresForTests()

/** As a rotation prepares the login that is not in use. */
async function prepare(server: PostgresServer, of: TestTenant, next: LoginName): Promise<DatabaseEffect> {
  const target = { ...of.target, otherLoginAllowed: true }
  return server.apply({ kind: 'EnsureRoles', target, verifiers: { [next]: of.verifier }, next }, soon())
}

/** The tenant once its other login is the current one. */
const switched = (of: TestTenant, currentLogin: LoginName): TestTenant => ({
  ...of,
  target: { ...of.target, currentLogin },
})

/** As the login itself, which sessions are not when they begin. */
async function alter(session: Session, ...settings: readonly string[]): Promise<void> {
  await session.query('SET ROLE NONE')
  for (const setting of settings) await session.query(`ALTER ROLE current_user ${setting}`)
}

async function shown(of: TestTenant, ...names: readonly string[]): Promise<readonly unknown[]> {
  await using session = await loginAs(postgres, of)
  const { rows } = await session.query<Record<string, string>>(
    `SELECT ${names.map((name) => `current_setting('${name}') AS "${name}"`).join()}`,
  )
  return Object.values(rows[0] ?? {})
}

async function own(server: PostgresServer, of: TestTenant, login: LoginName): Promise<readonly string[]> {
  const { logins } = await observed(server, of)
  return (logins[login]?.settings ?? []).filter((setting) => !setting.startsWith('role='))
}

test('what a tenant sets for its login holds for the next one, there and back', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await using session = await loginAs(postgres, one)
  await session.query('CREATE SCHEMA app; CREATE SCHEMA "Odd, ""name"""')
  await alter(
    session,
    'SET search_path = app, "Odd, ""name""", "$user"',
    `SET "TimeZone" = 'Europe/Berlin'`,
    `SET DateStyle = 'SQL, DMY'`,
    `IN DATABASE ${one.target.names.database} SET work_mem = '8MB'`,
  )
  t.deepEqual(await left(server, one), [], 'what a tenant sets is its own, and no drift')
  t.is((await prepare(server, one, 'b')).notCarried, undefined)
  t.deepEqual(await own(server, one, 'b'), await own(server, one, 'a'))
  const two = switched(one, 'b')
  const names = ['search_path', 'TimeZone', 'DateStyle', 'work_mem']
  t.deepEqual(await shown(two, ...names), await shown(one, ...names))
  t.deepEqual(await shown(two, ...names), ['app, "Odd, ""name""", "$user"', 'Europe/Berlin', 'SQL, DMY', '8MB'])

  await using later = await loginAs(postgres, two)
  await alter(later, 'RESET search_path', `SET "TimeZone" = 'UTC'`)
  await prepare(server, two, 'a')
  t.deepEqual(await shown(one, 'TimeZone', 'DateStyle', 'work_mem'), ['UTC', 'SQL, DMY', '8MB'])
  t.deepEqual(await own(server, one, 'a'), await own(server, one, 'b'), 'what it took off is off')
})

test('what the operator may not set holds nothing up, and is named', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const { a } = one.target.names.logins
  await postgres.query(`ALTER ROLE ${a} SET log_min_duration_statement = '1s'`)
  await postgres.query(`ALTER ROLE ${a} SET my.own = 'x'`)
  await using session = await loginAs(postgres, one)
  await alter(session, `SET work_mem = '8MB'`)
  t.deepEqual((await prepare(server, one, 'b')).notCarried, ['log_min_duration_statement', 'my.own'])
  t.deepEqual(await shown(switched(one, 'b'), 'work_mem'), ['8MB'])
  t.deepEqual(await left(server, { ...one, target: { ...one.target, otherLoginAllowed: true } }), [])
})

test('what only its own transaction may set, or nobody may take off, holds nothing up', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await using session = await loginAs(postgres, one)
  await session.query('SET ROLE NONE')
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await session.query(`ALTER ROLE current_user SET transaction_isolation = 'repeatable read'`)
  await session.query('COMMIT')
  await alter(session, `SET work_mem = '8MB'`)
  t.deepEqual((await prepare(server, one, 'b')).notCarried, ['transaction_isolation'])
  const two = switched(one, 'b')
  t.deepEqual(await shown(two, 'work_mem'), ['8MB'])
  await using later = await loginAs(postgres, two)
  await alter(later, 'RESET work_mem')
  await prepare(server, two, 'a')
  t.deepEqual(
    (await own(server, one, 'a')).filter((setting) => setting.startsWith('work_mem')),
    [],
  )
})

test('a value of great length comes along to nothing that is looked at', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await using session = await loginAs(postgres, one)
  await alter(session, `SET application_name = '${'a'.repeat(20_000)}'`, `SET work_mem = '8MB'`)
  t.deepEqual(await own(server, one, 'a'), ['work_mem=8MB'])
  await prepare(server, one, 'b')
  t.deepEqual(await own(server, one, 'b'), ['work_mem=8MB'])
})

test('a value that breaks every session of the tenant breaks none of the operator', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await using session = await loginAs(postgres, one)
  await alter(
    session,
    `SET lock_timeout = '1ms'`,
    'SET default_transaction_read_only = on',
    `SET statement_timeout = '1ms'`,
  )
  await prepare(server, one, 'b')
  t.deepEqual(await own(server, one, 'b'), await own(server, one, 'a'))
  t.deepEqual(await left(server, { ...switched(one, 'b'), target: { ...one.target, otherLoginAllowed: true } }), [])
})

test('a login that somebody dropped comes back with what the other one has', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const session = await loginAs(postgres, one)
  await alter(session, `SET work_mem = '8MB'`)
  await prepare(server, one, 'b')
  await session.end()
  await postgres.query(`DROP ROLE ${one.target.names.logins.a}`)
  await server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: { a: one.verifier } }, soon())
  t.deepEqual(await shown(one, 'work_mem'), ['8MB'])
})

test('a schema of its own in a shared database: search_path goes along, and is never gone', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { isolation: 'Schema' })
  const { schema = '' } = one.target.names
  await prepare(server, one, 'b')
  t.deepEqual(await own(server, one, 'b'), [`search_path=${schema}`])
  await using session = await loginAs(postgres, one)
  await alter(session, `SET search_path = ${schema}, pg_catalog`)
  await prepare(server, one, 'b')
  t.deepEqual(await shown(switched(one, 'b'), 'search_path'), [`${schema}, pg_catalog`])
  await alter(session, 'RESET search_path')
  await prepare(server, one, 'b')
  t.is((await own(server, one, 'b')).length, 1)
})
