/** What a tenant’s admin tries to pass for Tenantry, or for somebody else. */
import type { Attack } from './attack.ts'
import { adminOf, configMap, core, marks, meta, object, own, pages, secret, system, tenantOf } from './objects.ts'
import { paths } from '../tenant-scene.ts'

const marked = 'metadata.labels of tenantry.dev mark objects that Tenantry made'

export const forgeries: readonly Attack[] = [
  [
    'labels an object of its own as Tenantry’s',
    ({ mine }) => ['POST', core(mine.namespace, 'configmaps'), configMap('x', marks(mine).labels)],
    marked,
  ],
  [
    'labels an object as another tenant’s',
    ({ mine, neighbour }) => [
      'POST',
      core(mine.namespace, 'configmaps'),
      configMap('x', { 'tenantry.dev/tenant-uid': marks(neighbour).labels['tenantry.dev/tenant-uid'] }),
    ],
    marked,
  ],
  [
    'annotates an object as another tenant’s',
    ({ mine, neighbour }) => [
      'POST',
      core(mine.namespace, 'configmaps'),
      configMap('x', {}, marks(neighbour).annotations),
    ],
    marked,
  ],
  [
    'forges a binding Secret under another name',
    ({ mine }) => [
      'POST',
      core(mine.namespace, 'secrets'),
      secret(
        'other',
        { type: 'servicebinding.io/postgresql' },
        { ...marks(mine).labels, 'app.kubernetes.io/component': 'binding' },
      ),
    ],
    marked,
  ],
  ['deletes the binding Secret', ({ mine }) => ['DELETE', paths.secret(mine.namespace)], marked],
  [
    'replaces the password in the binding Secret',
    ({ mine }) => ['PATCH', paths.secret(mine.namespace), { stringData: { password: 'x'.repeat(40) } }],
    marked,
  ],
  [
    'takes the marks off the binding Secret',
    ({ mine }) => [
      'PATCH',
      paths.secret(mine.namespace),
      { metadata: { labels: { 'tenantry.dev/tenant-uid': null } } },
    ],
    marked,
  ],
  [
    'forges an acceptance in the namespace of the pages',
    ({ mine }) => [
      'POST',
      core(pages(), 'secrets'),
      secret(`accept-${mine.admin.metadata.uid ?? ''}-9`, { type: 'tenantry.dev/acceptance' }),
    ],
  ],
  ['reads the acceptances', () => ['GET', core(pages(), 'secrets')]],
  ['claims a Cloud ID by itself', () => ['POST', core(system(), 'configmaps'), configMap('claim-cloud-id-gold', {})]],
  [
    'releases a neighbour’s claim',
    ({ neighbour }) => ['DELETE', paths.claim(`claim-cloud-id-${neighbour.tenant.metadata.name}`)],
  ],
  ['takes the operator’s lease', () => ['GET', `/apis/coordination.k8s.io/v1/namespaces/${system()}/leases`]],
  ['puts its own Tenant into its namespace', ({ mine }) => ['POST', paths.tenants(mine.namespace), tenantOf('sub')]],
  [
    'writes into its own TenantAdmin that it has accepted',
    ({ mine }) => [
      'PATCH',
      `${paths.admin(mine.namespace, 'x')}/status`,
      { status: { invite: { status: 'Accepted' } } },
    ],
  ],
  [
    'changes its own Tenant',
    ({ mine }) => [
      'PATCH',
      paths.tenant(mine.tenant.metadata.namespace ?? '', mine.tenant.metadata.name),
      { spec: { plan: 'gold' } },
    ],
  ],
  [
    'names an admin after a group of Kubernetes',
    ({ mine }) => ['POST', paths.admins(mine.namespace), adminOf('sys', { user: 'system:admin' })],
    'spec.user must not begin with system:',
  ],
  [
    'names an admin after a ServiceAccount of the operator',
    ({ mine }) => [
      'POST',
      paths.admins(mine.namespace),
      adminOf('op', { user: `system:serviceaccount:${system()}:tenantry` }),
    ],
    'spec.user must not begin with system:',
  ],
  [
    'names an admin after somebody else',
    ({ mine, neighbour }) => ['POST', paths.admins(mine.namespace), adminOf('joe', { user: neighbour.user })],
    'spec.user is not the default, which you may not set',
  ],
  [
    'grants itself access to a neighbour',
    ({ mine, neighbour }) => [
      'POST',
      `${own}/namespaces/${mine.namespace}/accessgrants`,
      object('tenantry.dev/v1alpha1', 'AccessGrant', {
        ...meta('g'),
        spec: { type: 'Delegation', tenantRef: { name: neighbour.tenant.metadata.name }, username: 'x' },
      }),
    ],
  ],
]
