/** The address of applications: when it is tried, and what is said of it. */
import test from 'ava'
import { applicationCondition } from '../../../operator/databaseserver/application-condition.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import type { PostgresErrorReason } from '../../../operator/postgres/model/port.ts'
import { databaseServer, tenant } from '../../gen.ts'
import { adminSecret, place, setUp } from './scene.ts'

const pooler = { host: 'pooler', port: 6432 }

const sentences: readonly (readonly [PostgresErrorReason, string | undefined, RegExp])[] = [
  ['CertificateUntrusted', undefined, /it presents a certificate of another authority than .*spec\.tls\.ca/],
  ['CertificateForAnotherHost', undefined, /Correct spec\.applicationEndpoint\.host/],
  ['AnotherServer', undefined, /leads to another PostgreSQL server/],
  ['Unavailable', '08P01', /SQLSTATE 08P01.*auth_query/],
  ['Unavailable', undefined, /it does not answer/],
  ['Timeout', undefined, /it does not answer/],
]

for (const [reason, sqlstate, message] of sentences)
  test(`an address of applications that is no good says why: ${reason} ${sqlstate ?? ''}`, (t) => {
    const { spec } = databaseServer({ spec: { applicationEndpoint: pooler } })
    const [told] = applicationCondition({ spec }, { kind: 'Fails', error: { reason, sqlstate } }, 1)
    t.like(told, { type: 'ApplicationsConnect', status: 'False', reason: 'ApplicationLoginFails' })
    t.regex(told?.message ?? '', message)
  })

/** A tenant whose Secret works, on a server with an address for applications. */
function withTenant() {
  const world = setUp()
  const { cluster } = world
  cluster.put(adminSecret())
  cluster.put(databaseServer({ spec: { applicationEndpoint: pooler } }))
  place(world)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  cluster.put({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'tenant-acme' },
    data: { username: base64('t_a'), password: base64('p'.repeat(43)) },
  })
  const at = { observedGeneration: 1, lastTransitionTime: '2030-01-01T00:00:00Z' }
  const condition = (type: 'DatabaseReady' | 'Available') =>
    ({ type, status: 'True', reason: 'Provisioned', message: '', ...at }) as const
  const made = tenant({ name: 'acme', uid: 'uid-acme' })
  cluster.put({
    ...made,
    status: {
      observedGeneration: 1,
      namespace: 'tenant-acme',
      database: { server: 'main', name: 'd', binding: { name: 's' } },
      conditions: [condition('DatabaseReady'), condition('Available')],
    },
  })
  world.postgres.logsIn = () => true
  const reaches = () => world.postgres.statements.filter((each) => each.startsWith('reach')).length
  const told = () => world.status()?.conditions?.find(({ type }) => type === 'ApplicationsConnect')
  return { ...world, reaches, told }
}

test('one that works is tried again after minutes, and not at each look', async (t) => {
  const world = withTenant()
  await world.pass()
  t.like(world.told(), { status: 'True', reason: 'ApplicationLoginWorks' })
  await world.pass()
  t.is(world.reaches(), 1)
  await world.clock.advance(6 * 60_000)
  await world.pass()
  t.is(world.reaches(), 2)
})

test('one that does not work is tried at each look, told once, and heals; Ready stays', async (t) => {
  const world = withTenant()
  world.postgres.reached = () => {
    throw new PostgresError('Timeout', 'as told')
  }
  await world.pass()
  await world.pass()
  t.is(world.reaches(), 2)
  t.like(world.told(), { status: 'False', reason: 'ApplicationLoginFails' })
  t.is(world.ready()?.status, 'True')
  t.is(world.events.filter((each) => each.includes('ApplicationLoginFails')).length, 1)
  world.postgres.reached = () => undefined
  await world.pass()
  t.is(world.told()?.status, 'True')
})

test('a pooler that leads to another server is told, and a password that the tenant changed tells nothing', async (t) => {
  const world = withTenant()
  world.postgres.reached = () => '42'
  await world.pass()
  t.regex(world.told()?.message ?? '', /another PostgreSQL server/)
  const other = withTenant()
  other.postgres.logsIn = () => false
  await other.pass()
  t.is(other.told(), undefined)
  t.is(other.reaches(), 0)
})
