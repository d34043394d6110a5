/** A tenant with its Secret and logins, for rotations. */
import type { Secret } from '../../../../operator/kube/resources.ts'
import { tenant, tenantAdmin } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

export const grace = 600_000

export function request(world: World, value: string, key = 'home/acme'): void {
  const before = world.tenant(key)
  const annotations = { ...before.metadata.annotations, 'tenantry.dev/rotate-requested-at': value }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
}

export interface Credentials {
  readonly username: string
  readonly password: string
}

export function secretOf(world: World, namespace = 'tenant-acme'): Credentials | undefined {
  const secret = world.cluster.find<Secret>('Secret', `${namespace}/tenantry-database`)
  if (secret === undefined) return undefined
  const entry = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString()
  return { username: entry('username'), password: entry('password') }
}

export function credentialsOf(world: World, namespace?: string): Credentials {
  const found = secretOf(world, namespace)
  if (found === undefined) throw new Error('there is no Secret')
  return found
}

export const logsIn = (world: World, { username, password }: Credentials) => world.postgres.logsIn(username, password)

export async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(
    tenantAdmin({ name: 'john', uid: 'uid-john', spec: { username: 'john', email: 'john@example.com' } }),
  )
  world.cluster.put(tenant())
  await world.settle()
  return world
}

export const john = { name: 'john', uid: 'uid-john' }

export const spec = { username: 'john', email: 'john@example.com' }
