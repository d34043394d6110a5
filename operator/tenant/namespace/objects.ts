/**
 * The objects that a tenant gets, except its Secret (tenant/model/binding-secret.ts), its NetworkPolicy (network-policy.ts)
 * and the list of the users with access (access-list.ts). They are stated in full. Pure.
 */
import { planKeysAnnotation } from '../../domain/plan-keys.ts'
import {
  annotations,
  isOwnCount,
  labels,
  managedBy,
  planQuotaName,
  previewBindingName,
  suspensionQuotaName,
} from '../../api/names.ts'
import type { TenantType } from '../../api/phases.ts'
import type { TenantPlan, TenantPlanSpec } from '../../api/tenantplan.ts'
import type { LimitRange, Namespace, ResourceQuota, RoleBinding } from '../../kube/resources.ts'
import { allowedWords } from './allowed.ts'
import { completeLimit } from '../../domain/fingerprint.ts'
import { markAnnotations, markLabels } from '../../domain/marks.ts'
import type { Identity } from '../../domain/marks.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Access } from '../model/access.ts'

export interface NamespaceFacts {
  readonly identity: Identity
  readonly name: string
  readonly cloudId: string
  readonly type: TenantType
  /** The host names that the tenant's Ingresses may have. */
  readonly hosts: readonly string[]
  readonly plan: TenantPlanSpec
}

/**
 * The namespace with its marks, Pod Security, and the plan's own labels and annotations, which never replace
 * Tenantry's.
 */
export function tenantNamespace({ identity, name, cloudId, type, hosts, plan }: NamespaceFacts): Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        ...plan.namespace?.labels,
        ...podSecurityLabels(plan.podSecurity),
        [labels.managedBy]: managedBy,
        [labels.installation]: identity.installation,
        [labels.tenantUid]: identity.uid,
        [labels.cloudId]: cloudId,
        [labels.tenantType]: type,
      },
      annotations: {
        ...plan.namespace?.annotations,
        ...planKeysAnnotation(plan),
        ...markAnnotations(identity),
        [annotations.hosts]: hosts.join(','),
        [annotations.allowed]: allowedWords(plan),
      },
    },
  }
}

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces */
function podSecurityLabels(level: TenantPlanSpec['podSecurity']): Readonly<Record<string, string>> {
  const pairs = ['enforce', 'warn', 'audit'].flatMap((mode): [string, string][] => [
    [`pod-security.kubernetes.io/${mode}`, level],
    [`pod-security.kubernetes.io/${mode}-version`, 'latest'],
  ])
  return Object.fromEntries(pairs)
}

export function accessBinding(
  identity: Identity,
  namespace: string,
  { name, clusterRole, users, annotations: further }: Access,
): RoleBinding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: {
      name,
      namespace,
      labels: markLabels(identity, 'access'),
      annotations: { ...further, ...markAnnotations(identity) },
    },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
    subjects: users.map((user) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user })),
  }
}

/** Lets the operator list the contents of this namespace, with no right beyond it. */
export function previewBinding({
  identity,
  settings,
  names,
}: Pick<Snapshot, 'identity' | 'settings' | 'names'>): RoleBinding {
  const { serviceAccount, clusterRole } = settings.lister
  const binding = accessBinding(identity, names.namespace, { name: previewBindingName, clusterRole, users: [] })
  const subject = { kind: 'ServiceAccount', name: serviceAccount, namespace: settings.operatorNamespace } as const
  return { ...binding, subjects: [subject] }
}

/** What a tenant may not have at all: ways into the cluster that bypass its NetworkPolicy. */
const noWaysIn = { 'services.loadbalancers': '0', 'services.nodeports': '0' }

/** The plan's quota, without the Services that bypass the NetworkPolicy. */
export function tenantQuota(identity: Identity, namespace: string, plan: TenantPlan): ResourceQuota {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: {
      name: planQuotaName,
      namespace,
      labels: markLabels(identity, 'quota'),
      annotations: markAnnotations(identity),
    },
    spec: { hard: { ...plan.spec.quota, ...noWaysIn } },
  }
}

/** The same quota without the counts of Tenantry's own kinds. */
export function withoutOwnCounts(quota: ResourceQuota): ResourceQuota {
  const others = Object.entries(quota.spec?.hard ?? {}).filter(([key]) => !isOwnCount(key))
  return { ...quota, spec: { ...quota.spec, hard: Object.fromEntries(others) } }
}

/** The quota of a tenant that is off: no pod is admitted from any user or controller, and a CronJob does not pile up Jobs. */
export function suspensionQuota(identity: Identity, namespace: string): ResourceQuota {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: {
      name: suspensionQuotaName,
      namespace,
      labels: markLabels(identity, 'suspension'),
      annotations: markAnnotations(identity),
    },
    spec: { hard: { pods: '0', 'count/jobs.batch': '0' } },
  }
}

/** The plan's limits; undefined when it has none. */
export function tenantLimits(identity: Identity, namespace: string, plan: TenantPlan): LimitRange | undefined {
  const { limits } = plan.spec
  if (limits === undefined || limits.length === 0) return undefined
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: {
      name: 'tenantry-limits',
      namespace,
      labels: markLabels(identity, 'quota'),
      annotations: markAnnotations(identity),
    },
    spec: { limits: limits.map(completeLimit) },
  }
}
