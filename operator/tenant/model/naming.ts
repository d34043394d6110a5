/**
 * The names that a tenant goes by. A recorded name (in the claim first, then in the status) is read from its record
 * ever after; an unrecorded one is derived from the Tenant and its uid, so that a crash or a stale cache gives the same
 * names.
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
  /** How the tenant's data is kept: as recorded with the server, and before that as the spec or the plan asks. */
  readonly isolation: Isolation
  /** The tenant's server; undefined until it is recorded. */
  readonly server: string | undefined
  /** Recorded with it: the PostgreSQL server behind it, where it was known. */
  readonly systemIdentifier?: string
  /** The claim records that the data of the kept tenant existed: a claim of another Cloud ID goes on recording it. */
  readonly provisioned?: true
  /** Whether the names are recorded: then a spec with other names asks for a rename. */
  readonly recorded: boolean
}

/** The claims of a tenant's current names. */
export interface Current {
  /** The recording claim; while a swap hands it over, it is derived from the swap that gave it to the tenant. */
  readonly cloudId: NameClaim | undefined
  readonly host: NameClaim | undefined
}

export interface NamingFacts {
  /** The isolation in the spec, or else in the plan. */
  readonly desiredIsolation: Isolation
  readonly tenant: Tenant
  readonly identity: Identity
  readonly parent: Tenant | undefined
  readonly current: Current
  readonly claims: TenantCaches['claims']
  readonly namespaces: TenantCaches['namespaces']
  readonly settings: TenantSettings
}

/** The current one of a tenant's claims of one kind: no former name, and the latest that was taken. */
export function currentClaim(held: readonly NameClaim[], kind: NameClaim['kind']): NameClaim | undefined {
  return held
    .filter((claim) => claim.kind === kind && claim.until === undefined)
    .reduce<NameClaim | undefined>(
      (best, claim) => (best !== undefined && best.revision > claim.revision ? best : claim),
      undefined,
    )
}

/** The name is the Cloud ID's, unless another tenant of Tenantry holds the namespace of that name. */
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

/** The namespace of an earlier tenant that was given up still exists. */
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
    ...(claim?.provisioned === true ? { provisioned: true } : {}),
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

/**
 * Former Cloud IDs, and former hosts; the status schema takes twice as many. The right to rename must not reserve names
 * without end.
 */
export const mostAliases = 16
