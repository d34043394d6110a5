/**
 * Claims: ConfigMaps in the operator's namespace. Creating one is the atomic act that gives a Cloud ID or a host name
 * to its holder, regardless of the Tenants' age; it also records what was generated for the tenant. Pure.
 */
import { claimName, labels } from '../../api/names.ts'
import type { ConfigMap } from '../../kube/resources.ts'
import { markAnnotations, markLabels } from '../../domain/marks.ts'
import type { Identity } from '../../domain/marks.ts'
import type { Names } from './naming.ts'
import { claimKeys } from '../../domain/caches.ts'
import type { NameClaim } from '../../domain/caches.ts'

/** A DatabaseServer, and the PostgreSQL server behind it, where it is known. */
export interface Place {
  readonly server: string
  readonly systemIdentifier: string | undefined
}

/** The server as the claim records it. */
export function recordedPlace({ server, systemIdentifier }: Names): Place | undefined {
  return server === undefined ? undefined : { server, systemIdentifier }
}

/** What a claim says. */
export interface ClaimContent {
  readonly name: string
  readonly data: Readonly<Record<string, string>>
  readonly cloudId: string
}

/**
 * The claim of the Cloud ID, with the generated names, and the server where it is decided already. `revision`: 0 for a
 * tenant's first name.
 */
export function cloudIdClaim(
  identity: Identity,
  names: Pick<Names, 'database' | 'isolation' | 'namespace' | 'cloudId' | 'provisioned'>,
  place: Place | undefined,
  revision = 0,
): ClaimContent {
  const { database, namespace, cloudId, provisioned } = names
  return {
    name: claimName.cloudId(cloudId),
    cloudId,
    data: {
      kind: 'CloudId',
      value: cloudId,
      tenant: identity.tenant,
      uid: identity.uid,
      namespace,
      database: database.database,
      owner: database.owner,
      ...(place === undefined ? {} : placementIn(place, names)),
      ...(provisioned === true ? { [claimKeys.provisioned]: 'true' } : {}),
      ...formerUidsOf(identity),
      ...revised(revision),
    },
  }
}

/** The server that a claim records for its tenant. */
export function placementIn(
  { server, systemIdentifier }: Place,
  { database, isolation }: Pick<Names, 'database' | 'isolation'>,
): Readonly<Record<string, string>> {
  const which = systemIdentifier === undefined ? {} : { [claimKeys.systemIdentifier]: systemIdentifier }
  return { server, isolation, database: database.database, ...which }
}

/** `cloudId`: the tenant's Cloud ID, for the label. */
export function hostClaim(identity: Identity, cloudId: string, host: string, revision = 0): ClaimContent {
  return {
    name: claimName.host(host),
    cloudId,
    data: {
      kind: 'Host',
      value: host,
      tenant: identity.tenant,
      uid: identity.uid,
      ...formerUidsOf(identity),
      ...revised(revision),
    },
  }
}

/** By these uids a tenant that took over an earlier one, under another name, is still recognised as that one. */
function formerUidsOf({ formerUids }: Identity): Readonly<Record<string, string>> {
  return formerUids.length === 0 ? {} : { formerUids: formerUids.join(' ') }
}

function revised(revision: number): Readonly<Record<string, string>> {
  return revision === 0 ? {} : { [claimKeys.revision]: String(revision) }
}

export function claimObject(identity: Identity, content: ClaimContent, operatorNamespace: string): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: content.name,
      namespace: operatorNamespace,
      labels: { ...markLabels(identity, 'claim'), [labels.cloudId]: content.cloudId },
      annotations: markAnnotations(identity),
    },
    data: content.data,
  }
}

/** The changes that turn a claim over to the tenant which has taken over its holder. */
export function adoptedClaim(
  { holder, formerUids }: NameClaim,
  identity: Identity,
): { readonly metadata: object; readonly data: object } {
  return {
    metadata: {
      labels: { ...markLabels(identity, 'claim'), [labels.retained]: null },
      annotations: markAnnotations(identity),
    },
    data: {
      tenant: identity.tenant,
      uid: identity.uid,
      formerUids: [...formerUids, holder].join(' '),
      [claimKeys.undoneIn]: null,
    },
  }
}

/** Whether this tenant holds a claim: by uid and nothing else. */
export function isHeldBy(claim: NameClaim | undefined, identity: Identity): boolean {
  return claim?.holder === identity.uid
}
