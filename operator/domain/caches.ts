/**
 * The caches that the tenant reconciler reads: the view that each keeps of its objects, and the indexes. The
 * composition root builds the sources from these. Pure.
 */
import type { AccessGrant } from '../api/accessgrant.ts'
import { annotations, labels } from '../api/names.ts'
import type { Reason } from '../api/reasons.ts'
import { subdomainIn, wantedCloudId, wantedSubdomain } from './desired-names.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import { isolations } from '../api/phases.ts'
import type { Isolation } from '../api/phases.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import type { ConfigMap, Namespace } from '../kube/resources.ts'
import type { Cache, IndexFunction } from '../runtime/cache/cache.ts'
import { handoversIn } from './name-swap-record.ts'
import type { Handover } from './name-swap-record.ts'
import type { ChildKind, Fingerprint } from './fingerprint.ts'
import type { ChangedPassword, changedPasswordIndexes } from './changed-password.ts'
import type { accessGrantIndexes } from './access-grant-indexes.ts'

/** What the cache keeps of a namespace. */
export interface NamespaceView {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly deleting: boolean
  /** While the namespace is being deleted: what holds it, in the namespace controller's words. */
  readonly blockers: readonly string[]
}

const deletionFailures =
  /^Namespace(DeletionDiscoveryFailure|DeletionGroupVersionParsingFailure|DeletionContentFailure|FinalizersRemaining)$/

export function namespaceView({ metadata, status }: Namespace): NamespaceView {
  const failing = status?.conditions?.filter(
    ({ type, status: value }) => value === 'True' && deletionFailures.test(type),
  )
  return Object.freeze({
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    deleting: metadata.deletionTimestamp !== undefined,
    blockers: failing?.map(({ message, type }) => message ?? type) ?? [],
  })
}

/** A name that is held by a tenant, and the names that were generated for that tenant with it. */
export interface NameClaim {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  /** The uid of the Tenant that holds it. */
  readonly holder: string
  /** `namespace/name` of the holder. */
  readonly tenant: string
  readonly kind: 'CloudId' | 'Host'
  /** The claimed value: a Cloud ID, or a full host name. */
  readonly value: string
  /** Only with a Cloud ID: the namespace name that was generated for the tenant. */
  readonly namespace: string | undefined
  readonly databaseName: string | undefined
  readonly ownerRole: string | undefined
  /** The uids of the Tenants that held it before the holder took them over. */
  readonly formerUids: readonly string[]
  /** Only with a Cloud ID: the server that the tenant is placed on, recorded before anything is made there. */
  readonly server: string | undefined
  /** Recorded with the server: its system identifier (`status.systemIdentifier`), where it was known. */
  readonly systemIdentifier?: string
  /** Recorded with the server: how the tenant's data is kept there. */
  readonly isolation: Isolation | undefined
  /** Recorded when the tenant was kept: its data existed. */
  readonly provisioned: boolean
  /** The holder goes by its claim of this kind with the highest revision; 0 for its first. */
  readonly revision: number
  /** Set on a former name of the holder: kept until then (RFC 3339). */
  readonly until: string | undefined
  /** Its tenant's data was kept when the Tenant was deleted. */
  readonly retained: boolean
  /** The deletion of its Tenant was undone: the uid of the namespace in which the same Tenant has it again. */
  readonly undoneIn: string | undefined
  /** The Cloud ID in its label. */
  readonly cloudId: string | undefined
  /** A swap that is being prepared: the leading claim, and the uid of its holder. */
  readonly bound: { readonly to: string; readonly by: string } | undefined
  /** On the leading claim of a swap, once it is decided: what becomes of each claim in it. */
  readonly handovers: readonly Handover[]
}

export function claimView({ metadata, data }: ConfigMap): NameClaim {
  return Object.freeze({
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    holder: data?.['uid'] ?? metadata.labels?.[labels.tenantUid] ?? '',
    tenant: data?.['tenant'] ?? metadata.annotations?.[annotations.tenant] ?? '',
    kind: data?.['kind'] === 'Host' ? 'Host' : 'CloudId',
    value: data?.['value'] ?? '',
    namespace: data?.['namespace'],
    databaseName: data?.['database'],
    ownerRole: data?.['owner'],
    formerUids: words(data?.['formerUids']),
    server: data?.['server'],
    ...identifierIn(data),
    isolation: isolations.find((isolation) => isolation === data?.['isolation']),
    provisioned: data?.[claimKeys.provisioned] === 'true',
    revision: Number(data?.[claimKeys.revision] ?? 0),
    until: data?.[claimKeys.until],
    retained: metadata.labels?.[labels.retained] === 'true',
    undoneIn: data?.[claimKeys.undoneIn],
    cloudId: metadata.labels?.[labels.cloudId],
    bound: boundIn(data),
    handovers: handoversIn(data?.[claimKeys.handovers]),
  })
}

function identifierIn(data: ConfigMap['data']): Pick<NameClaim, 'systemIdentifier'> {
  const systemIdentifier = data?.[claimKeys.systemIdentifier]
  return systemIdentifier === undefined ? {} : { systemIdentifier }
}

function words(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(' ')
}

/**
 * The keys of a claim's data that say which server it is, and the keys that are written later; the others exist from
 * its creation.
 */
export const claimKeys = {
  systemIdentifier: 'systemIdentifier',
  provisioned: 'provisioned',
  revision: 'revision',
  until: 'until',
  undoneIn: 'undone-in',
  boundTo: 'bound-to',
  boundBy: 'bound-by',
  handovers: 'handovers',
} as const

function boundIn(data: ConfigMap['data']): NameClaim['bound'] {
  const [to, by] = [data?.[claimKeys.boundTo], data?.[claimKeys.boundBy]]
  return to === undefined || by === undefined ? undefined : { to, by }
}

const oneOf = (term: string | undefined): readonly string[] => (term === undefined ? [] : [term])

/**
 * Tenants: by the namespace that they lie in, by that which they own, by uid, by plan in effect, by the Secret with the
 * license, those that are being deleted, by what they lack, by the plan that they ask for and do not have, and, of those
 * that do not have the names that they want, by these.
 */
export const tenantIndexes = {
  lyingIn: ({ metadata }) => oneOf(metadata.namespace),
  owning: ({ status }) => oneOf(status?.namespace),
  uid: ({ metadata }) => oneOf(metadata.uid),
  plan: ({ status }) => oneOf(status?.plan),
  license: ({ metadata, spec }) =>
    spec.license?.secretRef === undefined ? [] : [`${metadata.namespace ?? ''}/${spec.license.secretRef.name}`],
  deleting: ({ metadata }) => (metadata.deletionTimestamp === undefined ? [] : [deletingTerm]),
  lacking: ({ spec, status }) => [
    ...(spec.plan === undefined ? [lack.choice] : []),
    ...(status?.plan ? [] : [lack.plan]),
    ...(status?.database === undefined ? [lack.server] : []),
  ],
  asking: ({ spec, status }) => (spec.plan === status?.plan ? [] : oneOf(spec.plan)),
  seeking: (tenant) =>
    isSeeking(tenant) ? [cloudIdTerm(wantedCloudId(tenant)), subdomainTerm(wantedSubdomain(tenant))] : [],
} satisfies Record<string, IndexFunction<Tenant>>

/** What Tenants may lack: a plan that their spec names, a plan in effect, a place on a DatabaseServer. */
export const lack = { choice: 'choice', plan: 'plan', server: 'server' } as const

/** The term under which all Tenants that are being deleted are indexed. */
export const deletingTerm = 'deleting'

const cloudIdTerm = (cloudId: string) => `CloudId ${cloudId}`
const subdomainTerm = (subdomain: string | undefined) => `Subdomain ${subdomain ?? ''}`

/** The term of the index `seeking` for the Tenants that may want the name of this claim. */
export function seekingTerm({ kind, value }: Pick<NameClaim, 'kind' | 'value'>): string {
  return kind === 'CloudId' ? cloudIdTerm(value) : subdomainTerm(subdomainIn(value))
}

const seekingReasons: readonly string[] = ['CloudIdConflict', 'HostConflict', 'Renaming'] satisfies Reason[]

/** A status that reports something else first (a purge, for one) names no conflict; the names themselves do. */
function isSeeking(tenant: Tenant): boolean {
  const { status } = tenant
  const has = status?.cloudId === wantedCloudId(tenant) && status.subdomain === wantedSubdomain(tenant)
  return !has || (status.conditions?.some(({ reason }) => seekingReasons.includes(reason)) ?? false)
}

/**
 * TenantAdmins: by `namespace/name` of the Tenant beside them, or by the namespace whose tenant they belong to; by the Secret
 * with their first password; and those who have accepted no invite.
 */
export const tenantAdminIndexes = {
  tenantRef: ({ metadata, spec }) =>
    spec.tenantRef === undefined ? [] : [`${metadata.namespace ?? ''}/${spec.tenantRef.name}`],
  ownNamespace: ({ metadata, spec }) => (spec.tenantRef === undefined ? oneOf(metadata.namespace) : []),
  password: ({ metadata, spec }) =>
    spec.passwordSecretRef === undefined ? [] : [`${metadata.namespace ?? ''}/${spec.passwordSecretRef.name}`],
  unaccepted: ({ status }) => (status?.invite?.acceptedAt === undefined ? [unacceptedTerm] : []),
  lyingIn: ({ metadata }) => oneOf(metadata.namespace),
} satisfies Record<string, IndexFunction<TenantAdmin>>

/** Under which all TenantAdmins are filed who have accepted no invite. */
export const unacceptedTerm = 'unaccepted'

/**
 * Claims: by the uid of the holder, by its `namespace/name`, by the server that the holder is placed on, by the
 * namespace and the owner role that were generated for it, and, once placed, by the namespace that the holder lies or
 * lay in (a retained tenant keeps its claim). Claims in a swap: by the uid of the leader; the leading claim: by the
 * uids of all members.
 */
export const claimIndexes = {
  holder: ({ holder }) => [holder],
  tenant: ({ tenant }) => [tenant],
  server: ({ server }) => oneOf(server),
  namespace: ({ namespace }) => oneOf(namespace),
  owner: ({ ownerRole }) => oneOf(ownerRole),
  home: ({ server, tenant }) => (server === undefined ? [] : oneOf(tenant.split('/')[0])),
  binder: ({ bound }) => oneOf(bound?.by),
  heir: ({ handovers }) => handovers.map(({ data }) => data['uid'] ?? ''),
} satisfies Record<string, IndexFunction<NameClaim>>

/** Children: by the namespace that they lie in. */
export const childIndexes = {
  namespace: ({ namespace }) => [namespace],
} satisfies Record<string, IndexFunction<Fingerprint>>

export interface TenantCaches {
  readonly tenants: Cache<Tenant, keyof typeof tenantIndexes>
  readonly admins: Cache<TenantAdmin, keyof typeof tenantAdminIndexes>
  readonly grants: Cache<AccessGrant, keyof typeof accessGrantIndexes>
  readonly plans: Cache<TenantPlan>
  readonly servers: Cache<DatabaseServer>
  readonly namespaces: Cache<NamespaceView>
  readonly claims: Cache<NameClaim, keyof typeof claimIndexes>
  readonly changedPasswords: Pick<Cache<ChangedPassword, keyof typeof changedPasswordIndexes>, 'by'>
  readonly children: { readonly [Kind in ChildKind]: Cache<Fingerprint, keyof typeof childIndexes> }
}
