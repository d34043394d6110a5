/** A tenant whose data has a size and a limit. */
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

/** A tenant whose data may have 100 kB. */
export async function running(database: object = {}, plan: object = { maxSize: '100k' }): Promise<World> {
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { database: plan } }))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { database } }))
  await world.settle()
  await takes(world, 1)
  return world
}

/** So many per cent of it, as the next look finds; whoever is woken by that comes to rest. */
export async function takes(world: World, share: number): Promise<readonly string[]> {
  for (const databaseState of world.postgres.databases.values()) databaseState.sizeBytes = share * 1000
  const woken = await world.poll()
  if (woken.length > 0) await world.settle()
  return woken
}

export const told = (world: World) => world.conditions().filter((each) => each.startsWith('DatabaseOverSize'))

export const available = (world: World) => world.conditions().find((each) => each.startsWith('Available'))

export const ready = (world: World) => world.conditions().find((each) => each.startsWith('Ready'))

export const canLogin = (world: World) => [...world.postgres.databases.values()].map(({ logins }) => logins.a?.canLogin)

export const events = (world: World) =>
  world.events.filter((each) => /Database(NearlyFull|OverSize|ReadOnly|WithinSize)$/.test(each))

export const acts = (world: World) =>
  world.postgres.statements.map((each) => each.split(' ')[0]).filter((each) => each !== 'catalogue')
