/** Reads the facts about a tenant's change of names from the caches. Frozen data. */
import type { Tenant } from '../../api/tenant.ts'
import { earlierClaims } from '../model/earlier-tenant.ts'
import { claimOf, inherited, cycleOf } from './swap.ts'
import { currentClaim, generatedNamespace } from '../model/naming.ts'
import type { Current } from '../model/naming.ts'
import type { TenantSettings } from '../model/settings.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import { wantedCloudId, wantedHost, wantedSubdomain } from '../../domain/desired-names.ts'
import type { Renaming } from '../model/renaming.ts'

type Caches = Pick<TenantCaches, 'tenants' | 'namespaces' | 'claims'>

/** The name from a swap comes before the name that the tenant still holds. */
export function currentNames(uid: string, { claims }: Pick<TenantCaches, 'claims'>): Current {
  const held = claims.by('holder', uid)
  return {
    cloudId: inherited(uid, 'CloudId', { claims }) ?? currentClaim(held, 'CloudId'),
    host: inherited(uid, 'Host', { claims }) ?? currentClaim(held, 'Host'),
  }
}

export function renamingOf(
  tenant: Tenant,
  parent: Tenant | undefined,
  current: Current,
  caches: Caches,
  settings: TenantSettings,
): Renaming {
  const { uid = '' } = tenant.metadata
  const held = caches.claims.by('holder', uid)
  const cloudId = wantedCloudId(tenant)
  const recordedHost = current.host?.value ?? tenant.status?.host
  const host = wantedHost(tenant, parent, settings.baseDomain, recordedHost)
  const decided = caches.claims.by('heir', uid)
  const leaders = [...decided.map(({ holder }) => holder), ...held.flatMap(({ bound }) => bound?.by ?? [])]
  return Object.freeze({
    held,
    current,
    wanted: {
      cloudId,
      subdomain: wantedSubdomain(tenant),
      host,
      namespace: generatedNamespace(cloudId, uid, caches, settings),
    },
    claims: {
      cloudId: claimOf('CloudId', cloudId, caches, settings),
      host: host === undefined ? undefined : claimOf('Host', host, caches, settings),
    },
    cycles: {
      cloudId: cycleOf(tenant, 'CloudId', caches, settings),
      host: cycleOf(tenant, 'Host', caches, settings),
    },
    led: caches.claims.by('binder', uid),
    decided,
    earlier: earlierClaims(tenant, caches),
    lost: new Set(leaders.filter((leader) => caches.tenants.by('uid', leader).length === 0)),
  })
}
