/** What is known about a tenant's change of names. Gathered from caches; frozen data. */
import type { Tenant } from '../../api/tenant.ts'
import { earlierClaims } from '../model/earlier-tenant.ts'
import { claimOf, inherited, ringOf } from './swap.ts'
import type { Ring } from './swap.ts'
import { currentClaim, generatedNamespace } from '../model/naming.ts'
import type { Current } from '../model/naming.ts'
import type { TenantSettings } from '../model/settings.ts'
import type { Claim, TenantCaches } from '../../domain/caches.ts'
import { wantedCloudId, wantedHost, wantedSubdomain } from '../../domain/desired-names.ts'

export interface Renaming {
  /** Every claim that the tenant holds: its names, the former ones and those under way. */
  readonly held: readonly Claim[]
  readonly current: Current
  /** What the spec asks for, with the claims of these names, whoever holds them. */
  readonly wanted: {
    readonly cloudId: string
    readonly subdomain: string | undefined
    readonly host: string | undefined
    /** That would be generated for this Cloud ID. */
    readonly namespace: string
  }
  readonly claims: { readonly cloudId: Claim | undefined; readonly host: Claim | undefined }
  /** Those with whom the names can be exchanged. */
  readonly rings: { readonly cloudId: Ring | undefined; readonly host: Ring | undefined }
  /** The claims that one of its own leads towards an exchange. */
  readonly led: readonly Claim[]
  /** The claims that lead an exchange in which the tenant is, once it is decided. */
  readonly decided: readonly Claim[]
  /** The claims of earlier Tenants of the same namespace and name that are gone. */
  readonly earlier: readonly Claim[]
  /** The uids of leaders that there is no Tenant of any more. */
  readonly lost: ReadonlySet<string>
}

type Caches = Pick<TenantCaches, 'tenants' | 'namespaces' | 'claims'>

/** The name that it has by an exchange comes before that which it still holds. */
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
    rings: {
      cloudId: ringOf(tenant, 'CloudId', caches, settings),
      host: ringOf(tenant, 'Host', caches, settings),
    },
    led: caches.claims.by('binder', uid),
    decided,
    earlier: earlierClaims(tenant, caches),
    lost: new Set(leaders.filter((leader) => caches.tenants.by('uid', leader).length === 0)),
  })
}
