/**
 * What the tenant reconciler reads from: caches that others keep, what they keep of each object, and how it is indexed.
 * The composition root builds the sources from these. Pure.
 */
import { annotations, labels } from '../api/names.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import type { ConfigMap, Namespace } from '../kube/resources.ts'
import type { Cache, IndexFunction } from '../runtime/cache.ts'
import type { ChildKind, Fingerprint } from './fingerprint.ts'

/** What is kept of a namespace. */
export interface NamespaceView {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly deleting: boolean
  /** While it is being deleted: what holds it, in the namespace controller's words. */
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
export interface Claim {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  /** The uid of the Tenant that holds it. */
  readonly holder: string
  /** `namespace/name` of the holder. */
  readonly tenant: string
  readonly kind: 'CloudId' | 'Host'
  /** What is claimed: a Cloud ID, or a full host name. */
  readonly value: string
  /** Only with a Cloud ID: what was generated for the tenant. */
  readonly namespace: string | undefined
  readonly databaseName: string | undefined
  /** The uids of the Tenants that held it before the holder took them over. */
  readonly formerUids: readonly string[]
  /** Only with a Cloud ID: where the tenant is placed, recorded before anything is made there. */
  readonly server: string | undefined
}

export function claimView({ metadata, data }: ConfigMap): Claim {
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
    formerUids: words(data?.['formerUids']),
    server: data?.['server'],
  })
}

function words(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(' ')
}

const oneOf = (term: string | undefined): readonly string[] => (term === undefined ? [] : [term])

/** Tenants: by the namespace that they lie in, by that which they own, by uid, by plan in effect, by the Secret with the license. */
export const tenantIndexes = {
  lyingIn: ({ metadata }) => oneOf(metadata.namespace),
  owning: ({ status }) => oneOf(status?.namespace),
  uid: ({ metadata }) => oneOf(metadata.uid),
  plan: ({ status }) => oneOf(status?.plan),
  license: ({ metadata, spec }) =>
    spec.license?.secretRef === undefined ? [] : [`${metadata.namespace ?? ''}/${spec.license.secretRef.name}`],
} satisfies Record<string, IndexFunction<Tenant>>

/** TenantAdmins: by `namespace/name` of the Tenant beside them, or by the namespace whose tenant they belong to. */
export const tenantAdminIndexes = {
  tenantRef: ({ metadata, spec }) =>
    spec.tenantRef === undefined ? [] : [`${metadata.namespace ?? ''}/${spec.tenantRef.name}`],
  ownNamespace: ({ metadata, spec }) => (spec.tenantRef === undefined ? oneOf(metadata.namespace) : []),
} satisfies Record<string, IndexFunction<TenantAdmin>>

/**
 * Claims: by the uid of their holder, by its `namespace/name`, by the server that the holder is placed on, by the namespace that was generated for
 * it, and, of those that are placed, by the namespace that the holder lies or lay in: a retained one keeps its claim.
 */
export const claimIndexes = {
  holder: ({ holder }) => [holder],
  tenant: ({ tenant }) => [tenant],
  server: ({ server }) => oneOf(server),
  namespace: ({ namespace }) => oneOf(namespace),
  place: ({ server, tenant }) => (server === undefined ? [] : oneOf(tenant.split('/')[0])),
} satisfies Record<string, IndexFunction<Claim>>

/** Children: by the namespace that they lie in. */
export const childIndexes = {
  namespace: ({ namespace }) => [namespace],
} satisfies Record<string, IndexFunction<Fingerprint>>

export interface TenantCaches {
  readonly tenants: Cache<Tenant, keyof typeof tenantIndexes>
  readonly admins: Cache<TenantAdmin, keyof typeof tenantAdminIndexes>
  readonly plans: Cache<TenantPlan>
  readonly servers: Cache<DatabaseServer>
  readonly namespaces: Cache<NamespaceView>
  readonly claims: Cache<Claim, keyof typeof claimIndexes>
  readonly children: { readonly [Kind in ChildKind]: Cache<Fingerprint, keyof typeof childIndexes> }
}
