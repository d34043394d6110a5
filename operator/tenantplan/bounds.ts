/** The resources that a plan leaves unlimited, so that one tenant can take them from all others. Pure. */
import { countKey } from '../api/names.ts'
import type { TenantPlanSpec } from '../api/tenantplan.ts'
import { completeLimit, isRecord } from '../domain/fingerprint.ts'

/** A key of spec.quota, and the other keys that limit the same. */
interface Bound {
  readonly key: string
  readonly or?: readonly string[]
}

const core = (resource: string): Bound => ({ key: `count/${resource}`, or: [resource] })
const count = (resource: string): Bound => ({ key: `count/${resource}` })

/** What pods and volumes take of nodes and disks. */
const amounts: readonly Bound[] = [
  { key: 'requests.cpu', or: ['cpu', 'limits.cpu'] },
  { key: 'requests.memory', or: ['memory', 'limits.memory'] },
  { key: 'limits.memory' },
  { key: 'requests.ephemeral-storage', or: ['ephemeral-storage', 'limits.ephemeral-storage'] },
  { key: 'limits.ephemeral-storage' },
  { key: 'requests.storage' },
]

/** Tenantry's own kinds that a tenant's users may create, by their plurals. */
export const countedKinds: readonly string[] = ['tenantadmins', 'tenants', 'accessgrants']

/**
 * What takes space in etcd: every kind that the chart's roles for a tenant's users let them create, and what its
 * controllers keep for as long as configured (revisionHistoryLimit). `pods` counts pods that have not ended; the others
 * are objects as well.
 */
const counts: readonly Bound[] = [
  { key: 'pods' },
  count('pods'),
  ...['configmaps', 'secrets', 'services', 'persistentvolumeclaims'].map(core),
  count('serviceaccounts'),
  ...['deployments', 'statefulsets', 'replicasets', 'controllerrevisions'].map((kind) => count(`${kind}.apps`)),
  ...['jobs', 'cronjobs'].map((kind) => count(`${kind}.batch`)),
  count('horizontalpodautoscalers.autoscaling'),
  count('poddisruptionbudgets.policy'),
  count('ingresses.networking.k8s.io'),
  count('httproutes.gateway.networking.k8s.io'),
  ...countedKinds.map((plural): Bound => ({ key: countKey(plural) })),
]

/** The keys that spec.quota lacks to limit everything that tenants use. */
export function unboundedIn({ quota = {} }: Pick<TenantPlanSpec, 'quota'>): readonly string[] {
  const missing = ({ key, or = [] }: Bound) => ![key, ...or].some((each) => quota[each] !== undefined)
  return [...amounts, ...counts].filter(missing).map(({ key }) => key)
}

/** A quota counts ephemeral storage only where a container states it, and adds no default. */
export function lacksEphemeralDefault({ limits = [] }: Pick<TenantPlanSpec, 'limits'>): boolean {
  return !limits.some(({ type, default: given }) => type === 'Container' && given?.['ephemeral-storage'] !== undefined)
}

/** A key of spec.quota for which pods have to state a value, and the field of spec.limits that states it for them. */
export interface MissingDefault {
  readonly quota: string
  readonly field: string
}

/**
 * What a quota makes each container state (kubernetes/pkg/quota/v1/evaluator/core/pods.go, `validationSet`), and where
 * the LimitRange's item for containers may have it from.
 */
const stated: readonly (readonly [quota: string, resource: string, field: 'default' | 'defaultRequest'])[] = [
  ['cpu', 'cpu', 'defaultRequest'],
  ['requests.cpu', 'cpu', 'defaultRequest'],
  ['limits.cpu', 'cpu', 'default'],
  ['memory', 'memory', 'defaultRequest'],
  ['requests.memory', 'memory', 'defaultRequest'],
  ['limits.memory', 'memory', 'default'],
]

/** The keys of spec.quota that refuse pods whose containers state nothing, as spec.limits has no default. */
export function defaultsMissingIn({
  quota = {},
  limits = [],
}: Pick<TenantPlanSpec, 'quota' | 'limits'>): readonly MissingDefault[] {
  const containers = limits.find(({ type }) => type === 'Container')
  const complete = containers === undefined ? {} : completeLimit(containers)
  const given = (field: string, resource: string) =>
    isRecord(complete[field]) && complete[field][resource] !== undefined
  return stated.flatMap(([key, resource, field]) =>
    quota[key] === undefined || given(field, resource) ? [] : [{ quota: key, field: `${field}.${resource}` }],
  )
}
