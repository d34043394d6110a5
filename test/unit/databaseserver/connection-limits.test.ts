/** Whether a server has connections for all that may ask for one is looked at with everything else, and told once. */
import test from 'ava'

import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { databaseTarget } from '../../database-target.ts'
import type { ServerConnections } from '../../../operator/postgres/model/server-facts.ts'
import { reserveConnections } from '../../../operator/postgres/statements/connections-sql.ts'
import { adminSecret, place, setUp } from './scene.ts'

type Scene = ReturnType<typeof setUp>

function begun(connections: Partial<ServerConnections> = {}): Scene {
  const scene = setUp()
  scene.cluster.put(adminSecret())
  has(scene, connections)
  return scene
}

function has({ postgres }: Scene, connections: Partial<ServerConnections>): void {
  postgres.state = { ...postgres.state, connections: { ...postgres.state.connections, ...connections } }
}

async function inhabit(scene: Scene, name: string, connectionLimit: number): Promise<void> {
  place(scene, name)
  const uid = `uid-${name}`
  const whose = { installation: 'test', tenant: `home/${name}`, uid }
  const target = databaseTarget(whose, { connectionLimit, loginAllowed: name !== 'off' })
  await scene.postgres.apply({ kind: 'EnsureRoles', target, verifiers: {} })
}

const condition = ({ status }: Scene) => status()?.conditions?.find(({ type }) => type === 'ConnectionsSufficient')

test('connections that are kept for the operator, and enough for all: True, without a word', async (t) => {
  const scene = begun()
  await inhabit(scene, 'acme', 80)
  await scene.pass()
  t.like(condition(scene), { status: 'True', reason: 'ConnectionsReserved' })
  t.deepEqual(scene.told, [])
  const { length } = scene.cluster.writes
  const before = scene.postgres.statements.length
  await scene.pass()
  t.is(scene.cluster.writes.length, length)
  t.deepEqual(scene.postgres.statements.slice(before), ['health', 'identity', 'catalogue'])
})

test('limits that add up to more than there is: both numbers, told once, and the server stays Ready', async (t) => {
  const scene = begun()
  await inhabit(scene, 'acme', 80)
  await inhabit(scene, 'off', 10)
  await scene.pass()
  t.like(condition(scene), { status: 'False', reason: 'ConnectionsOvercommitted' })
  t.regex(
    condition(scene)?.message ?? '',
    /add up to 90, .* has 89 connections for them \(max_connections 100, without 3 for superusers and 8 for the operator\)/,
  )
  t.is(scene.ready()?.status, 'True')
  await inhabit(scene, 'more', 5)
  await scene.pass()
  t.regex(condition(scene)?.message ?? '', /add up to 95,/)
  t.is(scene.told.length, 1)
  t.regex(scene.told[0] ?? '', /^Warning ConnectionsOvercommitted: /)
  const { length } = scene.cluster.writes
  await scene.pass()
  t.is(scene.cluster.writes.length, length)
  has(scene, { max: 200 })
  await scene.pass()
  t.like(condition(scene), { status: 'True', reason: 'ConnectionsReserved' })
})

test('connections that are not kept for the operator: told once, with the statements that mend it', async (t) => {
  const reserveSql = ['ALTER SYSTEM SET reserved_connections = 8;']
  const scene = begun({ reserved: 0, reserveSql })
  await scene.pass()
  t.like(condition(scene), { status: 'False', reason: 'ConnectionsNotReserved' })
  t.regex(condition(scene)?.message ?? '', /run: ALTER SYSTEM SET reserved_connections = 8; /)
  t.is(scene.ready()?.status, 'True')
  await scene.pass()
  t.is(scene.told.length, 1)
  await inhabit(scene, 'acme', 90)
  await scene.pass()
  t.is(condition(scene)?.reason, 'ConnectionsOvercommitted')
  t.regex(condition(scene)?.message ?? '', /add up to 90, .*run: ALTER SYSTEM SET reserved_connections = 8; /)
})

test('a server that is too old to keep some is told of only when its tenants could use up all', async (t) => {
  const scene = begun({ reserved: null })
  await inhabit(scene, 'acme', 89)
  await scene.pass()
  t.like(condition(scene), { status: 'True', reason: 'ConnectionsWithinLimits' })
  await inhabit(scene, 'more', 1)
  await scene.pass()
  t.like(condition(scene), { status: 'False', reason: 'ConnectionsOvercommitted' })
})

test('what was said stays while the server does not answer', async (t) => {
  const scene = begun({ max: 10 })
  await inhabit(scene, 'acme', 10)
  await scene.pass()
  scene.postgres.down = new PostgresError('TooManyConnections', 'as told')
  await scene.pass()
  t.is(scene.ready()?.reason, 'DatabaseUnavailable')
  t.is(condition(scene)?.reason, 'ConnectionsOvercommitted')
  t.is(scene.told.length, 1)
})

for (const [what, seen, statements] of [
  [
    'nothing is set up',
    { reserved: 0, mayUseReserved: false },
    ['ALTER SYSTEM SET reserved_connections = 8;', 'GRANT pg_use_reserved_connections TO "ten""antry";'],
  ],
  ['too few', { reserved: 7, mayUseReserved: true }, ['ALTER SYSTEM SET reserved_connections = 8;']],
  ['not granted', { reserved: 8, mayUseReserved: false }, ['GRANT pg_use_reserved_connections TO "ten""antry";']],
  ['all is set up', { reserved: 20, mayUseReserved: true }, []],
  ['before PostgreSQL 16', { reserved: null, mayUseReserved: false }, []],
] as const)
  test(`${what}: the statements that are missing`, (t) => {
    t.deepEqual(reserveConnections('ten"antry', seen), [...statements])
  })
