/**
 * The fingerprint that the cache keeps of an object that Tenantry made: enough to see that it is gone, foreign or
 * changed. One function digests the wanted and the actual object in a canonical form, so that the apiserver's spelling
 * and defaults, foreign labels and the status make no difference. Pure.
 */
import { createHash } from 'node:crypto'
import { annotations, isOwnCount, labels } from '../api/names.ts'
import type { KubeObject, ObjectMeta } from '../kube/port.ts'
import type { ConfigMap, LimitRange, NetworkPolicy, ResourceQuota, RoleBinding, Secret } from '../kube/resources.ts'
import { canonicalQuantity } from './quantity.ts'

/** The kinds of object that Tenantry makes in a tenant's namespace. */
export const childKinds = [
  'Secret',
  'RoleBinding',
  'NetworkPolicy',
  'LimitRange',
  'ResourceQuota',
  'ConfigMap',
] as const
export type ChildKind = (typeof childKinds)[number]

export interface ChildObjects {
  readonly Secret: Secret
  readonly RoleBinding: RoleBinding
  readonly NetworkPolicy: NetworkPolicy
  readonly LimitRange: LimitRange
  readonly ResourceQuota: ResourceQuota
  readonly ConfigMap: ConfigMap
}

export interface Fingerprint {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  /** Tenantry's marks on the object. */
  readonly tenantUid: string | undefined
  readonly tenant: string | undefined
  readonly installation: string | undefined
  readonly digest: string
  readonly deleting: boolean
  /** A digest of the password of the binding Secret, which shows a change. Never written anywhere. */
  readonly password?: string
  /** The login role that the binding Secret names. */
  readonly username?: string
  /** Whether a ResourceQuota counts Tenantry's own kinds. */
  readonly countsOwnKinds?: true
  /** The AccessGrants behind the RoleBinding for granted access, by its annotation. */
  readonly grants?: string
}

/** Stands for the password in a digest, so that Secrets compare without the password. */
export const passwordPlaceholder = '\u0000password\u0000'
/** A password that is long enough, and plain enough to stand in a URI unescaped. */
export const passwordPattern = /^[A-Za-z0-9_-]{32,128}$/

/** The labels and annotations of a child that belong to Tenantry, whether this child has them or not. */
export const ownLabels: readonly string[] = [
  labels.managedBy,
  labels.installation,
  labels.tenantUid,
  labels.cloudId,
  labels.component,
]
export const ownAnnotations: readonly string[] = [annotations.tenant, annotations.grants]

type Fields = Readonly<Record<string, unknown>>
type Projection = { readonly [Kind in ChildKind]: (object: ChildObjects[Kind]) => Fields }

/** The parts of each kind, under their path in the object, so that a difference can be named. */
const projections: Projection = {
  Secret: (secret) => ({ type: secret.type, immutable: secret.immutable === true, data: plainData(secret) }),
  RoleBinding: ({ roleRef, subjects }) => ({
    roleRef,
    subjects: subjects?.map(({ kind, name, namespace }) => `${kind}/${namespace ?? ''}/${name}`).toSorted(),
  }),
  NetworkPolicy: ({ spec }) => ({ spec }),
  LimitRange: ({ spec }) => ({ spec: { limits: spec?.limits?.map(canonicalLimit) } }),
  ResourceQuota: ({ spec }) => ({ spec: { ...spec, hard: quantities(spec?.hard) } }),
  ConfigMap: ({ data, binaryData, immutable }) => ({ data, binaryData, immutable: immutable === true }),
}

/**
 * The parts of an object that matter to Tenantry, without the apiserver's spelling and defaults and without foreign
 * additions.
 */
export function projectionOf<Kind extends ChildKind>(kind: Kind, object: ChildObjects[Kind]): Fields {
  const project: (object: ChildObjects[Kind]) => Fields = projections[kind]
  return { metadata: marksOf(object.metadata), ...project(object) }
}

/** The digest of {@link projectionOf}. */
export function childDigest<Kind extends ChildKind>(kind: Kind, object: ChildObjects[Kind]): string {
  return digest(projectionOf(kind, object))
}

/** What the cache keeps of a child. */
export function fingerprint<Kind extends ChildKind>(kind: Kind, object: ChildObjects[Kind]): Fingerprint {
  const { metadata } = object
  const password = kind === 'Secret' ? passwordOf(object) : undefined
  const username = kind === 'Secret' ? usernameOf(object) : undefined
  const grants = kind === 'RoleBinding' ? metadata.annotations?.[annotations.grants] : undefined
  return Object.freeze({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    tenantUid: metadata.labels?.[labels.tenantUid],
    tenant: metadata.annotations?.[annotations.tenant],
    installation: metadata.labels?.[labels.installation],
    digest: childDigest(kind, object),
    deleting: metadata.deletionTimestamp !== undefined,
    ...(password === undefined ? {} : { password: digest(password) }),
    ...(username === undefined ? {} : { username }),
    ...(grants === undefined ? {} : { grants }),
    ...(kind === 'ResourceQuota' && countsOwnKinds(object) ? { countsOwnKinds: true } : {}),
  })
}

function countsOwnKinds(object: KubeObject & { readonly spec?: unknown }): boolean {
  const hard = isRecord(object.spec) ? object.spec['hard'] : undefined
  return isRecord(hard) && Object.keys(hard).some(isOwnCount)
}

/** A short digest of anything that is JSON; objects are the same in whatever order their keys come. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url').slice(0, 22)
}

/** JSON with sorted keys, without what the apiserver leaves out: undefined, null and empty lists. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (isRecord(part) ? sorted(part) : part)) ?? 'null'
}

function sorted(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept = Object.entries(record).filter(([, part]) => !isEmpty(part))
  return Object.fromEntries(kept.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function isEmpty(part: unknown): boolean {
  return part === undefined || part === null || (Array.isArray(part) && part.length === 0)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function marksOf(metadata: ObjectMeta): Fields {
  const own = (keys: readonly string[], all: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(keys.map((key) => [key, all[key]]))
  return { labels: own(ownLabels, metadata.labels), annotations: own(ownAnnotations, metadata.annotations) }
}

/** The decoded entries, with the placeholder wherever the password occurs. An unfit password stays visible. */
function plainData(secret: Secret): Readonly<Record<string, string>> {
  const password = passwordOf(secret)
  const hide = (text: string) => (password === undefined ? text : text.replaceAll(password, passwordPlaceholder))
  const entries = Object.entries(secret.data ?? {})
  return Object.fromEntries(entries.map(([key, value]) => [key, hide(Buffer.from(value, 'base64').toString())]))
}

/** The password in a binding Secret, if it is the placeholder or one that Tenantry could have made. */
export function passwordOf(object: KubeObject & Pick<Secret, 'data'>): string | undefined {
  const password = Buffer.from(object.data?.['password'] ?? '', 'base64').toString()
  return passwordPattern.test(password) || password === passwordPlaceholder ? password : undefined
}

/** The login role that a binding Secret names. */
export function usernameOf(object: KubeObject & Pick<Secret, 'data'>): string | undefined {
  const username = object.data?.['username']
  return username === undefined ? undefined : Buffer.from(username, 'base64').toString()
}

function quantities(value: unknown): unknown {
  if (!isRecord(value)) return undefined
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, each]) => [
      key,
      typeof each === 'string' || typeof each === 'number' ? canonicalQuantity(each) : each,
    ]),
  )
}

/**
 * A LimitRange item with the defaults that the apiserver fills in for containers: limits from the maxima, requests from
 * the limits, then from the minima.
 */
export function completeLimit(item: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (item['type'] !== 'Container') return item
  const part = (key: string) => (isRecord(item[key]) ? item[key] : {})
  const limits = { ...part('max'), ...part('default') }
  const requests = { ...part('min'), ...limits, ...part('defaultRequest') }
  return {
    ...item,
    ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
    ...(Object.keys(requests).length === 0 ? {} : { defaultRequest: requests }),
  }
}

function canonicalLimit(item: Readonly<Record<string, unknown>>): unknown {
  const complete = Object.entries(completeLimit(item))
  return Object.fromEntries(complete.map(([key, part]) => [key, isRecord(part) ? quantities(part) : part]))
}
