import test from 'ava'

import { databaseNames } from '../../../operator/api/names.ts'
import { Catalogues } from '../../../operator/databaseserver/catalogue-cache.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { databaseTarget } from '../../database-target.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { FakePostgres } from '../tenant/postgres.ts'

const signal = new AbortController().signal
const target = databaseTarget({ installation: 'main', uid: 'uid-acme' })
const { mark, names } = target

/** Measured at each poll, unless a test says otherwise. */
function setUp(interval = 0) {
  const sizes = { interval, random: { fraction: () => 0.5 } }
  const clock = new FakeClock()
  const postgres = new FakePostgres()
  const catalogues = new Catalogues({ clock, connect: () => Promise.resolve(postgres), sizes })
  const roles = () => postgres.apply({ kind: 'EnsureRoles', target, verifiers: {} })
  const queries = () => postgres.statements.filter((statement) => statement === 'catalogue').length
  return { clock, postgres, catalogues, roles, queries }
}

test('one query serves all tenants that ask, also at the same time', async (t) => {
  const { catalogues, queries } = setUp()
  const others = Array.from({ length: 50 }, (_, index) => databaseNames('main', `uid-${index}`))
  await Promise.all(others.map((each) => catalogues.look('main', each, signal)))
  await catalogues.look('main', names, signal)
  t.is(queries(), 1)
})

test('what we did ourselves is believed until a poll that began later', async (t) => {
  const { clock, catalogues, queries, roles } = setUp()
  t.deepEqual(await catalogues.look('main', names, signal), { kind: 'Observed', observed: undefined })
  await clock.advance(1)
  await roles()
  catalogues.assume('main', target)
  t.deepEqual(await catalogues.look('main', names, signal), { kind: 'Assumed', target })
  t.is(queries(), 1)
  await clock.advance(1)
  t.deepEqual(await catalogues.poll('main', signal), ['uid-acme'])
  t.like(await catalogues.look('main', names, signal), { kind: 'Observed', observed: { owner: { mark } } })
  t.is(queries(), 2)
})

test('what did not come to its end is asked for by name, once', async (t) => {
  const { clock, catalogues, queries, roles } = setUp()
  await catalogues.poll('main', signal)
  await clock.advance(1)
  catalogues.invalidate('main', names.owner)
  await roles()
  t.like(await catalogues.look('main', names, signal), { kind: 'Observed', observed: { owner: { mark } } })
  await catalogues.look('main', names, signal)
  t.is(queries(), 2)
})

test('a poll wakes those that changed, came or went, and nobody else', async (t) => {
  const { catalogues, postgres, roles } = setUp()
  t.deepEqual(await catalogues.poll('main', signal), [])
  await roles()
  t.deepEqual(await catalogues.poll('main', signal), ['uid-acme'])
  t.deepEqual(await catalogues.poll('main', signal), [])
  const databaseState = postgres.databases.get(names.owner)
  if (databaseState !== undefined) postgres.databases.set(names.owner, { ...databaseState, sessions: 5 })
  t.deepEqual(await catalogues.poll('main', signal), [], 'sessions come and go')
  postgres.databases.clear()
  t.deepEqual(await catalogues.poll('main', signal), ['uid-acme'])
})

test('a poll that fails changes nothing of what is known, and the next one is not kept from asking', async (t) => {
  const { catalogues, postgres, roles } = setUp()
  await roles()
  await catalogues.poll('main', signal)
  postgres.down = new PostgresError('Unavailable', 'connection refused')
  await t.throwsAsync(catalogues.poll('main', signal), { instanceOf: PostgresError })
  t.like(await catalogues.look('main', names, signal), { kind: 'Observed', observed: { owner: { mark } } })
  postgres.down = undefined
  t.deepEqual(await catalogues.poll('main', signal), [])
})

test('sizes are asked for rarely and believed in between, and what a measurement finds wakes whom it concerns', async (t) => {
  const { clock, catalogues, postgres, roles } = setUp(900_000)
  await roles()
  await postgres.apply({ kind: 'EnsureDatabase', target })
  const databaseState = postgres.databases.get(names.owner)
  if (databaseState === undefined) return t.fail('it was made')
  postgres.databases.set(names.owner, { ...databaseState, sizeBytes: 2 ** 30 })
  await catalogues.poll('main', signal)
  t.is(catalogues.sizeOf('main'), 2 ** 30)
  t.is(postgres.measurements, 1)
  postgres.databases.set(names.owner, { ...databaseState, sizeBytes: 2 ** 33 })
  for (let minute = 0; minute < 14; minute += 1) {
    await clock.advance(60_000)
    t.deepEqual(await catalogues.poll('main', signal), [])
  }
  t.is(postgres.measurements, 1)
  t.is(catalogues.sizeOf('main'), 2 ** 30)
  await clock.advance(60_000)
  t.deepEqual(await catalogues.poll('main', signal), ['uid-acme'])
  t.is(catalogues.sizeOf('main'), 2 ** 33)
  t.is(postgres.measurements, 2)
  catalogues.forget('main')
  t.is(catalogues.sizeOf('main'), undefined)
})
