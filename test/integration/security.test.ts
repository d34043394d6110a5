/** What a tenant's admin and an MSP's admin try in the cluster with their logins: each attempt is refused. */
import test from 'ava'
import { harness, uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { openSecurityScene, person } from './security-scene.ts'
import type { Household, Person, SecurityScene, Verb } from './security-scene.ts'
import { bindingOf, databaseOf, logsIn, namespaceOf, paths } from './tenant-scene.ts'

let scene: SecurityScene
let owner: Person
let msp: Person

test.before('an MSP, its customer and a neighbour, each with an admin who has accepted', async (t) => {
  t.timeout(180_000)
  scene = await openSecurityScene()
  owner = await person(scene.customer.user)
  msp = await person(scene.msp.user)
})
test.after.always(async () => {
  await owner?.[Symbol.asyncDispose]()
  await msp?.[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

interface Cast {
  readonly mine: Household
  readonly neighbour: Household
  readonly msp: Household
}

type Attempt = readonly [verb: Verb, path: string, body?: object]
type Attack = readonly [sentence: string, attempt: (cast: Cast) => Attempt]

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const own = '/apis/tenantry.dev/v1alpha1'
const meta = (name: string, more: object = {}) => ({ metadata: { name, ...more } })
const core = (namespace: string, plural: string, name?: string) =>
  `/api/v1/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`
const network = (namespace: string, plural: string) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/${plural}`
const system = () => harness().operator.namespace

const object = (apiVersion: string, kind: string, rest: object) => ({ apiVersion, kind, ...rest })
const binding = (kind: 'Role' | 'ClusterRole', role: string, user: string) =>
  object('rbac.authorization.k8s.io/v1', 'RoleBinding', {
    ...meta('mine'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
  })
const service = (spec: object, annotations: object = {}) =>
  object('v1', 'Service', { ...meta('way-in', { annotations }), spec: { ports: [{ port: 80 }], ...spec } })
const backend = { service: { name: 'web', port: { number: 80 } } }
const ingress = (host: string | undefined, over: object = {}, annotations: object = {}) =>
  object('networking.k8s.io/v1', 'Ingress', {
    ...meta('stolen', { annotations }),
    spec: {
      rules: [
        { ...(host === undefined ? {} : { host }), http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
      ],
      ...over,
    },
  })
const configMap = (name: string, labels: object, annotations: object = {}) =>
  object('v1', 'ConfigMap', meta(name, { labels, annotations }))
const secret = (name: string, more: object = {}, labels: object = {}) =>
  object('v1', 'Secret', { ...meta(name, { labels }), ...more })
const pod = (spec: object) =>
  object('v1', 'Pod', {
    ...meta('mine'),
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'c',
          image: 'example.com/c',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      ...spec,
    },
  })
const marks = ({ tenant, namespace }: Household) => ({
  labels: {
    'app.kubernetes.io/managed-by': 'tenantry',
    'tenantry.dev/installation': 'test',
    'tenantry.dev/tenant-uid': tenant.metadata.uid ?? '',
    'tenantry.dev/cloud-id': namespace.replace('tenant-', ''),
  },
  annotations: { 'tenantry.dev/tenant': `${tenant.metadata.namespace ?? ''}/${tenant.metadata.name}` },
})
const hostOf = ({ tenant }: Household) => tenant.status?.host ?? ''
const tenantOf = (name: string, spec: object = {}, more: object = {}) =>
  object('tenantry.dev/v1alpha1', 'Tenant', { ...meta(name, more), spec: { displayName: 'Mine', ...spec } })
const adminOf = (name: string, spec: object) =>
  object('tenantry.dev/v1alpha1', 'TenantAdmin', {
    ...meta(name),
    spec: { username: name, email: `${name}@evil.example.com`, ...spec },
  })

/** By the accepted admin of a customer, in the customer's own namespace. */
const isolation: readonly Attack[] = [
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
  ],
  [
    'runs a pod in the network of its node',
    ({ mine }) => ['POST', core(mine.namespace, 'pods'), pod({ hostNetwork: true })],
  ],
  [
    'runs a pod that pushes others off their nodes',
    ({ mine }) => ['POST', core(mine.namespace, 'pods'), pod({ priorityClassName: 'system-node-critical' })],
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

const rights: readonly Attack[] = [
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
  ['lists all Secrets', () => ['GET', '/api/v1/secrets']],
  ['reads a neighbour’s credentials', ({ neighbour }) => ['GET', paths.secret(neighbour.namespace)]],
  ['reads the credentials of the MSP above', ({ msp: above }) => ['GET', paths.secret(above.namespace)]],
  ['reads the signing keys', () => ['GET', core(system(), 'secrets', 'tenantry-signing-keys')]],
  ['reads the operator’s login to PostgreSQL', () => ['GET', core(system(), 'secrets', 'postgres-admin')]],
]

const ways: readonly Attack[] = [
  ...['LoadBalancer', 'NodePort'].map((type): Attack => [
    `opens a way in by a Service of type ${type}`,
    ({ mine }) => ['POST', core(mine.namespace, 'services'), service({ type })],
  ]),
  [
    'opens a way in by an external address',
    ({ mine }) => ['POST', core(mine.namespace, 'services'), service({ externalIPs: ['192.0.2.1'] })],
  ],
  [
    'names a neighbour’s Service as its own, for the ingress controller to follow',
    ({ mine, neighbour }) => [
      'POST',
      core(mine.namespace, 'services'),
      service({ type: 'ExternalName', externalName: `web.${neighbour.namespace}.svc.cluster.local` }),
    ],
  ],
  [
    'lays endpoints at a neighbour’s pod',
    ({ mine }) => [
      'POST',
      core(mine.namespace, 'endpoints'),
      object('v1', 'Endpoints', {
        ...meta('web'),
        subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }],
      }),
    ],
  ],
  [
    'lays an EndpointSlice at a neighbour’s pod',
    ({ mine }) => [
      'POST',
      `/apis/discovery.k8s.io/v1/namespaces/${mine.namespace}/endpointslices`,
      object('discovery.k8s.io/v1', 'EndpointSlice', {
        ...meta('web'),
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.1.2.3'] }],
      }),
    ],
  ],
  [
    'makes an Ingress for a neighbour’s host',
    ({ mine, neighbour }) => ['POST', network(mine.namespace, 'ingresses'), ingress(hostOf(neighbour))],
  ],
  [
    'makes an Ingress for the host of the MSP above',
    ({ mine, msp: above }) => ['POST', network(mine.namespace, 'ingresses'), ingress(hostOf(above))],
  ],
  [
    'makes an Ingress for every host of the base domain',
    ({ mine }) => ['POST', network(mine.namespace, 'ingresses'), ingress('*.tenants.example.com')],
  ],
  ['makes an Ingress without a host', ({ mine }) => ['POST', network(mine.namespace, 'ingresses'), ingress(undefined)]],
  [
    'makes an Ingress for a host that ends like its own',
    ({ mine }) => ['POST', network(mine.namespace, 'ingresses'), ingress(`x${hostOf(mine)}`)],
  ],
  [
    'makes an Ingress that answers whatever no other does',
    ({ mine }) => ['POST', network(mine.namespace, 'ingresses'), ingress(hostOf(mine), { defaultBackend: backend })],
  ],
  [
    'asks for a certificate for a neighbour’s host',
    ({ mine, neighbour }) => [
      'POST',
      network(mine.namespace, 'ingresses'),
      ingress(hostOf(mine), { tls: [{ hosts: [hostOf(neighbour)], secretName: 'x' }] }),
    ],
  ],
  [
    'names a neighbour’s host in an annotation of its Ingress',
    ({ mine, neighbour }) => [
      'POST',
      network(mine.namespace, 'ingresses'),
      ingress(hostOf(mine), {}, { 'nginx.ingress.kubernetes.io/server-alias': hostOf(neighbour) }),
    ],
  ],
  [
    'puts configuration of the proxy into an annotation of its Ingress',
    ({ mine }) => [
      'POST',
      network(mine.namespace, 'ingresses'),
      ingress(hostOf(mine), {}, { 'nginx.ingress.kubernetes.io/configuration-snippet': 'return 200;' }),
    ],
  ],
  [
    'has a DNS name made for a neighbour’s host by an annotation of a Service',
    ({ mine, neighbour }) => [
      'POST',
      core(mine.namespace, 'services'),
      service({}, { 'external-dns.alpha.kubernetes.io/hostname': hostOf(neighbour) }),
    ],
  ],
]

const forgeries: readonly Attack[] = [
  [
    'labels an object of its own as Tenantry’s',
    ({ mine }) => ['POST', core(mine.namespace, 'configmaps'), configMap('x', marks(mine).labels)],
  ],
  [
    'labels an object as another tenant’s',
    ({ mine, neighbour }) => [
      'POST',
      core(mine.namespace, 'configmaps'),
      configMap('x', { 'tenantry.dev/tenant-uid': marks(neighbour).labels['tenantry.dev/tenant-uid'] }),
    ],
  ],
  [
    'annotates an object as another tenant’s',
    ({ mine, neighbour }) => [
      'POST',
      core(mine.namespace, 'configmaps'),
      configMap('x', {}, marks(neighbour).annotations),
    ],
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
  ],
  ['deletes the binding Secret', ({ mine }) => ['DELETE', paths.secret(mine.namespace)]],
  [
    'replaces the password in the binding Secret',
    ({ mine }) => ['PATCH', paths.secret(mine.namespace), { stringData: { password: 'x'.repeat(40) } }],
  ],
  [
    'takes the marks off the binding Secret',
    ({ mine }) => [
      'PATCH',
      paths.secret(mine.namespace),
      { metadata: { labels: { 'tenantry.dev/tenant-uid': null } } },
    ],
  ],
  [
    'forges an acceptance in the operator’s namespace',
    ({ mine }) => [
      'POST',
      core(system(), 'secrets'),
      secret(`accept-${mine.admin.metadata.uid ?? ''}-9`, { type: 'tenantry.dev/acceptance' }),
    ],
  ],
  ['reads the acceptances', () => ['GET', core(system(), 'secrets')]],
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
  ],
  [
    'names an admin after a ServiceAccount of the operator',
    ({ mine }) => [
      'POST',
      paths.admins(mine.namespace),
      adminOf('op', { user: `system:serviceaccount:${system()}:tenantry` }),
    ],
  ],
  [
    'names an admin after somebody else',
    ({ mine, neighbour }) => ['POST', paths.admins(mine.namespace), adminOf('joe', { user: neighbour.user })],
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

/** By the accepted admin of the MSP, in the MSP's namespace. */
const byMsp: readonly Attack[] = [
  [
    'puts a customer on a plan that it may not use',
    ({ msp: { namespace } }) => ['POST', paths.tenants(namespace), tenantOf('gold', { plan: 'gold' })],
  ],
  [
    'puts a customer on a database server that it may not use',
    ({ msp: { namespace } }) => [
      'POST',
      paths.tenants(namespace),
      tenantOf('elsewhere', { database: { server: 'other' } }),
    ],
  ],
  [
    'moves its customer to another plan',
    ({ mine }) => [
      'PATCH',
      paths.tenant(mine.tenant.metadata.namespace ?? '', mine.tenant.metadata.name),
      { spec: { plan: 'gold' } },
    ],
  ],
  [
    'adopts a neighbour’s data',
    ({ msp: { namespace }, neighbour }) => [
      'POST',
      paths.tenants(namespace),
      tenantOf('adopted', {}, { annotations: { 'tenantry.dev/adopt': neighbour.tenant.metadata.uid } }),
    ],
  ],
  [
    'makes an MSP of its own below itself, whose customers nobody counts',
    ({ msp: { namespace } }) => ['POST', paths.tenants(namespace), tenantOf('under', { type: 'MSP' })],
  ],
  [
    'makes its customer an MSP',
    ({ mine }) => [
      'PATCH',
      paths.tenant(mine.tenant.metadata.namespace ?? '', mine.tenant.metadata.name),
      { spec: { type: 'MSP' } },
    ],
  ],
  [
    'puts a Tenant into its customer’s namespace',
    ({ mine }) => ['POST', paths.tenants(mine.namespace), tenantOf('below')],
  ],
  ['puts a Tenant into the home of the installation', () => ['POST', paths.tenants(scene.home), tenantOf('beside')]],
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
  ],
  [
    'takes Tenantry’s finalizer off an admin',
    ({ mine }) => [
      'PATCH',
      paths.admin(mine.admin.metadata.namespace ?? '', mine.admin.metadata.name),
      { metadata: { finalizers: [] } },
    ],
  ],
  [
    'names an admin of its customer after somebody else',
    ({ mine, neighbour }) => [
      'POST',
      paths.admins(mine.tenant.metadata.namespace ?? ''),
      adminOf('joe', { tenantRef: { name: mine.tenant.metadata.name }, user: neighbour.user }),
    ],
  ],
  [
    'moves an admin to another tenant',
    ({ mine }) => [
      'PATCH',
      paths.admin(mine.admin.metadata.namespace ?? '', mine.admin.metadata.name),
      { spec: { tenantRef: { name: 'other' } } },
    ],
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
  ],
  [
    'opens its own network',
    ({ msp: { namespace } }) => ['PATCH', paths.networkPolicy(namespace), { spec: { ingress: [{}] } }],
  ],
  ['reads the credentials of a neighbour', ({ neighbour }) => ['GET', paths.secret(neighbour.namespace)]],
]

const cast = (): Cast => ({ mine: scene.customer, neighbour: scene.neighbour, msp: scene.msp })

/** 403 by RBAC or by a policy, 422 by the schema; nothing of it is done. */
const refused = [403, 422]

function refuses(who: string, attacker: () => Person, attacks: readonly Attack[]): void {
  for (const [sentence, attempt] of attacks)
    test(`Refused: ${who} ${sentence}`, async (t) => {
      const [verb, path, body] = attempt(cast())
      const { status, text } = await attacker().try(verb, path, body)
      t.true(refused.includes(status), `${verb} ${path} was answered with ${status}: ${text.slice(0, 300)}`)
    })
}

refuses('a tenant’s admin', () => owner, [...isolation, ...rights, ...ways, ...forgeries])
refuses('an MSP’s admin', () => msp, byMsp)

test('Allowed: a tenant’s admin works in the own namespace', async (t) => {
  const { namespace } = scene.customer
  const allowed: readonly Attempt[] = [
    ['POST', core(namespace, 'configmaps'), configMap('settings', { app: 'mine' })],
    ['POST', core(namespace, 'services'), service({ selector: { app: 'mine' } })],
    ['POST', core(namespace, 'pods'), pod({})],
    ['POST', paths.admins(namespace), adminOf('colleague', {})],
    ['GET', paths.secret(namespace)],
    ['POST', network(namespace, 'ingresses'), ingress(hostOf(scene.customer))],
    ['PATCH', `${network(namespace, 'ingresses')}/stolen`, ingress(`api.${hostOf(scene.customer)}`)],
  ]
  for (const [verb, path, body] of allowed) {
    const { status, text } = await owner.try(verb, path, body)
    t.true(status < 300, `${verb} ${path} was answered with ${status}: ${text.slice(0, 300)}`)
  }
})

test('Allowed: an MSP’s admin runs customers', async (t) => {
  const { namespace } = scene.msp
  const { status, text } = await msp.try('POST', paths.tenants(namespace), tenantOf(`c${Date.now() % 1e8}`))
  t.is(status, 201, text)
  await eventually(async () => (await msp.try('GET', paths.tenants(namespace))).status === 200)
})

test('Refused: a tool with every right in the home namespace writes a status; with the right everywhere it may repair one', async (t) => {
  const { kubectl } = harness().cluster
  const name = uniqueName('gitops')
  const user = `system:serviceaccount:${scene.home}:${name}`
  await kubectl(['create', 'serviceaccount', name, '-n', scene.home])
  await kubectl(['create', 'rolebinding', name, '-n', scene.home, '--clusterrole=cluster-admin', `--user=${user}`])
  t.teardown(async () => void (await kubectl(['delete', 'rolebinding,serviceaccount', name, '-n', scene.home])))
  const { tenant } = scene.neighbour
  const path = paths.tenant(scene.home, tenant.metadata.name)
  await using tool = await person(user)
  t.is((await tool.try('PATCH', path, { metadata: { annotations: { note: 'x' } } })).status, 200)
  t.is((await tool.try('PATCH', `${path}/status`, { status: { host: 'www.example.com' } })).status, 403)
  t.is((await tool.try('PATCH', path, { metadata: { finalizers: [] } })).status, 403)
  await scene.change(`${path}/status`, { status: { admins: 1 } })
})

test('A forged status leads to nothing foreign: neither namespace nor database of others is touched, in a deletion either', async (t) => {
  t.timeout(120_000)
  const { neighbour } = scene
  const victim = databaseOf(neighbour.tenant)
  const forged = await scene.provisioned()
  const mine = databaseOf(forged)
  const status = {
    namespace: 'kube-system',
    host: neighbour.tenant.status?.host,
    database: { name: victim.name, roles: { owner: victim.owner, logins: { a: victim.a, b: victim.b }, current: 'b' } },
  }
  await scene.change(`${paths.tenant(scene.home, forged.metadata.name)}/status`, { status })
  await scene.when(
    forged,
    ({ status: told }) => told?.namespace === namespaceOf(forged) && told.database?.name === mine.name,
  )
  await scene.change(`${paths.tenant(scene.home, forged.metadata.name)}/status`, { status })
  await scene.deleted(forged)
  t.is((await scene.api.get(paths.namespace('kube-system')))?.metadata.deletionTimestamp, undefined)
  t.true(await logsIn(await bindingOf(scene, neighbour.tenant)))
  t.truthy(await scene.api.get(paths.claim(`claim-host-${neighbour.tenant.status?.host ?? ''}`)))
  const left = await harness().postgres.query('SELECT FROM pg_roles WHERE rolname = $1', [mine.owner])
  t.deepEqual(left, [])
})
