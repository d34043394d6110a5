/** What an MSP’s admin tries on customers, and beyond them. */
import { harness } from '../../harness/context.ts'
import type { Attack } from './attack.ts'
import { adminOf, meta, object, own, tenantOf } from './objects.ts'
import { paths } from '../tenant-scene.ts'

/** By the accepted admin of the MSP, in the MSP's namespace. */
export const byMsp: readonly Attack[] = [
  [
    'puts a customer on a plan that it may not use',
    ({ msp: { namespace } }) => ['POST', paths.tenants(namespace), tenantOf('gold', { plan: 'gold' })],
    'spec.plan names gold, which you may not use',
  ],
  [
    'puts a customer on a database server that it may not use',
    ({ msp: { namespace } }) => [
      'POST',
      paths.tenants(namespace),
      tenantOf('elsewhere', { database: { server: 'other' } }),
    ],
    'spec.database.server names other, which you may not use',
  ],
  [
    'moves its customer to another plan',
    ({ mine }) => [
      'PATCH',
      paths.tenant(mine.tenant.metadata.namespace ?? '', mine.tenant.metadata.name),
      { spec: { plan: 'gold' } },
    ],
    'spec.plan names gold, which you may not use',
  ],
  [
    'adopts a neighbour’s data',
    ({ msp: { namespace }, neighbour }) => [
      'POST',
      paths.tenants(namespace),
      tenantOf('adopted', {}, { annotations: { 'tenantry.dev/adopt': neighbour.tenant.metadata.uid } }),
    ],
    'metadata.annotations tenantry.dev/adopt adopts an earlier tenant, which you may not do',
  ],
  [
    'makes an MSP of its own below itself, whose customers nobody counts',
    ({ msp: { namespace } }) => ['POST', paths.tenants(namespace), tenantOf('under', { type: 'MSP' })],
    'spec.type must not be MSP in the namespace of an MSP',
  ],
  [
    'makes its customer an MSP',
    ({ mine }) => [
      'PATCH',
      paths.tenant(mine.tenant.metadata.namespace ?? '', mine.tenant.metadata.name),
      { spec: { type: 'MSP' } },
    ],
    'spec.type cannot be changed',
  ],
  [
    'puts a Tenant into its customer’s namespace',
    ({ mine }) => ['POST', paths.tenants(mine.namespace), tenantOf('below')],
  ],
  [
    'puts a Tenant into the home of the installation',
    () => ['POST', paths.tenants(harness().operator.home), tenantOf('beside')],
  ],
  [
    'raises its own number of customers',
    ({ msp: { tenant } }) => [
      'PATCH',
      paths.tenant(tenant.metadata.namespace ?? '', tenant.metadata.name),
      { spec: { customers: null } },
    ],
  ],
  [
    'writes the status of its customer, so that another’s namespace is its own',
    ({ mine, neighbour }) => [
      'PATCH',
      `${paths.tenant(mine.tenant.metadata.namespace ?? '', mine.tenant.metadata.name)}/status`,
      { status: { namespace: neighbour.namespace } },
    ],
  ],
  [
    'writes the status of an invite',
    ({ mine }) => [
      'PATCH',
      `${paths.admin(mine.admin.metadata.namespace ?? '', mine.admin.metadata.name)}/status`,
      { status: { invite: { status: 'Accepted' } } },
    ],
  ],
  [
    'takes Tenantry’s finalizer off a customer, so that its database is forgotten',
    ({ mine }) => [
      'PATCH',
      paths.tenant(mine.tenant.metadata.namespace ?? '', mine.tenant.metadata.name),
      { metadata: { finalizers: [] } },
    ],
    'metadata.finalizers must keep tenantry.dev/finalizer',
  ],
  [
    'takes Tenantry’s finalizer off an admin',
    ({ mine }) => [
      'PATCH',
      paths.admin(mine.admin.metadata.namespace ?? '', mine.admin.metadata.name),
      { metadata: { finalizers: [] } },
    ],
    'metadata.finalizers must keep tenantry.dev/finalizer',
  ],
  [
    'names an admin of its customer after somebody else',
    ({ mine, neighbour }) => [
      'POST',
      paths.admins(mine.tenant.metadata.namespace ?? ''),
      adminOf('joe', { tenantRef: { name: mine.tenant.metadata.name }, user: neighbour.user }),
    ],
    'spec.user is not the default, which you may not set',
  ],
  [
    'moves an admin to another tenant',
    ({ mine }) => [
      'PATCH',
      paths.admin(mine.admin.metadata.namespace ?? '', mine.admin.metadata.name),
      { spec: { tenantRef: { name: 'other' } } },
    ],
    'spec.tenantRef cannot be changed',
  ],
  [
    'masquerades',
    ({ mine, msp: { user, namespace } }) => [
      'POST',
      `${own}/namespaces/${namespace}/accessgrants`,
      object('tenantry.dev/v1alpha1', 'AccessGrant', {
        ...meta('m'),
        spec: { type: 'Masquerade', tenantRef: { name: mine.tenant.metadata.name }, username: user, reason: 'T-1' },
      }),
    ],
    'spec.tenantRef names a Tenant that you may not masquerade in',
  ],
  [
    'opens its own network',
    ({ msp: { namespace } }) => ['PATCH', paths.networkPolicy(namespace), { spec: { ingress: [{}] } }],
  ],
  ['reads the credentials of a neighbour', ({ neighbour }) => ['GET', paths.secret(neighbour.namespace)]],
]
