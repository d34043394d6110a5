/** No failure makes a tenant that is being made of one that was made: it stays Active, and says what it lacks. */
import test from 'ava'
import { findCondition } from '../../../../operator/api/conditions.ts'
import { KubeError } from '../../../../operator/kube/port.ts'
import type { KubeErrorReason } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import type { PostgresErrorReason } from '../../../../operator/postgres/model/port.ts'
import { DeadlineExceeded } from '../../../../operator/runtime/base/deadline.ts'
import { StaleRead } from '../../../../operator/tenant/model/errors.ts'
import { tenant, tenantPlan } from '../../../gen.ts'
import { ground, isRead } from '../world.ts'
import type { World } from '../world.ts'

async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenant())
  await world.settle()
  return world
}

function said(world: World): string {
  const { status } = world.tenant()
  const [available, ready] = (['Available', 'Ready'] as const).map((type) => findCondition(status?.conditions, type))
  return `${status?.phase} Available=${available?.status} ${ready?.reason}`
}

/** What the status says when an action in the database fails so, beside `Active`. */
const inDatabase: Readonly<Record<PostgresErrorReason, string>> = {
  AnotherServer: 'Available=True DatabaseServerNotReady',
  Conflict: 'Available=False DatabaseConflict',
  LocaleRefused: 'Available=False LocaleRefused',
  DataMissing: 'Available=False DatabaseMissing',
  Unavailable: 'Available=False DatabaseUnavailable',
  TooManyConnections: 'Available=False DatabaseUnavailable',
  ReadOnly: 'Available=False DatabaseUnavailable',
  AuthenticationFailed: 'Available=False DatabaseUnavailable',
  CertificateUntrusted: 'Available=False DatabaseUnavailable',
  CertificateForAnotherHost: 'Available=False DatabaseUnavailable',
  CertificateOutOfDate: 'Available=False DatabaseUnavailable',
  TlsNotOffered: 'Available=False DatabaseUnavailable',
  TlsFailed: 'Available=False DatabaseUnavailable',
  InsufficientPrivilege: 'Available=False DatabaseRefused',
  Refused: 'Available=False DatabaseRefused',
  InUse: 'Available=False DatabaseInUse',
  Timeout: 'Available=False DatabaseUnavailable',
  Unknown: 'Available=False DatabaseUnavailable',
}

const passes = [1, 2, 3]

for (const [reason, expected] of Object.entries(inDatabase))
  test(`an action in its database fails with ${reason}: Active ${expected}`, async (t) => {
    const world = await provisioned()
    world.postgres.before = (statement) => {
      if (isRead(statement)) return
      throw new PostgresError(reason as PostgresErrorReason, 'no') // a key of the table
    }
    world.cluster.put(tenantPlan({ spec: { database: { connectionLimit: 7 } } }))
    for (const pass of passes) {
      await world.pass().catch(() => {})
      t.is(said(world), `Active ${expected}`, `pass ${pass}`)
    }
    world.postgres.before = () => {}
    await world.settle()
    t.is(said(world), 'Active Available=True Provisioned')
  })

/** Writes in Kubernetes that fail leave what is there. */
const inCluster: Readonly<Record<KubeErrorReason, string>> = {
  NotFound: 'Retrying',
  AlreadyExists: 'Retrying',
  Gone: 'Retrying',
  Conflict: 'Provisioned',
  Forbidden: 'ApiServerUnavailable',
  Invalid: 'ApiServerUnavailable',
  Unauthorized: 'ApiServerUnavailable',
  TooManyRequests: 'ApiServerUnavailable',
  Unavailable: 'ApiServerUnavailable',
  Timeout: 'ApiServerUnavailable',
  Unknown: 'ApiServerUnavailable',
}

const others: readonly (readonly [string, unknown, string])[] = [
  ['a bug', new TypeError('x'), 'True InternalError'],
  ['a pass that takes too long', new DeadlineExceeded('late'), 'True Retrying'],
  ['a read that was out of date', new StaleRead('late'), 'True Retrying'],
  ['a refusal', new KubeError('Forbidden', 'no', 403, { refusal: 'no' }), 'True ApiServerRefused'],
]

const writes = [
  ...Object.entries(inCluster).map(
    ([reason, expected]) => [reason, new KubeError(reason as KubeErrorReason, 'no', 0), `True ${expected}`] as const,
  ),
  ...others,
]

for (const [what, error, expected] of writes)
  test(`the write of its quota fails with ${what}: Active Available=${expected}`, async (t) => {
    const world = await provisioned()
    world.cluster.before = (write) => {
      if (write.startsWith('replace ResourceQuota')) throw error
    }
    world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))
    for (const pass of passes) {
      await world.pass().catch(() => {})
      t.is(said(world), `Active Available=${expected}`, `pass ${pass}`)
    }
  })

test('its server does not answer any look: it stays Active, is told so once, and once that it is back', async (t) => {
  const world = await provisioned()
  world.events.length = 0
  world.postgres.down = new PostgresError('Unavailable', 'down')
  world.cluster.put(tenantPlan({ spec: { database: { connectionLimit: 7 } } }))
  for (const _pass of passes) await world.pass().catch(() => {})
  t.is(said(world), 'Active Available=False DatabaseUnavailable')
  world.postgres.down = undefined
  await world.settle()
  t.is(said(world), 'Active Available=True Provisioned')
  t.deepEqual(world.events, ['Warning DatabaseUnavailable', 'Normal Available'])
})

const refusals = [
  ['InsufficientPrivilege', '42501'],
  ['Refused', '22023'],
  ['Refused', '42883'],
  ['Refused', '0A000'],
] as const
for (const [reason, sqlstate] of refusals)
  test(`its server refuses a look with ${sqlstate}: a person is told what to do, and its users go on`, async (t) => {
    const world = await provisioned()
    world.restart()
    world.postgres.down = new PostgresError(reason, `PostgreSQL at db:5432: no (SQLSTATE ${sqlstate}).`, sqlstate)
    for (const _pass of passes) await world.pass()
    t.is(said(world), 'Active Available=True DatabaseRefused')
    t.true(world.conditions().includes('Stalled=True DatabaseRefused'))
    t.regex(world.message('Ready') ?? '', new RegExp(`SQLSTATE ${sqlstate}.*privilege that is missing`))
    world.postgres.down = undefined
    await world.settle()
    t.true(world.conditions().includes('Ready=True Provisioned'))
  })

test('without its plan it stays Active too while its server does not answer', async (t) => {
  const world = await provisioned()
  world.postgres.down = new PostgresError('Unavailable', 'down')
  world.cluster.remove('TenantPlan', 'standard')
  world.restart()
  for (const _pass of passes) await world.pass().catch(() => {})
  t.regex(said(world), /^Active /)
})
