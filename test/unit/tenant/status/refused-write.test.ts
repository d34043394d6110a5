/** What becomes of a tenant where the API server refuses a write: what it had it keeps, and what is missing it does not pretend to have. */
import test from 'ava'
import { findCondition } from '../../../../operator/api/conditions.ts'
import { KubeError } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { tenant, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const refused = new KubeError('Forbidden', 'no', 403, { refusal: 'denied request: no' })

async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenant())
  await world.settle()
  return world
}

function refuse({ cluster }: World, write: RegExp, error: KubeError = refused): void {
  cluster.before = (each) => {
    if (write.test(each)) throw error
  }
}

function said(world: World): string {
  const { status } = world.tenant()
  const available = findCondition(status?.conditions, 'Available')?.status
  return `${status?.phase} ${available} ${findCondition(status?.conditions, 'Stalled')?.reason ?? ''}`.trimEnd()
}

test('a change that is refused leaves the tenant Active, for as many passes as it takes', async (t) => {
  const world = await provisioned()
  refuse(world, /^replace ResourceQuota/)
  world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))
  await world.pass()
  t.is(said(world), 'Active True ApiServerRefused')
  const before = world.effects.length
  for (let pass = 0; pass < 3; pass += 1) await world.pass()
  t.deepEqual(
    world.lines.filter(({ message }) => message === 'write refused').map(({ fields }) => fields['refusal']),
    ['denied request: no.'],
    'the log tells of it once',
  )
  t.is(world.effects.length, before, 'nothing is written or done a second time')
  t.is(said(world), 'Active True ApiServerRefused')
  world.cluster.before = () => {}
  await world.pass()
  t.is(said(world), 'Active True')
})

const lost: Readonly<Record<string, readonly [kind: string, key: string]>> = {
  'a namespace': ['Namespace', 'tenant-acme'],
  'a Secret with the credentials': ['Secret', 'tenant-acme/tenantry-database'],
}

for (const [what, [kind, key]] of Object.entries(lost))
  test(`${what} that is gone and must not be made again is missing: the tenant cannot be used`, async (t) => {
    const world = await provisioned()
    refuse(world, new RegExp(`^create ${kind}`))
    world.cluster.remove(kind, key)
    await world.pass()
    await world.pass()
    t.is(said(world), 'Provisioning False ApiServerRefused')
  })

const passing: Readonly<Record<string, KubeError>> = {
  QuotaExceeded: new KubeError('Forbidden', 'no', 403, { quota: 'theirs' }),
  ApiServerUnavailable: new KubeError('Unavailable', 'no', 500, { webhook: 'check.example.com' }),
}

for (const [reason, error] of Object.entries(passing))
  test(`nor does ${reason} take a tenant out of Active that has all it had`, async (t) => {
    const world = await provisioned()
    refuse(world, /^replace ResourceQuota/, error)
    world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))
    await t.throwsAsync(world.pass(), { is: error })
    t.is(said(world), 'Active True')
    t.true(world.conditions().includes(`Reconciling=True ${reason}`))
  })

test('beside a failure of its database a refused tenant is Active, and cannot be used', async (t) => {
  const world = await provisioned()
  refuse(world, /^replace ResourceQuota/)
  const down = new PostgresError('Timeout', 'too slow')
  world.postgres.before = () => {
    throw down
  }
  world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' }, database: { connectionLimit: 7 } } }))
  await t.throwsAsync(world.pass(), { is: down })
  t.is(said(world), 'Active False ApiServerRefused')
})

test('what is refused is tried again after two seconds first, and then ever more seldom', async (t) => {
  const world = await provisioned()
  refuse(world, /^replace ResourceQuota/)
  world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))
  await world.pass()
  t.deepEqual(world.stuck.get('home/acme'), { base: 2_000, cap: 300_000 })
})
