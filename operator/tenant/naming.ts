/**
 * The names that a tenant goes by. What was recorded (in the claim first, then in the status) is read from there ever
 * after; what was not is worked out from the Tenant and its uid, so that a crash or a stale cache gives the same names.
 */
import { databaseNames, databaseNamesOf, hostName, namespaceName } from '../api/names.ts'
import type { DatabaseNames } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Identity } from './marks.ts'
import type { TenantSettings } from './settings.ts'
import type { Claim } from './sources.ts'

export interface Names {
  /** The Cloud ID that the tenant holds or is about to claim. */
  readonly cloudId: string
  /** Undefined where the Cloud ID does not fit as a subdomain and none is given; admission refuses that. */
  readonly subdomain: string | undefined
  readonly host: string | undefined
  readonly namespace: string
  readonly database: DatabaseNames
  /** Where the tenant is placed; undefined until that was recorded. */
  readonly server: string | undefined
  /** Whether there is a record: then the spec asking for other names is a rename. */
  readonly recorded: boolean
}

const subdomainForm = /^[a-z][a-z0-9]{0,9}$/

/** The Cloud ID that the spec asks for. */
export function wantedCloudId({ metadata, spec }: Tenant): string {
  return spec.cloudId ?? metadata.name
}

/** The subdomain that the spec asks for: its own, or the Cloud ID where that fits. */
export function wantedSubdomain(tenant: Tenant): string | undefined {
  const { subdomain } = tenant.spec
  if (subdomain !== undefined) return subdomain
  const cloudId = wantedCloudId(tenant)
  return subdomainForm.test(cloudId) ? cloudId : undefined
}

/** The subdomain that a tenant goes by now. */
export function effectiveSubdomain(tenant: Tenant): string | undefined {
  return tenant.status?.subdomain ?? wantedSubdomain(tenant)
}

export interface NamingFacts {
  readonly tenant: Tenant
  readonly identity: Identity
  readonly parent: Tenant | undefined
  /** The claims that this tenant holds. */
  readonly held: readonly Claim[]
  /** Whether another tenant of ours holds the namespace name that the Cloud ID gives. */
  readonly namespaceTaken: (namespace: string) => boolean
  readonly settings: TenantSettings
}

export function namesOf({ tenant, identity, parent, held, namespaceTaken, settings }: NamingFacts): Names {
  const { status } = tenant
  const claim = held.find(({ kind }) => kind === 'CloudId')
  const cloudId = claim?.value ?? status?.cloudId ?? wantedCloudId(tenant)
  const host = held.find(({ kind }) => kind === 'Host')?.value
  const subdomain = subdomainIn(host) ?? status?.subdomain ?? wantedSubdomain(tenant)
  const { namespacePrefix, installation, baseDomain } = settings
  const plain = namespaceName(namespacePrefix, cloudId, false, identity.uid)
  const generated = namespaceName(namespacePrefix, cloudId, namespaceTaken(plain), identity.uid)
  return Object.freeze({
    cloudId,
    subdomain,
    host: host ?? status?.host ?? hostOf(subdomain, parent, baseDomain),
    namespace: claim?.namespace ?? status?.namespace ?? generated,
    database:
      claim?.databaseName === undefined
        ? databaseNames(installation, identity.uid)
        : databaseNamesOf(claim.databaseName),
    server: claim?.server ?? status?.database?.server,
    recorded: claim !== undefined || status?.cloudId !== undefined,
  })
}

/** As {@link hostName} made it: a subdomain has no hyphen, and what follows one is the parent's. */
function subdomainIn(host: string | undefined): string | undefined {
  return host?.split('.')[0]?.split('-')[0]
}

function hostOf(subdomain: string | undefined, parent: Tenant | undefined, baseDomain: string): string | undefined {
  if (subdomain === undefined) return undefined
  return hostName(subdomain, parent === undefined ? undefined : effectiveSubdomain(parent), baseDomain)
}
