/** Parameters that are declared for a tenant, on the logins of a real server. */
import test from 'ava'
import type { TenantDatabase } from '../../operator/postgres/model/port.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { left, loginAs, observed, operatorOn, provisioned, soon } from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'

const postgres = await postgresForTests()

const withParameters = (of: TestTenant, parameters: TenantDatabase['parameters']): TestTenant => ({
  ...of,
  target: { ...of.target, ...(parameters && { parameters }) },
})

async function shown(of: TestTenant, ...names: readonly string[]): Promise<readonly unknown[]> {
  await using session = await loginAs(postgres, of)
  const { rows } = await session.query<Record<string, string>>(
    `SELECT ${names.map((name) => `current_setting('${name}') AS "${name}"`).join()}`,
  )
  return Object.values(rows[0] ?? {})
}

const all = {
  search_path: 'app, "$user", "Odd name"',
  statement_timeout: '24d',
  lock_timeout: '30s',
  idle_in_transaction_session_timeout: '499h',
  idle_session_timeout: '999999999ms',
  work_mem: '64kB',
  maintenance_work_mem: '4GB',
  TimeZone: 'Europe/Berlin',
  DateStyle: 'German, YMD',
  IntervalStyle: 'iso_8601',
  default_transaction_isolation: 'repeatable read',
  default_transaction_read_only: 'on',
  default_text_search_config: 'pg_catalog.german',
  jit: 'off',
}

test('all that may be declared is there from the first session on, and nothing is left to do', async (t) => {
  const server = operatorOn(t, postgres)
  await server.catalogue(soon())
  const one = await provisioned(server, { parameters: all })
  t.deepEqual(await left(server, one), [])
  t.deepEqual(await left(server, one, 'all'), [])
  t.deepEqual(await shown(one, 'search_path', 'TimeZone', 'work_mem', 'default_transaction_read_only'), [
    all.search_path,
    all.TimeZone,
    all.work_mem,
    'on',
  ])
  const { logins } = await observed(server, one)
  t.deepEqual(logins.a?.settings, logins.b?.settings)
})

test('a tenant that has others finds them put back; what it has besides stays', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { parameters: { statement_timeout: '1h' } })
  await using session = await loginAs(postgres, one)
  await session.query('SET ROLE NONE')
  await session.query('ALTER ROLE current_user SET statement_timeout = 0')
  await session.query(`ALTER ROLE current_user IN DATABASE ${one.target.names.database} SET statement_timeout = 0`)
  await session.query('ALTER ROLE current_user SET jit = off')
  t.deepEqual(await left(server, one), ['EnsureRoles'])
  await server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: {} }, soon())
  t.deepEqual(await left(server, one), [])
  t.deepEqual(await shown(one, 'statement_timeout', 'jit'), ['1h', 'off'])
})

test('what is not declared any more is taken off both logins', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { parameters: { statement_timeout: '1h', jit: 'off' } })
  const later = withParameters(one, { jit: 'off' })
  t.deepEqual(await left(server, later), ['EnsureRoles'])
  await server.apply({ kind: 'EnsureRoles', target: later.target, verifiers: {} }, soon())
  t.deepEqual(await left(server, later), [])
  t.deepEqual(await shown(later, 'statement_timeout', 'jit'), ['0', 'off'])
})

test('a value that the server does not know is named; all else of the roles is done', async (t) => {
  const server = operatorOn(t, postgres)
  await server.catalogue(soon())
  const one = await provisioned(server, { parameters: { TimeZone: 'Mars/Olympus', jit: 'off' } })
  t.deepEqual(await shown(one, 'jit'), ['off'])
  const off = { ...one.target, loginAllowed: false, parameters: { TimeZone: 'Mars/Olympus', work_mem: '8MB' } }
  const effect = await server.apply({ kind: 'EnsureRoles', target: off, verifiers: {} }, soon())
  t.deepEqual(effect.refusedParameters, ['TimeZone'])
  const { logins } = await observed(server, one)
  t.false(logins.a?.canLogin)
  t.true(logins.a?.settings.includes('work_mem=8MB'))
  t.false(logins.a?.settings.includes('jit=off'))
  const mended = { ...off, parameters: { TimeZone: 'UTC', work_mem: '8MB' } }
  t.is(
    (await server.apply({ kind: 'EnsureRoles', target: mended, verifiers: {} }, soon())).refusedParameters,
    undefined,
  )
  t.deepEqual(await left(server, { ...one, target: mended }), [])
})

test('a tenant that is taken over keeps what its login has, and what was declared is known to have been', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { parameters: { jit: 'off' } })
  await using session = await loginAs(postgres, one)
  await session.query('SET ROLE NONE')
  await session.query(`ALTER ROLE current_user SET work_mem = '8MB'`)
  const { installation, tenant, uid } = one.target.mark
  const mark = { installation, tenant, uid: `${uid}-later`, formerUids: [uid] }
  const { parameters: _none, ...target } = { ...one.target, mark }
  await server.apply({ kind: 'EnsureRoles', target, verifiers: {} }, soon())
  t.deepEqual(await shown(one, 'work_mem', 'jit'), ['8MB', 'on'])
})

test('temp_file_limit is left out until it is granted, and holds in the session then', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { parameters: { temp_file_limit: '1MB' } })
  t.deepEqual(await left(server, one), [])
  t.deepEqual(await shown(one, 'temp_file_limit'), ['-1'])
  await postgres.query(`GRANT SET ON PARAMETER temp_file_limit TO "${postgres.operator.user}"`)
  t.deepEqual(await left(server, one, 'all'), ['EnsureRoles'])
  await server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: {} }, soon())
  t.deepEqual(await left(server, one), [])
  await using session = await loginAs(postgres, one)
  await t.throwsAsync(session.query('SET temp_file_limit = -1'), { code: '42501' })
  await session.query(`SET work_mem = '64kB'`)
  await t.throwsAsync(session.query('SELECT count(*) FROM (SELECT FROM generate_series(1, 1000000) i ORDER BY i) s'), {
    code: '53400',
  })
  await postgres.query(`REVOKE SET ON PARAMETER temp_file_limit FROM "${postgres.operator.user}"`)
  t.deepEqual(await left(server, one), [], 'what may not be touched any more is left alone')
  t.deepEqual(await left(server, withParameters({ ...one, target: { ...one.target } }, {})), [])
})

test('a parameter that the version does not have is left out', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { parameters: { transaction_timeout: '1h', jit: 'off' } })
  const { version, logins } = await observed(server, one)
  t.is(logins.a?.settings.includes('transaction_timeout=1h'), version >= 170_000)
  t.deepEqual(await left(server, one), [])
})

test('a schema of its own in a shared database: where it starts is not declared', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server, { isolation: 'Schema', parameters: { search_path: 'public', jit: 'off' } })
  t.deepEqual(await shown(one, 'search_path', 'jit'), [one.target.names.schema, 'off'])
  t.deepEqual(await left(server, one, 'all'), [])
})
