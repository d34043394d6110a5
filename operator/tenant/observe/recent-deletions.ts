/** Reads the deletions that the deletion brake counts: the record, and the other Tenants in deletion. */
import { annotations, deletionRecordName } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { KubeReader } from '../../kube/port.ts'
import { configMaps } from '../../kube/resources.ts'
import { customersOf, ownerOf } from '../../domain/ownership.ts'
import { deletingTerm } from '../../domain/caches.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import { askedDeletion } from '../lifecycle/deletion-brake.ts'
import { isReleasedByName } from '../lifecycle/deletion-grace.ts'
import { isUndecided } from '../lifecycle/deletion-holds.ts'
import type { RecentDeletions } from '../model/deletion-hold.ts'
import type { TenantSettings } from '../model/settings.ts'
import { begunIn } from '../removal/deletion-record.ts'

export interface DeletionRecordPorts {
  readonly kube: Pick<KubeReader, 'get'>
  readonly caches: Pick<TenantCaches, 'tenants' | 'namespaces'>
}

/** Throws KubeError: without the record nothing begins. */
export async function readRecentDeletions(
  { operatorNamespace: namespace }: TenantSettings,
  { kube, caches }: DeletionRecordPorts,
): Promise<RecentDeletions> {
  const begun = begunIn(await kube.get(configMaps, { namespace, name: deletionRecordName }))
  const recorded = new Set(begun.map(({ uid }) => uid))
  const asked = caches.tenants
    .by('deleting', deletingTerm)
    .filter(({ metadata }) => !recorded.has(metadata.uid ?? ''))
    .filter((tenant) => isUndecided(tenant, customersOf(tenant, caches)) && !isReleased(tenant, caches, namespace))
    .map((tenant) => askedDeletion(tenant, ownerOf(tenant.metadata.namespace, caches)))
  const gone = [...recorded].filter((uid) => caches.tenants.by('uid', uid).length === 0)
  return { begun, asked, gone: new Set(gone) }
}

function isReleased(tenant: Tenant, caches: DeletionRecordPorts['caches'], operatorNamespace: string): boolean {
  return isReleasedByName(tenant) || areDeletionsReleased(tenant, caches, operatorNamespace)
}

/** Whether an administrator released the deletions in the namespace of the Tenant, or all. */
export function areDeletionsReleased(
  { metadata }: Tenant,
  { namespaces }: Pick<TenantCaches, 'namespaces'>,
  operatorNamespace: string,
): boolean {
  return [metadata.namespace ?? '', operatorNamespace].some(
    (name) => namespaces.get(name)?.annotations[annotations.releaseDeletion] === name,
  )
}
