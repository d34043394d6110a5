/** What a tenant’s admin tries on the walls round the own namespace: policies, quotas, limits, labels. */
import type { Attack } from './attack.ts'
import { core, hostOf, meta, network, object, pod } from './objects.ts'
import { paths } from '../tenant-scene.ts'

const podSecurity = 'violates PodSecurity'

/** By the accepted admin of a customer, in the customer's own namespace. */
export const isolation: readonly Attack[] = [
  ['deletes the network policy', ({ mine }) => ['DELETE', paths.networkPolicy(mine.namespace)]],
  [
    'opens the network policy',
    ({ mine }) => ['PATCH', paths.networkPolicy(mine.namespace), { spec: { ingress: [{}] } }],
  ],
  [
    'adds a network policy that lets everybody in',
    ({ mine }) => [
      'POST',
      network(mine.namespace, 'networkpolicies'),
      object('networking.k8s.io/v1', 'NetworkPolicy', { ...meta('open'), spec: { podSelector: {}, ingress: [{}] } }),
    ],
  ],
  ['deletes every network policy at once', ({ mine }) => ['DELETE', network(mine.namespace, 'networkpolicies')]],
  [
    'deletes every ConfigMap at once, the list of who has access among them',
    ({ mine }) => ['DELETE', core(mine.namespace, 'configmaps')],
    'tenantry',
  ],
  ['deletes the quota', ({ mine }) => ['DELETE', paths.quota(mine.namespace)]],
  ['raises the quota', ({ mine }) => ['PATCH', paths.quota(mine.namespace), { spec: { hard: { pods: '9999' } } }]],
  [
    'adds a wider quota',
    ({ mine }) => [
      'POST',
      core(mine.namespace, 'resourcequotas'),
      object('v1', 'ResourceQuota', { ...meta('wide'), spec: { hard: { pods: '9999' } } }),
    ],
  ],
  ['deletes the limits', ({ mine }) => ['DELETE', paths.limits(mine.namespace)]],
  ['empties the limits', ({ mine }) => ['PATCH', paths.limits(mine.namespace), { spec: { limits: [] } }]],
  [
    'writes the status of the quota, as if nothing were used',
    ({ mine }) => ['PATCH', `${paths.quota(mine.namespace)}/status`, { status: { used: { pods: '0' } } }],
  ],
  [
    'lowers Pod Security by the label of the namespace',
    ({ mine }) => [
      'PATCH',
      paths.namespace(mine.namespace),
      { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    ],
  ],
  [
    'gives the namespace a further host',
    ({ mine, neighbour }) => [
      'PATCH',
      paths.namespace(mine.namespace),
      { metadata: { annotations: { 'tenantry.dev/hosts': hostOf(neighbour) } } },
    ],
  ],
  [
    'takes the mark off the namespace',
    ({ mine }) => [
      'PATCH',
      paths.namespace(mine.namespace),
      { metadata: { labels: { 'tenantry.dev/tenant-uid': null } } },
    ],
  ],
  [
    'makes the namespace a home of Tenants',
    ({ mine }) => ['PATCH', paths.namespace(mine.namespace), { metadata: { labels: { 'tenantry.dev/home': 'true' } } }],
  ],
  ['deletes the namespace', ({ mine }) => ['DELETE', paths.namespace(mine.namespace)]],
  [
    'finalizes the namespace',
    ({ mine }) => [
      'PUT',
      `${paths.namespace(mine.namespace)}/finalize`,
      object('v1', 'Namespace', { ...meta(mine.namespace), spec: { finalizers: [] } }),
    ],
  ],
  [
    'writes the status of the namespace',
    ({ mine }) => ['PATCH', `${paths.namespace(mine.namespace)}/status`, { status: { phase: 'Terminating' } }],
  ],
  [
    'runs a privileged pod',
    ({ mine }) => [
      'POST',
      core(mine.namespace, 'pods'),
      pod({ containers: [{ name: 'c', image: 'example.com/c', securityContext: { privileged: true } }] }),
    ],
    podSecurity,
  ],
  [
    'runs a pod in the network of its node',
    ({ mine }) => ['POST', core(mine.namespace, 'pods'), pod({ hostNetwork: true })],
    podSecurity,
  ],
  [
    'runs a pod that pushes others off their nodes',
    ({ mine }) => ['POST', core(mine.namespace, 'pods'), pod({ priorityClassName: 'system-node-critical' })],
    "spec.priorityClassName must not be one of the system's",
  ],
  [
    'runs a DaemonSet',
    ({ mine }) => [
      'POST',
      `/apis/apps/v1/namespaces/${mine.namespace}/daemonsets`,
      object('apps/v1', 'DaemonSet', meta('all')),
    ],
  ],
]
