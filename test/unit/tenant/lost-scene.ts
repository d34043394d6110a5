/** A tenant whose database is dropped. */
import { tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'
import type { ObservedDatabase } from '../../../operator/postgres/model/observed-database.ts'

export async function provisioned(spec: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const world = ground()
  world.cluster.put(tenantPlan())
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec }))
  await world.settle()
  return world
}

export function nameOf(world: World): string {
  const [owner = ''] = world.postgres.databases.keys()
  return owner
}

/** As DROP DATABASE leaves it: the roles and their marks stay. */
export function drop(world: World): void {
  const owner = nameOf(world)
  const { database: _database, ...rest } = world.postgres.databases.get(owner) ?? nothing
  world.postgres.databases.set(owner, { ...rest, complete: false })
}

export const nothing: ObservedDatabase = { operator: 'op', version: 180_004, logins: {}, complete: false, sessions: 0 }

export const creations = (world: World) =>
  world.postgres.statements.filter((statement) => /^Ensure(Database|Inside)/.test(statement)).length

export async function noticed(world: World): Promise<void> {
  await world.poll()
  await world.settle()
}

export const told = (world: World) => world.conditions().filter((line) => line.includes('DatabaseMissing'))
