/** A world in which the tenant acme has everything and nothing is left to do. */
import type { ExecutionContext } from 'ava'
import type { Secret } from '../../../operator/kube/resources.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

export async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } }))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  return world
}

/** The credentials in the Secret are those of the server. */
export async function logsIn(t: ExecutionContext, world: World): Promise<void> {
  const secret = world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')
  const entry = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString()
  const { signal } = new AbortController()
  t.true(await world.postgres.probe(entry('database'), entry('username'), entry('password'), signal))
}
