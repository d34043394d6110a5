/**
 * When Kubernetes begins to count Tenantry's own kinds in a ResourceQuota: its quota controller discovers new kinds
 * only now and then, and until then admission refuses objects of a kind that a quota names.
 */
import { definitionName } from '../api/names.ts'
import type { KubeReader } from '../kube/port.ts'
import { customResourceDefinitions } from '../kube/resources.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { countedKinds } from '../tenantplan/bounds.ts'

/**
 * The age in milliseconds at which Kubernetes counts a new kind. Its quota controller asks for new kinds every 30 s, and then
 * fills the caches that it counts by (kube-controller-manager, pkg/controller/resourcequota).
 */
const discoveryDelay = 60_000

/**
 * Milliseconds since the epoch. A CRD that does not exist yet, or whose creation a slow clock finds in the future,
 * counts as made now. Throws KubeError.
 */
export async function ownKindsCountedFrom(kube: Pick<KubeReader, 'get'>, { now }: Pick<Clock, 'now'>): Promise<number> {
  const made = countedKinds.map(async (plural) => {
    const definition = await kube.get(customResourceDefinitions, { name: definitionName(plural) })
    const at = definition?.metadata.creationTimestamp
    return Math.min(now(), at === undefined ? Infinity : Date.parse(at))
  })
  return Math.max(...(await Promise.all(made))) + discoveryDelay
}
