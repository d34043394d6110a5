/** Counts of our own kinds in a tenant's quota: not before Kubernetes knows them, as it refuses what it does not count. */
import test from 'ava'
import type { ResourceQuota } from '../../../../operator/kube/resources.ts'
import { tenant, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const quota = { 'count/secrets': '10', 'count/tenants.tenantry.dev': '5' }
const known = 60_000

function young(): World {
  const start = ground().clock.now()
  const world = ground({ settings: { ownKindsCountedFrom: start + known } })
  world.cluster.put(tenantPlan({ spec: { quota } }))
  return world
}

function counted(world: World): readonly string[] {
  const found = world.cluster.find('ResourceQuota', 'tenant-acme/tenantry-quota') as ResourceQuota | undefined
  const hard: object = found?.spec?.hard ?? {}
  return Object.keys(hard).filter((key) => key.startsWith('count/'))
}

test('a tenant that is made before Kubernetes knows our kinds has their counts as soon as it does, as an update', async (t) => {
  const world = young()
  world.cluster.put(tenant())
  await world.settle()
  t.deepEqual(counted(world), ['count/secrets'])
  t.true(world.conditions().some((each) => each.startsWith('Ready=True')))
  const due = world.due.get('home/acme') ?? Infinity
  t.true(due > 0 && due <= known, String(due))
  await world.clock.advance(known)
  await world.settle()
  t.deepEqual(counted(world), Object.keys(quota))
  t.deepEqual(world.repairs, [])
})

test('counts that a quota has stay, also when one of our kinds is new again or the clock was set back', async (t) => {
  const world = young()
  world.cluster.put(tenant())
  await world.clock.advance(known)
  await world.settle()
  t.deepEqual(counted(world), Object.keys(quota))
  world.clock.setWall(world.clock.now() - known)
  world.cluster.writes.length = 0
  await world.settle()
  t.deepEqual(counted(world), Object.keys(quota))
  t.deepEqual(world.cluster.writes, [])
  world.cluster.put(tenantPlan({ spec: { quota: { ...quota, 'count/secrets': '20' } } }))
  await world.settle()
  t.deepEqual(counted(world), Object.keys(quota), 'nor by an edit of the plan')
})

test('a plan without counts of our kinds makes nobody look again', async (t) => {
  const world = ground({ settings: { ownKindsCountedFrom: ground().clock.now() + known } })
  world.cluster.put(tenant())
  await world.settle()
  t.true((world.due.get('home/acme') ?? Infinity) > known)
})
