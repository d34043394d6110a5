/** Whether a tenant goes by the names that it wants, or somebody else has them. Pure. */
import type { Stored } from '../../harness/api.ts'
import { conditionOf } from '../life.ts'
import { isOrphan, living, parentOf, titleOf, wantedCloudId } from './view.ts'
import type { View } from './view.ts'

export function namesOf(tenant: Stored, view: View, home: string): readonly string[] {
  if (isOrphan(tenant, view, home)) return []
  const title = titleOf(tenant)
  const [cloudId, host] = [wantedCloudId(tenant), wantedHost(tenant, view)]
  const [hasCloudId, hasHost] = [tenant.status?.['cloudId'] === cloudId, tenant.status?.['host'] === host]
  if (hasCloudId && hasHost) return []
  const reason = conditionOf(tenant, 'Stalled')?.reason
  const called = `${title} is called ${String(tenant.status?.['cloudId'])} (${String(tenant.status?.['host'])})`
  if (reason !== 'CloudIdConflict' && reason !== 'HostConflict')
    return [`${called}, and should be called ${cloudId} (${host}).`]
  const [claim, other] =
    reason === 'CloudIdConflict' ? [`claim-cloud-id-${cloudId}`, hasCloudId] : [`claim-host-${host}`, hasHost]
  if (other) return [`${called} and is told ${reason}, which is not so.`]
  const holder = holderOf(claim, view)
  if (holder === undefined || holder === tenant.metadata.uid)
    return [`${title} is told ${reason}, and nobody else has what it wants (${claim}).`]
  return isInRing(tenant, view) ? [`${title} and those whose names it wants could swap them, and have not.`] : []
}

function wantedHost(tenant: Stored, view: View): string {
  const parent = parentOf(tenant, view)
  const above = parent === undefined ? '' : `-${String(parent.status?.['host']).split('.')[0]}`
  return `${wantedCloudId(tenant)}${above}.tenants.example.com`
}

function holderOf(claim: string, { facts }: View): string | undefined {
  return facts.claims.find(({ metadata }) => metadata.name === claim)?.data?.['uid']
}

/** Each wants what the next one goes by, and the last what the first one goes by. */
function isInRing(tenant: Stored, view: View): boolean {
  let at: Stored | undefined = tenant
  for (let step = 0; step < 10; step += 1) {
    const wanted: string = wantedCloudId(at)
    at = living(view).find(
      ({ status, metadata }) => status?.['cloudId'] === wanted && metadata.uid !== at?.metadata.uid,
    )
    if (at === undefined || at.status?.['cloudId'] === wantedCloudId(at)) return false
    if (at.metadata.uid === tenant.metadata.uid) return true
  }
  return false
}
