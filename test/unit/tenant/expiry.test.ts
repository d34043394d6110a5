/** Lives of tenants that expire: what is said before, and a clock that jumps. */
import test from 'ava'
import type { TenantStatus } from '../../../operator/api/tenant.ts'
import { tenant, tenantAdmin } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

const day = 86_400_000
const hour = 3_600_000
const start = Date.UTC(2030, 0, 1)
const at = (days: number): string => new Date(start + days * day).toISOString().replace('.000Z', 'Z')

/** Lets days pass as the loop does it: a pass whenever one is due. */
async function live(world: World, milliseconds: number, key = 'home/acme'): Promise<void> {
  const end = world.clock.now() + milliseconds
  for (;;) {
    const left = Math.min(world.due.get(key) ?? Infinity, end - world.clock.now())
    await world.clock.advance(left)
    await world.settle(key)
    if (world.clock.now() >= end) return
  }
}

async function running(spec: Readonly<Record<string, unknown>>): Promise<World> {
  // No login probe in between, which would look more often than the dates ask for.
  const world = ground({ settings: { probeInterval: 1000 * day } })
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec }))
  await world.settle()
  return world
}

const statusOf = (world: World): TenantStatus => world.tenant().status ?? { observedGeneration: -1 }
const days = (world: World) => statusOf(world).warnings?.map(({ daysBefore }) => daysBefore)

test('a life with a date: warned three times, off at the date, on again when it is moved, warned anew', async (t) => {
  const world = await running({ expiresAt: at(60) })
  t.like(statusOf(world), { expiresAt: at(60), phase: 'Active', warnings: undefined })
  await live(world, 29 * day)
  t.is(days(world), undefined)
  await live(world, 30 * day + 23 * hour)
  t.deepEqual(days(world), [30, 7, 1])
  t.is(statusOf(world).phase, 'Active')
  await live(world, 2 * hour)
  t.is(statusOf(world).phase, 'Expired')
  t.regex(world.message('Ready') ?? '', /Set a later spec\.expiresAt to bring it back\.$/)
  world.edit({ expiresAt: at(160) })
  await world.settle()
  t.like(statusOf(world), { expiresAt: at(160), phase: 'Active', warnings: undefined })
  await live(world, 80 * day)
  t.deepEqual(days(world), [30])
  const soon = 'Warning ExpiresSoon'
  t.deepEqual(world.events, ['Normal Provisioned', soon, soon, soon, 'Warning Expired', 'Normal Activated', soon])
})

test('nobody looks between the dates, and nothing is written', async (t) => {
  const world = await running({ expiresAt: at(60) })
  const before = world.effects.length
  t.true((world.due.get('home/acme') ?? 0) > 29 * day)
  await live(world, 29 * day)
  t.is(world.effects.length, before)
})

test('the operator is down over two warnings, and over the end: what is said is what holds now', async (t) => {
  const world = await running({ expiresAt: at(60) })
  await world.clock.advance(55 * day)
  world.restart()
  await world.settle()
  t.deepEqual(days(world), [7])
  await world.clock.advance(10 * day)
  world.restart()
  await world.settle()
  t.deepEqual([days(world), statusOf(world).phase], [[7], 'Expired'])
})

test('the clock is set a year ahead and back again: off, and on again, and not warned twice', async (t) => {
  const world = await running({ expiresAt: at(5) })
  t.deepEqual(days(world), [7])
  world.clock.setWall(start + 365 * day)
  await world.settle()
  t.is(statusOf(world).phase, 'Expired')
  world.clock.setWall(start + hour)
  await world.settle()
  t.deepEqual([days(world), statusOf(world).phase], [[7], 'Active'])
  t.is(world.events.filter((event) => event === 'Warning ExpiresSoon').length, 1)
})

test('one that waits for its admin expires too', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin({ invite: 'Pending' }))
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept', expiresAt: at(2) } }))
  await world.settle()
  t.deepEqual([days(world), statusOf(world).phase], [[7], 'Pending'])
  await live(world, 3 * day)
  t.is(statusOf(world).phase, 'Expired')
})

test('a customer ends when its MSP may keep it no longer, and is not off for longer than its MSP is', async (t) => {
  const world = ground()
  world.cluster.put(
    tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP', customers: { latestExpiry: at(20) } } }),
  )
  await world.settle('home/northwind')
  world.cluster.put(tenant({ namespace: 'tenant-northwind' }))
  const key = 'tenant-northwind/acme'
  await world.settle(key)
  t.like(world.tenant(key).status, { expiresAt: at(20), phase: 'Active' })
  await live(world, 21 * day, key)
  t.is(world.tenant(key).status?.phase, 'Expired')
  t.regex(world.message('Ready', key) ?? '', /The parent MSP northwind may have its customers no longer/)
  world.edit({ customers: { latestExpiry: at(400) }, expiresAt: at(30) }, 'home/northwind')
  await world.settle('home/northwind')
  await world.settle(key)
  t.like(world.tenant(key).status, { expiresAt: at(400), phase: 'Active' })
  await world.clock.advance(20 * day)
  await world.settle('home/northwind')
  await world.settle(key)
  t.is(world.tenant('home/northwind').status?.phase, 'Expired')
  t.like(world.tenant(key).status, { phase: 'Deactivated', expiresAt: at(400) })
  t.true(world.conditions(key).includes('Ready=True ParentSuspended'))
})
