/** The invites of those who were deleted, as the Tenant keeps them: for the day that they belong to, whatever the clock said. */
import test from 'ava'
import { timestamp } from '../../../operator/runtime/base/clock.ts'
import { tenant } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

const dayAt = (world: World, days: number) => timestamp(world.clock.now() + days * 86_400_000).slice(0, 10)

/** A tenant at rest whose status tells of a day that is so many days from now. */
async function counting(days: number): Promise<World> {
  const world = ground()
  world.cluster.put(tenant())
  await world.settle()
  const { status, ...rest } = world.tenant()
  world.cluster.put({ ...rest, status: { ...status, departedInvites: { day: dayAt(world, days), count: 3 } } })
  world.cluster.writes.length = 0
  await world.settle()
  return world
}

test('a day that lies ahead becomes this one, so that it is over tomorrow', async (t) => {
  const world = await counting(400)
  t.deepEqual(world.tenant().status?.departedInvites, { day: dayAt(world, 0), count: 3 })
  t.deepEqual(world.cluster.writes, ['patch Tenant/status home/acme'])
})

test('this day stays as it is', async (t) => {
  const world = await counting(0)
  t.deepEqual(world.tenant().status?.departedInvites, { day: dayAt(world, 0), count: 3 })
  t.deepEqual(world.cluster.writes, [])
})

test('a day that is over goes with the next write, and costs none of its own', async (t) => {
  const world = await counting(-1)
  t.deepEqual(world.cluster.writes, [])
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.is(world.tenant().status?.departedInvites, undefined)
})
