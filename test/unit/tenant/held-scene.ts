/** Deleted Tenants, some of which the brake holds. */
import type { KubeObject } from '../../../operator/kube/port.ts'
import type { World } from './world.ts'

export const names = ['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8']

export function deleteAll(world: World, which: readonly string[] = names): void {
  for (const name of which) world.cluster.remove('Tenant', `home/${name}`)
}

export const isHeld = (world: World, name: string) =>
  world.conditions(`home/${name}`).includes('Stalled=True DeletionHeld')

export function annotate(world: World, kind: string, key: string, words: Readonly<Record<string, string>>): void {
  const found = world.cluster.find<KubeObject>(kind, key)
  if (found === undefined) throw new Error(`there is no ${kind} ${key}`)
  world.cluster.put({
    ...found,
    metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, ...words } },
  })
}
