/**
 * The names that a tenant goes by. What was recorded (in the claim first, then in the status) is read from there ever
 * after; what was not is worked out from the Tenant and its uid, so that a crash or a stale cache gives the same names.
 */
import { databaseNames, databaseNamesOf, namespaceName, sharedDatabaseName } from '../../api/names.ts'
import type { DatabaseNames } from '../../api/names.ts'
import type { Isolation } from '../../api/phases.ts'
import type { Tenant } from '../../api/tenant.ts'
import { givesUp, isAnothers } from './earlier-tenant.ts'
import type { Identity } from '../../domain/marks.ts'
import type { TenantSettings } from './settings.ts'
import type { NameClaim, TenantCaches } from '../../domain/caches.ts'
import { subdomainIn, wantedCloudId, wantedHost, wantedSubdomain } from '../../domain/desired-names.ts'

export interface Names {
  /** The Cloud ID that the tenant holds or is about to claim. */
  readonly cloudId: string
  /** Undefined where the Cloud ID does not fit as a subdomain and none is given; admission refuses that. */
  readonly subdomain: string | undefined
  readonly host: string | undefined
  readonly namespace: string
  readonly database: DatabaseNames
  /** How the tenant's data is kept: as was recorded with the server, and before that as is wished for. */
  readonly isolation: Isolation
  /** Where the tenant is placed; undefined until that was recorded. */
  readonly server: string | undefined
  /** Recorded with it: which PostgreSQL server that was, where it was known. */
  readonly systemIdentifier?: string
  /** Whether there is a record: then the spec asking for other names is a rename. */
  readonly recorded: boolean
}

/** What a tenant goes by now. */
export interface Current {
  /** The claim that records it; made up from the exchange that has given it to the tenant while it is handed over. */
  readonly cloudId: NameClaim | undefined
  readonly host: NameClaim | undefined
}

export interface NamingFacts {
  /** By the spec, or the plan. */
  readonly desiredIsolation: Isolation
  readonly tenant: Tenant
  readonly identity: Identity
  readonly parent: Tenant | undefined
  readonly current: Current
  readonly claims: TenantCaches['claims']
  readonly namespaces: TenantCaches['namespaces']
  readonly settings: TenantSettings
}

/** Of the claims of a kind that a tenant holds the one it goes by: no former name, and the last that it has taken. */
export function currentClaim(held: readonly NameClaim[], kind: NameClaim['kind']): NameClaim | undefined {
  return held
    .filter((claim) => claim.kind === kind && claim.until === undefined)
    .reduce<NameClaim | undefined>(
      (best, claim) => (best !== undefined && best.revision > claim.revision ? best : claim),
      undefined,
    )
}

/** By the Cloud ID, unless another tenant of ours holds the namespace of that name. */
export function generatedNamespace(
  cloudId: string,
  uid: string,
  { claims }: Pick<TenantCaches, 'claims'>,
  { namespacePrefix }: TenantSettings,
): string {
  const plain = namespaceName(namespacePrefix, cloudId, false, uid)
  const taken = claims.by('namespace', plain).some(({ holder }) => holder !== uid)
  return namespaceName(namespacePrefix, cloudId, taken, uid)
}

/** Where an earlier tenant was given up, its namespace is there still. */
function firstNamespace(cloudId: string, { tenant, identity, claims, namespaces, settings }: NamingFacts): string {
  const { uid } = identity
  const name = generatedNamespace(cloudId, uid, { claims }, settings)
  if (!givesUp(tenant) || !isAnothers(namespaces.get(name), uid)) return name
  return namespaceName(settings.namespacePrefix, cloudId, true, uid)
}

export function namesOf(facts: NamingFacts): Names {
  const { tenant, identity, parent, current, settings, desiredIsolation } = facts
  const { status } = tenant
  const claim = current.cloudId
  const cloudId = claim?.value ?? status?.cloudId ?? wantedCloudId(tenant)
  const recordedHost = current.host?.value ?? status?.host
  const { installation, baseDomain } = settings
  const server = claim?.server ?? status?.database?.server
  const recorded = claim?.isolation ?? status?.database?.isolation
  const isolation = server === undefined ? desiredIsolation : (recorded ?? 'Database')
  return Object.freeze({
    cloudId,
    subdomain: subdomainIn(current.host?.value) ?? status?.subdomain ?? wantedSubdomain(tenant),
    host: recordedHost ?? wantedHost(tenant, parent, baseDomain, undefined),
    namespace: claim?.namespace ?? status?.namespace ?? firstNamespace(cloudId, facts),
    isolation,
    database: recordedDatabase(claim, isolation, installation) ?? databaseNames(installation, identity.uid, isolation),
    server,
    ...(claim?.systemIdentifier === undefined ? {} : { systemIdentifier: claim.systemIdentifier }),
    recorded: claim !== undefined || status?.cloudId !== undefined,
  })
}

/** A tenant that was taken over keeps the names that were made for it. */
function recordedDatabase(
  claim: NameClaim | undefined,
  isolation: Isolation,
  installation: string,
): DatabaseNames | undefined {
  if (claim?.ownerRole === undefined) return undefined
  if (isolation === 'Database') return databaseNamesOf(claim.ownerRole)
  const recorded = claim.isolation === 'Schema' ? claim.databaseName : undefined
  return databaseNamesOf(claim.ownerRole, recorded ?? sharedDatabaseName(installation))
}

/** Of Cloud IDs, and of hosts: the schema of the status takes twice as many. Whoever may rename must not reserve names without end. */
export const mostAliases = 16
