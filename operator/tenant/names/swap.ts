/**
 * Tenants that want each other's names: a cycle of two or more, in which each holds the name that the one before it
 * wants. One of them leads the swap; docs/decisions/0012-renames.md says why no tenant is ever without a name. Pure
 * over the caches.
 */
import { claimName } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import { homeOf } from '../../domain/hierarchy.ts'
import { currentClaim } from '../model/naming.ts'
import type { TenantSettings } from '../model/settings.ts'
import type { NameClaim, TenantCaches } from '../../domain/caches.ts'
import { claimView } from '../../domain/caches.ts'
import { wantedCloudId, wantedHost } from '../../domain/desired-names.ts'
import type { SwapCycle } from '../model/renaming.ts'

/** The maximum length of a cycle. */
const largest = 16

type Caches = Pick<TenantCaches, 'tenants' | 'namespaces' | 'claims'>

/**
 * The cycle that the tenant is in with its names of this kind; undefined when it wants no other name, a free one or a
 * foreign one.
 */
export function cycleOf(
  tenant: Tenant,
  kind: NameClaim['kind'],
  caches: Caches,
  settings: TenantSettings,
): SwapCycle | undefined {
  const cycle: NameClaim[] = []
  let step = stepOf(tenant, kind, caches, settings)
  while (step !== undefined && cycle.length < largest) {
    cycle.push(step.own)
    const { next } = step
    if (next.name === cycle[0]?.name) return cycle
    const holder: Tenant | undefined = caches.tenants.by('uid', next.holder)[0]
    step = holder === undefined ? undefined : stepOf(holder, kind, caches, settings)
    // Only the holder's present name can be swapped, and a cycle that does not lead back here is not this tenant's.
    if (step?.own.name !== next.name || cycle.some(({ name }) => name === next.name)) return undefined
  }
  return undefined
}

interface Step {
  readonly own: NameClaim
  readonly next: NameClaim
}

/** The tenant's claim and the claim that it wants instead, where that is another tenant's present name. */
function stepOf(tenant: Tenant, kind: NameClaim['kind'], caches: Caches, settings: TenantSettings): Step | undefined {
  const { uid = '', deletionTimestamp } = tenant.metadata
  const own = currentClaim(caches.claims.by('holder', uid), kind)
  if (own === undefined || deletionTimestamp !== undefined || own.handovers.length > 0) return undefined
  if (kind === 'Host' && !canHaveCloudId(tenant, caches, settings)) return undefined
  const wanted = wantedName(tenant, kind, own, caches, settings)
  const next = wanted === undefined ? undefined : claimOf(kind, wanted, caches, settings)
  const isTheirs = next !== undefined && next.holder !== uid && next.until === undefined
  return isTheirs ? { own, next } : undefined
}

/** A tenant that cannot have its Cloud ID keeps its host name too, and no other tenant waits for it. */
function canHaveCloudId(tenant: Tenant, caches: Caches, settings: TenantSettings): boolean {
  const claim = claimOf('CloudId', wantedCloudId(tenant), caches, settings)
  return claim === undefined || claim.holder === tenant.metadata.uid
}

function wantedName(
  tenant: Tenant,
  kind: NameClaim['kind'],
  own: NameClaim,
  caches: Caches,
  { baseDomain }: TenantSettings,
): string | undefined {
  if (kind === 'CloudId') return wantedCloudId(tenant)
  const home = homeOf(tenant, caches)
  return wantedHost(tenant, home.kind === 'Msp' ? home.parent : undefined, baseDomain, own.value)
}

/** The claim of a name, of any tenant. */
export function claimOf(
  kind: NameClaim['kind'],
  value: string,
  { claims }: Pick<TenantCaches, 'claims'>,
  { operatorNamespace }: TenantSettings,
): NameClaim | undefined {
  return claims.get(`${operatorNamespace}/${kind === 'Host' ? claimName.host(value) : claimName.cloudId(value)}`)
}

/** The leader: the same for all members, whichever finds the cycle first. */
export function leaderOf(cycle: SwapCycle): NameClaim | undefined {
  return cycle.toSorted((one, other) => (one.holder < other.holder ? -1 : 1))[0]
}

/** The claim that a swap has given to this tenant, as it will be. */
export function inherited(
  uid: string,
  kind: NameClaim['kind'],
  { claims }: Pick<TenantCaches, 'claims'>,
): NameClaim | undefined {
  for (const leader of claims.by('heir', uid)) {
    const handover = leader.handovers.find(({ data }) => data['uid'] === uid && data['kind'] === kind)
    if (handover === undefined) continue
    return claimView({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: handover.claim }, data: handover.data })
  }
  return undefined
}
