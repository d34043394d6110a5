/** The built-in kinds that the operator touches, with the used parts of their types only. */
import type { KubeObject, Resource } from './port.ts'

export interface Namespace extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] }
  readonly status?: {
    readonly phase?: 'Active' | 'Terminating'
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    }[]
  }
}

export interface Secret extends KubeObject {
  readonly type?: string
  readonly immutable?: boolean
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>>
  /** Write only: plain values, merged into `data` by the server. */
  readonly stringData?: Readonly<Record<string, string>>
}

export interface ConfigMap extends KubeObject {
  readonly immutable?: boolean
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

export interface RoleBinding extends KubeObject {
  readonly roleRef: {
    readonly apiGroup: 'rbac.authorization.k8s.io'
    readonly kind: 'ClusterRole' | 'Role'
    readonly name: string
  }
  readonly subjects?: readonly {
    readonly kind: 'User' | 'Group' | 'ServiceAccount'
    readonly apiGroup?: string
    readonly name: string
    readonly namespace?: string
  }[]
}

export interface ResourceQuota extends KubeObject {
  readonly spec?: {
    readonly hard?: Readonly<Record<string, string>>
    readonly scopes?: readonly string[]
    readonly scopeSelector?: object
  }
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>>
    readonly used?: Readonly<Record<string, string>>
  }
}

export interface LimitRange extends KubeObject {
  /** An emptied list comes back as null. */
  readonly spec?: { readonly limits: readonly Readonly<Record<string, unknown>>[] | null }
}

export interface NetworkPolicy extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>
}

export interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number }
  readonly status?: { readonly phase?: string }
}

/** ReplicaSet, ReplicationController and StatefulSet. */
export interface Replicated extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly podManagementPolicy?: string }
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number }
}

export interface DaemonSet extends KubeObject {
  readonly status?: { readonly desiredNumberScheduled?: number; readonly currentNumberScheduled?: number }
}

export interface Job extends KubeObject {
  readonly spec?: { readonly suspend?: boolean; readonly parallelism?: number; readonly completions?: number }
  readonly status?: {
    readonly active?: number
    readonly succeeded?: number
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

export interface CronJob extends KubeObject {
  readonly spec?: { readonly suspend?: boolean }
}

/** coordination.k8s.io/v1 LeaseSpec; times are RFC 3339 with microseconds. */
export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

export interface ObjectReference {
  readonly apiVersion?: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid?: string
}

/** events.k8s.io/v1 Event. */
export interface Event extends KubeObject {
  readonly eventTime: string
  readonly reportingController: string
  readonly reportingInstance: string
  readonly action: string
  readonly reason: string
  readonly type: 'Normal' | 'Warning'
  readonly note?: string
  readonly regarding: ObjectReference
  readonly related?: ObjectReference
  readonly series?: { readonly count: number; readonly lastObservedTime: string }
}

export interface CustomResourceDefinition extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

export const namespaces: Resource<Namespace> = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}
export const secrets: Resource<Secret> = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }
export const configMaps: Resource<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}
export const resourceQuotas: Resource<ResourceQuota> = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  namespaced: true,
}
export const limitRanges: Resource<LimitRange> = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  namespaced: true,
}
export const roleBindings: Resource<RoleBinding> = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
}
export const networkPolicies: Resource<NetworkPolicy> = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
}
export const pods: Resource<Pod> = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
export const replicaSets: Resource<Replicated> = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
}
export const statefulSets: Resource<Replicated> = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  namespaced: true,
}
export const replicationControllers: Resource<Replicated> = {
  apiVersion: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  namespaced: true,
}
export const daemonSets: Resource<DaemonSet> = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  namespaced: true,
}
export const jobs: Resource<Job> = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true }
export const cronJobs: Resource<CronJob> = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  namespaced: true,
}
export const leases: Resource<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}
export const events: Resource<Event> = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
}
export const customResourceDefinitions: Resource<CustomResourceDefinition> = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}
