/** What somebody with granted access tries, so that it lasts longer than it was granted for. */
import type { Verb } from '../security-scene.ts'
import { adminOf, binding, core, meta, object, own, pod, rbac, secret, tenantOf } from './objects.ts'
import { paths } from '../tenant-scene.ts'

export interface Grantee {
  /** Where the access was granted. */
  readonly namespace: string
  readonly user: string
  /** A TenantAdmin of the tenant, beside whom others would lie. */
  readonly admin: string
}

/** `words`: of the refusal; without them it is RBAC that does not let it come so far. A superadmin may make masquerades. */
type Lasting = readonly [
  sentence: string,
  attempt: (grantee: Grantee) => readonly [verb: Verb, path: string, body?: object],
  words?: RegExp,
]

const untold = /metadata\.annotations must have tenantry\.dev\/granted-to: /
const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`
const token = object('authentication.k8s.io/v1', 'TokenRequest', { spec: { expirationSeconds: 31_536_000 } })
const { spec: podSpec } = pod({}) as { readonly spec?: object }
const podTemplate = { metadata: { labels: { app: 'mine' } }, spec: podSpec }

export const workload = (kind: 'Deployment' | 'CronJob', name: string, annotations: object = {}) =>
  kind === 'Deployment'
    ? object('apps/v1', kind, {
        ...meta(name, { annotations }),
        spec: { selector: { matchLabels: { app: 'mine' } }, template: podTemplate },
      })
    : object('batch/v1', kind, {
        ...meta(name, { annotations }),
        spec: {
          schedule: '0 4 * * *',
          jobTemplate: { spec: { template: { ...podTemplate, spec: { ...podSpec, restartPolicy: 'Never' } } } },
        },
      })

/** In a customer's namespace and in an MSP's. */
export const lasting: readonly Lasting[] = [
  ['invites itself', ({ namespace }) => ['POST', paths.admins(namespace), adminOf('mine', {})]],
  [
    'invites a friend as a sub-admin',
    ({ namespace }) => ['POST', paths.admins(namespace), adminOf('friend', { role: 'SubAdmin', permissions: ['dev'] })],
  ],
  [
    'moves an admin to its own address',
    ({ namespace, admin }) => ['PATCH', paths.admin(namespace, admin), { spec: { email: 'me@evil.example.com' } }],
  ],
  [
    'has an invite sent again',
    ({ namespace, admin }) => [
      'PATCH',
      paths.admin(namespace, admin),
      { metadata: { annotations: { 'tenantry.dev/resend-requested-at': 'now' } } },
    ],
  ],
  ['deletes an admin', ({ namespace, admin }) => ['DELETE', paths.admin(namespace, admin)]],
  [
    'grants itself access without an end',
    ({ namespace, user }) => [
      'POST',
      `${own}/namespaces/${namespace}/accessgrants`,
      object('tenantry.dev/v1alpha1', 'AccessGrant', {
        ...meta('again'),
        spec: { type: 'Delegation', tenantRef: { name: 'x' }, username: user },
      }),
    ],
    /cannot create resource|spec\.type must not be Delegation/,
  ],
  [
    'binds itself to the admins’ role',
    ({ namespace, user }) => [
      'POST',
      `${rbac}/namespaces/${namespace}/rolebindings`,
      binding('ClusterRole', 'tenantry-tenant-admin', user),
    ],
  ],
  [
    'joins the admins’ RoleBinding',
    ({ namespace, user }) => [
      'PATCH',
      paths.roleBinding(namespace, 'tenantry-admins'),
      { subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }] },
    ],
  ],
  [
    'has a token made that never expires',
    ({ namespace, user }) => [
      'POST',
      core(namespace, 'secrets'),
      secret('token', {
        type: 'kubernetes.io/service-account-token',
        metadata: {
          name: 'token',
          annotations: { 'kubernetes.io/service-account.name': 'default', 'tenantry.dev/granted-to': user },
        },
      }),
    ],
    /type must not be kubernetes\.io\/service-account-token/,
  ],
  [
    'asks for a token of a year',
    ({ namespace }) => ['POST', `${core(namespace, 'serviceaccounts', 'default')}/token`, token],
  ],
  [
    'makes a ServiceAccount',
    ({ namespace }) => ['POST', core(namespace, 'serviceaccounts'), object('v1', 'ServiceAccount', meta('mine'))],
  ],
  [
    'gives a ServiceAccount an identity of a cloud',
    ({ namespace }) => [
      'PATCH',
      core(namespace, 'serviceaccounts', 'default'),
      { metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' } } },
    ],
  ],
  [
    'watches the Secrets, which would go on after the end',
    ({ namespace }) => ['GET', `${core(namespace, 'secrets')}?watch=true&timeoutSeconds=1`],
  ],
  [
    'watches the one with the password of the database',
    ({ namespace }) => [
      'GET',
      `${core(namespace, 'secrets')}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dtenantry-database`,
    ],
  ],
  ['puts a Tenant there', ({ namespace }) => ['POST', paths.tenants(namespace), tenantOf('sub')]],
  [
    'rotates, adopts or undoes by an annotation of a Tenant',
    ({ namespace }) => [
      'PATCH',
      paths.tenant(namespace, 'x'),
      { metadata: { annotations: { 'tenantry.dev/rotate-requested-at': 'now' } } },
    ],
  ],
  ...(['Deployment', 'CronJob'] as const).map((kind): Lasting => {
    const path = (namespace: string) =>
      kind === 'Deployment' ? deployments(namespace) : `/apis/batch/v1/namespaces/${namespace}/cronjobs`
    return [
      `leaves a ${kind} behind that nobody sees is its`,
      ({ namespace }) => ['POST', path(namespace), workload(kind, 'left')],
      untold,
    ]
  }),
  [
    'leaves a Deployment behind under the name of another',
    ({ namespace }) => [
      'POST',
      deployments(namespace),
      workload('Deployment', 'left', { 'tenantry.dev/granted-to': 'somebody@example.com' }),
    ],
    untold,
  ],
  [
    'leaves a pod behind that nobody sees is its',
    ({ namespace }) => ['POST', core(namespace, 'pods'), pod({})],
    untold,
  ],
  [
    'changes a Deployment of the tenant without a trace',
    ({ namespace }) => ['PATCH', `${deployments(namespace)}/theirs`, { spec: { replicas: 2 } }],
    untold,
  ],
]
