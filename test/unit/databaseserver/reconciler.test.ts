import test from 'ava'

import { ServerPool } from '../../../operator/databaseserver/server-pool.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import type { ServerHealth } from '../../../operator/postgres/model/server-facts.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { FakePostgres } from '../tenant/postgres.ts'
import { adminSecret, setUp, signal } from './scene.ts'

test('a server that is well: its version, Ready, and silence afterwards', async (t) => {
  const world = setUp()
  world.cluster.put(adminSecret())
  t.deepEqual(await world.pass(), { requeueAfter: 60_000 })
  t.like(world.status(), { version: '18.4', tenants: 0, observedGeneration: 1 })
  t.like(world.ready(), { status: 'True', reason: 'Connected' })
  const { length } = world.cluster.writes
  await world.pass()
  t.is(world.cluster.writes.length, length)
})

test('a server that may not be asked which one it is is well all the same', async (t) => {
  const world = setUp()
  world.cluster.put(adminSecret())
  world.postgres.which = {}
  await world.pass()
  t.like(world.ready(), { status: 'True', reason: 'Connected' })
  t.is(world.status()?.systemIdentifier, undefined)
})

test('a server on which sessions do not start as the role of their login is as ready, and says so until it is mended', async (t) => {
  const world = setUp()
  world.cluster.put(adminSecret())
  const { state } = world.postgres
  world.postgres.state = { ...state, ignoresStartRole: true }
  await world.pass()
  t.like(world.ready(), { status: 'True', reason: 'Connected' })
  t.regex(world.ready()?.message ?? '', /ALTER ROLE … SET role has no effect on it/)
  const { length } = world.cluster.writes
  await world.pass()
  t.is(world.cluster.writes.length, length)
  world.postgres.state = state
  await world.pass()
  t.is(world.ready()?.message, 'The server answers, and tenants can be placed on it.')
})

const unwell: readonly (readonly [string, Partial<ServerHealth>, string, RegExp])[] = [
  ['too old', { version: 140_012 }, 'ServerUnsupported', /PostgreSQL 14\.12/],
  [
    'with an account that may too much',
    { accountProblems: ['It is SUPERUSER.'] },
    'ServerPrivilegesMissing',
    /SUPERUSER/,
  ],
  [
    'open to everybody',
    { openToPublic: ['shop'], closingSql: ['REVOKE CONNECT ON DATABASE shop FROM PUBLIC;'] },
    'PublicMayConnect',
    /shop.*REVOKE CONNECT ON DATABASE shop FROM PUBLIC;/,
  ],
]

for (const [what, health, reason, message] of unwell) {
  test(`a server ${what} is not ready, and a person has to act (${reason})`, async (t) => {
    const world = setUp()
    world.cluster.put(adminSecret())
    world.postgres.state = { ...world.postgres.state, ...health }
    t.deepEqual(await world.pass(), { stuck: { base: 5_000, cap: 60_000 } })
    t.like(world.ready(), { status: 'False', reason })
    t.regex(world.ready()?.message ?? '', message)
    t.true(world.stalled())
  })
}

const failing: readonly (readonly [ConstructorParameters<typeof PostgresError>[0], string, boolean])[] = [
  ['Unavailable', 'DatabaseUnavailable', false],
  ['TooManyConnections', 'DatabaseUnavailable', false],
  ['Timeout', 'DatabaseUnavailable', false],
  ['AuthenticationFailed', 'ServerLoginFailed', true],
  ['CertificateUntrusted', 'TlsVerificationFailed', true],
  ['CertificateForAnotherHost', 'TlsVerificationFailed', true],
  ['CertificateOutOfDate', 'TlsVerificationFailed', true],
  ['TlsNotOffered', 'TlsVerificationFailed', true],
  ['TlsFailed', 'TlsVerificationFailed', true],
  ['InsufficientPrivilege', 'ServerPrivilegesMissing', true],
  ['Refused', 'DatabaseRefused', true],
]

for (const [failure, reason, stalled] of failing) {
  test(`a server that answers ${failure} is ${reason}, and heals by itself`, async (t) => {
    const world = setUp()
    world.cluster.put(adminSecret())
    world.postgres.down = new PostgresError(failure, 'as told')
    await world.pass()
    t.like(world.ready(), { status: 'False', reason })
    t.is(world.stalled(), stalled)
    world.postgres.down = undefined
    await world.pass()
    t.deepEqual(
      world.status()?.conditions?.map(({ type, status }) => `${type}=${status}`),
      ['Ready=True', 'ConnectionsSufficient=True'],
    )
  })
}

test('a Secret that is not there is waited for, by name', async (t) => {
  const world = setUp()
  await world.pass()
  t.like(world.ready(), { status: 'False', reason: 'SecretNotFound' })
  t.regex(world.ready()?.message ?? '', /spec\.admin\.secretRef names the Secret db-admin/)
  t.false(world.stalled())
})

test('a password that changed in the Secret: a new connection, and only then', async (t) => {
  const world = setUp()
  world.cluster.put(adminSecret())
  await world.pass()
  await world.pass()
  const { length } = world.opened
  await world.pass()
  t.is(world.opened.length, length)
  world.cluster.put(adminSecret('two'))
  await world.pass()
  t.deepEqual(
    world.opened.slice(length - 1).map(({ password }) => password),
    ['one', 'two'],
  )
})

test('many tenants that ask at once open a server once', async (t) => {
  const world = setUp()
  world.cluster.put(adminSecret())
  await Promise.all(Array.from({ length: 20 }, () => world.pool.connect('main', signal)))
  t.is(world.opened.length, 1)
})

test("a new leadership ends a former leader's sessions anew, also while those of an older one are still being ended", async (t) => {
  const { cluster } = setUp()
  cluster.put(adminSecret())
  const first = Promise.withResolvers<number>()
  const begun = Promise.withResolvers<void>()
  let asked = 0
  const endPredecessors = () => {
    asked += 1
    begun.resolve()
    return asked === 1 ? first.promise : Promise.resolve(0)
  }
  const connect = () => Object.assign(new FakePostgres(), { endPredecessors })
  const pool = new ServerPool({ ...cluster.caches, kube: cluster.kube, log: silent, connect }, 'tenantry-system')
  pool.lead()
  const early = pool.connect('main', signal)
  await begun.promise
  pool.lead()
  first.resolve(1)
  await early
  await pool.connect('main', signal)
  t.is(asked, 2)
})

test('tenants that a server did not answer: it is looked at at once, and they are woken when it answers', async (t) => {
  const { cluster, postgres, waiting, woken, asked, pass } = setUp()
  cluster.put(adminSecret())
  waiting.missed('main', 'one')
  waiting.missed('main', 'two')
  t.deepEqual(asked, [250, 250])
  await pass()
  t.deepEqual(woken, ['one', 'two'])
  await pass()
  t.deepEqual(woken, ['one', 'two'], 'each once')
  postgres.down = new PostgresError('Unavailable', 'as told')
  waiting.missed('main', 'one')
  const pauses = []
  for (let looks = 0; looks < 6; looks += 1) pauses.push((await pass()).requeueAfter)
  t.deepEqual(pauses, [500, 1_000, 2_000, 4_000, 5_000, 5_000])
  t.deepEqual(woken, ['one', 'two'], 'nobody before it answers')
  postgres.down = undefined
  await pass()
  t.deepEqual(woken, ['one', 'two', 'one'])
})

test('a server that answers and cannot be worked on is looked at ever more seldom, until something was done there', async (t) => {
  const { cluster, waiting, asked, pass } = setUp()
  cluster.put(adminSecret())
  for (let tries = 0; tries < 4; tries += 1) {
    waiting.missed('main', 'one')
    await pass()
  }
  waiting.used('main')
  waiting.missed('main', 'one')
  t.deepEqual(asked, [250, 500, 1_000, 2_000, 250])
})
