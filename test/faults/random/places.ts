/** Where the objects of a slot lie. */
import type { Stored } from '../../harness/api.ts'
import type { Scene } from './scene.ts'
import { slots } from './step.ts'

export const group = '/apis/tenantry.dev/v1alpha1'
export const apiVersion = 'tenantry.dev/v1alpha1'

export function annotated(name: string, value: string) {
  return { annotations: { [`tenantry.dev/${name}`]: value } }
}

/** Of the namespace in which the Tenants of this slot lie; an MSP that was never there has none. */
export function namespaceOf({ world, memory }: Scene, slot: string): string {
  const under = slots.find(({ name }) => name === slot)?.under
  return under === undefined ? world.installation.home : (memory.namespaces.get(under) ?? 'none')
}

export function pathOf(scene: Scene, slot: string): string {
  return `${group}/namespaces/${namespaceOf(scene, slot)}/tenants/${slot}`
}

export async function tenantIn(scene: Scene, slot: string): Promise<Stored | undefined> {
  const tenant = await scene.world.api.get(pathOf(scene, slot))
  const namespace = tenant?.status?.['namespace']
  if (typeof namespace === 'string') scene.memory.namespaces.set(slot, namespace)
  return tenant
}
