/**
 * The live check of the cluster before anything is destroyed: whether the deletion was meant for this tenant, and what
 * exists of it now. Its last dump: last-dump-facts.ts. What else is read live: what-to-read.ts.
 */
import { claimName } from '../../api/names.ts'
import { tenants } from '../../api/tenant.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { KubeReader } from '../../kube/port.ts'
import { configMaps, namespaces } from '../../kube/resources.ts'
import { deletionCauseOf } from '../../runtime/objects/deletion-cause.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TenantSettings } from '../model/settings.ts'
import { claimView, namespaceView } from '../../domain/caches.ts'
import type { LiveCheck } from '../model/live-facts.ts'

/** Throws KubeError; without an answer nothing is destroyed. */
export async function checkLive(
  tenant: Tenant,
  { names, renaming }: Pick<Snapshot, 'names' | 'renaming'>,
  kube: KubeReader,
  settings: TenantSettings,
): Promise<LiveCheck> {
  const claim = (name: string) => kube.get(configMaps, { namespace: settings.operatorNamespace, name })
  // Claims that the cache has not heard of yet are among the wanted ones.
  const { wanted, held } = renaming
  const claimNames = new Set([
    ...[names.cloudId, wanted.cloudId].map(claimName.cloudId),
    ...[names.host, wanted.host].filter((host) => host !== undefined).map(claimName.host),
    ...held.map(({ name }) => name),
  ])
  const [deletionCause, namespace, ...claims] = await Promise.all([
    deletionCauseOf(tenant, tenants, kube),
    kube.get(namespaces, { name: names.namespace }),
    ...[...claimNames].map(claim),
  ])
  return {
    deletionCause,
    namespace: namespace === undefined ? undefined : namespaceView(namespace),
    claims: claims.filter((each) => each !== undefined).map(claimView),
  }
}
