/** A tenant that goes off and on again. */
import { tenant, tenantAdmin } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

export async function running(spec: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec }))
  await world.settle()
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  return world
}
