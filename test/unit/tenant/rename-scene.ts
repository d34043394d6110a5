/** Tenants with names, for renames and name swaps. */
import type { ExecutionContext } from 'ava'
import type { ConfigMap } from '../../../operator/kube/resources.ts'
import { tenant } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

/** Every claim as `name holder`, with `alias` and `revision` where it has them. */
export function claims(world: World): readonly string[] {
  return world.cluster
    .all<ConfigMap>('ConfigMap')
    .map(({ metadata, data = {} }) => {
      const { uid = '', until, revision } = data
      const more = [until === undefined ? '' : ' alias', revision === undefined ? '' : ` ${revision}`].join('')
      return `${metadata.name.replace('claim-', '')} ${uid}${more}`
    })
    .toSorted()
}

export function named(name: string, spec: object = {}) {
  return tenant({ name, uid: `uid-${name}`, spec })
}

export async function living(names: readonly string[]): Promise<World> {
  const world = ground()
  for (const name of names) world.cluster.put(named(name))
  await world.settleAll()
  return world
}

export const ready = (t: ExecutionContext, world: World, key: string) =>
  t.true(world.conditions(key).includes('Ready=True Provisioned'), world.conditions(key).join())
