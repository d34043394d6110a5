/** Which server it is, as PostgreSQL says. */
import test from 'ava'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { AnotherServer } from '../../operator/postgres/model/port.ts'
import { action, operatorOn, soon, tenant } from './postgres-tenant.ts'

const postgres = await postgresForTests()

test.serial('A server says which one it is, on which timeline, and how far it has come', async (t) => {
  const server = operatorOn(t, postgres)
  const [row] = await postgres.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')
  const first = await server.identity(soon())
  t.like(first, { systemIdentifier: row?.id, timeline: 1 })
  t.regex(first.lsn ?? '', /^[0-9A-F]+\/[0-9A-F]+$/)
  await postgres.query('SELECT pg_switch_wal()')
  t.not((await server.identity(soon())).lsn, first.lsn)
})

test.serial('Where the function is revoked nothing is said of the server, and nothing fails', async (t) => {
  const server = operatorOn(t, postgres)
  await postgres.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC')
  try {
    const found = await server.identity(soon())
    t.is(found.systemIdentifier, undefined)
    t.is(found.timeline, 1)
  } finally {
    await postgres.query('GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC')
  }
})

test.serial('On another server no session is given out: nothing is read there, and nothing written', async (t) => {
  const [right, wrong] = [[(await operatorOn(t, postgres).identity(soon())).systemIdentifier ?? ''], ['1', '2']]
  const server = operatorOn(t, postgres, { address: { identifiers: wrong } })
  const one = await tenant()
  for (const work of [
    () => server.health(soon()),
    () => server.catalogue(soon()),
    () => server.endPredecessors(soon()),
    () => server.apply(action('EnsureRoles', one), soon()),
  ]) {
    const error = await t.throwsAsync(work, { instanceOf: AnotherServer })
    t.is(error?.systemIdentifier, right[0])
  }
  t.deepEqual(await postgres.query(`SELECT rolname FROM pg_roles WHERE rolname LIKE 't\\_%'`), [])
  const meant = operatorOn(t, postgres, { address: { identifiers: [...wrong, ...right] } })
  for (const kind of ['EnsureRoles', 'EnsureDatabase', 'EnsureInside'] as const)
    await meant.apply(action(kind, one), soon())
  t.is((await meant.catalogue(soon())).size, 1)
  const sessionInside = operatorOn(t, postgres, { address: { identifiers: wrong } })
  await t.throwsAsync(sessionInside.directory(one.target, soon()), { instanceOf: AnotherServer })
})

test.serial('A server that may not be asked gives sessions out', async (t) => {
  await postgres.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC')
  try {
    const server = operatorOn(t, postgres, { address: { identifiers: ['1'] } })
    t.true((await server.health(soon())).version >= 150_000)
  } finally {
    await postgres.query('GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC')
  }
})
