/**
 * What must be known from the live cluster before anything is destroyed: whether the deletion was meant for this tenant at
 * all, and what is there of it now.
 */
import { claimName } from '../api/names.ts'
import { tenants } from '../api/tenant.ts'
import type { Tenant } from '../api/tenant.ts'
import type { KubeReader } from '../kube/port.ts'
import { configMaps, namespaces } from '../kube/resources.ts'
import { goingWith } from '../runtime/going.ts'
import { wantedCloudId } from './naming.ts'
import type { Names } from './naming.ts'
import type { LiveCheck } from './seen.ts'
import type { TenantSettings } from './settings.ts'
import { claimView, namespaceView } from './sources.ts'

/** Throws KubeError; without an answer nothing is destroyed. */
export async function checkLive(
  tenant: Tenant,
  names: Names,
  kube: KubeReader,
  settings: TenantSettings,
): Promise<LiveCheck> {
  const claim = (name: string) => kube.get(configMaps, { namespace: settings.operatorNamespace, name })
  const cloudIds = new Set([names.cloudId, wantedCloudId(tenant)])
  const claimNames = [
    ...[...cloudIds].map(claimName.cloudId),
    ...(names.host === undefined ? [] : [claimName.host(names.host)]),
  ]
  const [going, namespace, ...claims] = await Promise.all([
    goingWith(tenant, tenants, kube),
    kube.get(namespaces, { name: names.namespace }),
    ...claimNames.map(claim),
  ])
  return {
    going,
    namespace: namespace === undefined ? undefined : namespaceView(namespace),
    claims: claims.filter((each) => each !== undefined).map(claimView),
  }
}
