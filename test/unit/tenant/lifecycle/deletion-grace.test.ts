/** A deletion with a grace period: nothing is removed before it is over, and until then a person can have the tenant back. */
import test from 'ava'

import { annotations } from '../../../../operator/api/names.ts'
import type { TenantPlan } from '../../../../operator/api/tenantplan.ts'
import { homeNamespace, tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { cutOff, ground } from '../world.ts'
import type { World } from '../world.ts'

const hour = 3_600_000
/** The deletionTimestamp of the cluster in memory is a day after its clock's beginning. */
const day = 24 * hour
const acme = 'home/acme'

const graceOf = (grace: string): TenantPlan => tenantPlan({ spec: { deletion: { grace } } })

async function deleted(over: { readonly plan?: TenantPlan; readonly spec?: object; readonly settings?: object } = {}) {
  const world = ground(over.settings === undefined ? {} : { settings: over.settings })
  world.cluster.put(over.plan ?? graceOf('2h'))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { ...over.spec } }))
  await world.settle()
  world.cluster.remove('Tenant', acme)
  await world.clock.advance(day - world.clock.monotonic())
  await world.settle()
  return world
}

function annotate(world: World, words: Readonly<Record<string, string>>): void {
  const found = world.tenant()
  world.cluster.put({
    ...found,
    metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, ...words } },
  })
}

const isGone = (world: World) => world.cluster.find('Tenant', acme) === undefined && world.postgres.databases.size === 0
const removals = (world: World) => world.effects.filter((effect) => /^(Drop|Disable|Terminate|delete)/.test(effect))

test('it is told with the time and both ways, the tenant can be used, and it is looked at again when the time is over', async (t) => {
  const world = await deleted()
  t.true(world.conditions().includes('Reconciling=True DeletionPostponed'))
  t.true(world.conditions().includes('Ready=False DeletionPostponed'))
  t.true(world.conditions().includes('Available=True Provisioned'))
  t.false(world.conditions().some((each) => each.startsWith('Stalled')))
  t.is(
    world.message('Ready'),
    'The Tenant is deleted, and nothing of it is removed before 2030-01-02T02:00:00Z, as spec.deletion.grace of the TenantPlan standard says. To get it back, set the annotation tenantry.dev/undo-deletion: acme and apply its manifest again. To delete it at once, set tenantry.dev/release-deletion: acme.',
  )
  t.is(world.tenant().status?.deletion?.notBefore, '2030-01-02T02:00:00Z')
  t.is(world.events.filter((event) => event === 'Warning DeletionPostponed').length, 1)
  t.is(world.lines.filter(({ message }) => message === 'deletion postponed').length, 1)
  const due = world.due.get(acme) ?? 0
  t.true(due > 2 * hour - 1000 && due <= 2 * hour, `${due}`)
  await world.clock.advance(hour)
  const before = world.effects.length
  await world.pass()
  t.is(world.effects.length, before, 'quiet')
})

test('it is mended and turned off like any other; when the time is over it goes', async (t) => {
  const world = await deleted()
  world.cluster.remove('NetworkPolicy', 'tenant-acme/tenantry-isolation')
  await world.settle()
  t.truthy(world.cluster.find('NetworkPolicy', 'tenant-acme/tenantry-isolation'))
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.true(world.conditions().includes('Available=False Deactivated'))
  t.true(world.conditions().includes('Reconciling=True DeletionPostponed'))
  await world.clock.advance(2 * hour)
  await world.settle()
  t.true(isGone(world))
})

test('undone, it leaves everything to the next Tenant of that name; cut off after any write as well', async (t) => {
  for (let cut = 0; cut < 10; cut += 1) {
    const world = await deleted()
    annotate(world, { [annotations.undoDeletion]: 'acme' })
    await cutOff(world, cut)
    t.is(world.cluster.find('Tenant', acme), undefined, `after ${cut}`)
    world.cluster.put(tenant({ uid: 'uid-again' }))
    await world.settle()
    t.true(world.conditions().includes('Ready=True Provisioned'), `after ${cut}: ${world.message('Ready')}`)
    t.deepEqual(world.tenant().status?.adopted, ['uid-acme'])
    t.is(world.tenant().status?.deletion, undefined)
    t.is(world.postgres.databases.size, 1)
    t.deepEqual(removals(world), [], `after ${cut}`)
  }
})

test('a person lets it go at once, for this Tenant alone', async (t) => {
  const world = await deleted()
  const home = homeNamespace()
  world.cluster.put({ ...home, metadata: { ...home.metadata, annotations: { [annotations.releaseDeletion]: 'home' } } })
  await world.settle()
  t.true(
    world.conditions().includes('Reconciling=True DeletionPostponed'),
    'the namespace releases from the brake only',
  )
  annotate(world, { [annotations.releaseDeletion]: 'other' })
  await world.settle()
  t.true(world.conditions().includes('Reconciling=True DeletionPostponed'))
  annotate(world, { [annotations.releaseDeletion]: 'acme' })
  await world.settle()
  t.true(isGone(world))
})

test('what was told is never pulled in, only put off', async (t) => {
  const world = await deleted()
  world.cluster.put(graceOf('0s'))
  await world.settle()
  t.is(world.tenant().status?.deletion?.notBefore, '2030-01-02T02:00:00Z')
  t.regex(world.message('Ready') ?? '', /before 2030-01-02T02:00:00Z\. To get it back/)
  world.cluster.put(graceOf('3h'))
  await world.settle()
  t.is(world.tenant().status?.deletion?.notBefore, '2030-01-02T03:00:00Z')
  await world.clock.advance(2 * hour)
  await world.settle()
  t.false(isGone(world))
  await world.clock.advance(hour)
  await world.settle()
  t.true(isGone(world))
})

test('a clock that is set forward ends it no earlier', async (t) => {
  const world = await deleted()
  world.clock.setWall(world.clock.now() + 10 * hour)
  await world.settle()
  t.false(isGone(world))
  await world.clock.advance(2 * hour)
  await world.settle()
  t.true(isGone(world))
})

test('what is protected or held beyond its time goes at once when that ends', async (t) => {
  const world = await deleted({ spec: { deletion: { protected: true } } })
  t.true(world.conditions().includes('Stalled=True DeletionProtected'))
  await world.clock.advance(3 * hour)
  world.edit({ deletion: { protected: false, policy: 'Delete' } })
  await world.settle()
  t.true(isGone(world))
})

const limits = { installation: 5, msp: 3, window: 600_000, releaseAfter: undefined }

test('the brake counts a deletion when it is asked for: of eight three are held at once, and five go when their time is over', async (t) => {
  const world = ground({ settings: { deletionBrake: limits } })
  world.cluster.put(graceOf('2h'))
  const names = ['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8']
  for (const name of names) world.cluster.put(tenant({ name, uid: `uid-${name}`, spec: { subdomain: name } }))
  await world.settleAll()
  for (const name of names) world.cluster.remove('Tenant', `home/${name}`)
  await world.clock.advance(day - world.clock.monotonic())
  await world.settleAll()
  const of = (what: string) => names.filter((name) => world.conditions(`home/${name}`).includes(what))
  t.deepEqual(of('Stalled=True DeletionHeld'), ['t6', 't7', 't8'])
  t.deepEqual(of('Reconciling=True DeletionPostponed'), ['t1', 't2', 't3', 't4', 't5'])
  world.restart()
  await world.clock.advance(2 * hour)
  await world.settleAll()
  t.deepEqual(
    world.cluster.all('Tenant').map(({ metadata }) => metadata.name),
    ['t6', 't7', 't8'],
  )
})

test('those that wait for the end of their time stand in the way of no later one', async (t) => {
  const world = ground({ settings: { deletionBrake: { ...limits, installation: 1 } } })
  world.cluster.put(graceOf('30d'))
  const names = ['t1', 't2', 't3']
  for (const name of names) world.cluster.put(tenant({ name, uid: `uid-${name}`, spec: { subdomain: name } }))
  await world.settleAll()
  await world.clock.advance(day - world.clock.monotonic())
  for (const [hours, name] of names.entries()) {
    const found = world.tenant(`home/${name}`)
    const deletionTimestamp = `2030-01-02T0${hours}:00:00Z`
    world.cluster.put({ ...found, metadata: { ...found.metadata, deletionTimestamp } })
    await world.settleAll()
    t.true(world.conditions(`home/${name}`).includes('Reconciling=True DeletionPostponed'), name)
    await world.clock.advance(hour)
  }
})
