/** What a tenant’s admin tries to have more rights. */
import type { Attack } from './attack.ts'
import { binding, core, meta, object, own, pages, rbac, secret, system } from './objects.ts'
import { paths } from '../tenant-scene.ts'

export const rights: readonly Attack[] = [
  [
    'binds itself to cluster-admin',
    ({ mine }) => [
      'POST',
      `${rbac}/namespaces/${mine.namespace}/rolebindings`,
      binding('ClusterRole', 'cluster-admin', mine.user),
    ],
  ],
  [
    'binds itself to edit',
    ({ mine }) => [
      'POST',
      `${rbac}/namespaces/${mine.namespace}/rolebindings`,
      binding('ClusterRole', 'edit', mine.user),
    ],
  ],
  [
    'binds a stranger to its own role',
    ({ mine }) => [
      'POST',
      `${rbac}/namespaces/${mine.namespace}/rolebindings`,
      binding('ClusterRole', 'tenantry-tenant-admin', 'eve'),
    ],
  ],
  [
    'adds a stranger to the admins’ RoleBinding',
    ({ mine }) => [
      'PATCH',
      paths.roleBinding(mine.namespace, 'tenantry-admins'),
      { subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }] },
    ],
  ],
  ['removes the admins’ RoleBinding', ({ mine }) => ['DELETE', paths.roleBinding(mine.namespace, 'tenantry-admins')]],
  [
    'makes a Role',
    ({ mine }) => [
      'POST',
      `${rbac}/namespaces/${mine.namespace}/roles`,
      object('rbac.authorization.k8s.io/v1', 'Role', {
        ...meta('all'),
        rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      }),
    ],
  ],
  [
    'binds itself in the whole cluster',
    ({ mine }) => [
      'POST',
      `${rbac}/clusterrolebindings`,
      { ...binding('ClusterRole', 'view', mine.user), kind: 'ClusterRoleBinding' },
    ],
  ],
  [
    'widens its ClusterRole',
    () => [
      'PATCH',
      `${rbac}/clusterroles/tenantry-tenant-admin`,
      { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
    ],
  ],
  [
    'asks for a token of the operator’s ServiceAccount',
    () => [
      'POST',
      `${core(system(), 'serviceaccounts', 'tenantry')}/token`,
      object('authentication.k8s.io/v1', 'TokenRequest', { spec: {} }),
    ],
  ],
  [
    'asks for a token of its own namespace’s ServiceAccount',
    ({ mine }) => [
      'POST',
      `${core(mine.namespace, 'serviceaccounts', 'default')}/token`,
      object('authentication.k8s.io/v1', 'TokenRequest', { spec: {} }),
    ],
  ],
  [
    'has a token made that never expires',
    ({ mine }) => [
      'POST',
      core(mine.namespace, 'secrets'),
      secret('token', {
        type: 'kubernetes.io/service-account-token',
        metadata: { name: 'token', annotations: { 'kubernetes.io/service-account.name': 'default' } },
      }),
    ],
    'type must not be kubernetes.io/service-account-token',
  ],
  ['reads the nodes', () => ['GET', '/api/v1/nodes']],
  ['lists the namespaces', () => ['GET', '/api/v1/namespaces']],
  ['lists the tenants of the installation', () => ['GET', `${own}/tenants`]],
  [
    'reads the tenant above',
    ({ msp: above }) => ['GET', paths.tenant(above.tenant.metadata.namespace ?? '', above.tenant.metadata.name)],
  ],
  [
    'reads its own Tenant, which is its provider’s',
    ({ mine }) => ['GET', paths.tenant(mine.tenant.metadata.namespace ?? '', mine.tenant.metadata.name)],
  ],
  ['reads the plans', () => ['GET', `${own}/tenantplans`]],
  ['reads the database servers', () => ['GET', `${own}/databaseservers`]],
  [
    'watches its own Secrets, which would tell the password that is changed when its access ends',
    ({ mine }) => ['GET', `${core(mine.namespace, 'secrets')}?watch=true&timeoutSeconds=1`],
  ],
  ['lists all Secrets', () => ['GET', '/api/v1/secrets']],
  ['reads a neighbour’s credentials', ({ neighbour }) => ['GET', paths.secret(neighbour.namespace)]],
  ['reads the credentials of the MSP above', ({ msp: above }) => ['GET', paths.secret(above.namespace)]],
  ['reads the signing keys', () => ['GET', core(pages(), 'secrets', 'tenantry-signing-keys')]],
  ['reads the operator’s login to PostgreSQL', () => ['GET', core(system(), 'secrets', 'postgres-admin')]],
]
