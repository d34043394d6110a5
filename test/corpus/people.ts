/** Who asks in the corpus, and the installation whose policies answer. */

export interface Person {
  readonly user: string
  readonly groups: readonly string[]
}

export const installation = {
  prefix: 'tenantry',
  operatorNamespace: 'tenantry-system',
  operatorServiceAccount: 'tenantry',
  webNamespace: 'tenantry-system-web',
  userPrefix: 'oidc:',
  masqueradeLimit: '90m',
} as const

export const people = {
  /** May do everything. */
  root: { user: 'root', groups: ['system:masters'] },
  /** May write Tenants and what a tenant's admin writes; none of our special verbs; no namespaces. */
  editor: { user: 'editor', groups: ['editors'] },
  /** Also: `use` on plan gold and server one, `bind-user` on TenantAdmin jane, `masquerade` in Tenant acme. */
  'gold-editor': { user: 'gold-editor', groups: ['editors', 'gold'] },
  /** May also write the status of our kinds, and their finalizers, in the namespace `home`. */
  steward: { user: 'steward', groups: ['editors', 'stewards'] },
  /** To whom access is granted for a time, and who may make AccessGrants as superadmins may. */
  grantee: { user: 'grantee', groups: ['grantees'] },
  /** An admin of the tenant `tenant`, in its namespace. */
  owner: { user: 'owner', groups: ['owners'] },
  /** A GitOps tool with an editor's rights. */
  robot: { user: 'system:serviceaccount:gitops:robot', groups: ['system:serviceaccounts', 'editors'] },
  /** The operator's name with every right, so that only the policies hold it. */
  operator: { user: 'system:serviceaccount:tenantry-system:tenantry', groups: ['system:masters'] },
  'namespace-controller': {
    user: 'system:serviceaccount:kube-system:namespace-controller',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
  },
} as const satisfies Record<string, Person>

export type PersonName = keyof typeof people

const own = (resources: readonly string[], verbs: readonly string[], names?: readonly string[]) => ({
  apiGroups: ['tenantry.dev'],
  resources,
  verbs,
  ...(names === undefined ? {} : { resourceNames: names }),
})

const write = ['get', 'list', 'create', 'update', 'patch', 'delete']

const roles = {
  editors: [
    own(['tenants', 'tenantadmins', 'accessgrants'], write),
    {
      apiGroups: [''],
      resources: ['services', 'secrets', 'configmaps', 'resourcequotas', 'limitranges'],
      verbs: write,
    },
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'], verbs: write },
    { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], verbs: write },
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'], verbs: write },
    {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['clusterroles'],
      verbs: ['bind'],
      resourceNames: ['editors'],
    },
  ],
  grantees: [
    own(['accessgrants'], ['create', 'hold']),
    { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: write },
  ],
  gold: [
    own(['tenantplans'], ['use'], ['gold']),
    own(['databaseservers'], ['use'], ['one']),
    own(['tenantadmins'], ['bind-user'], ['jane']),
    own(['tenants'], ['masquerade'], ['acme']),
  ],
}

const inHome = {
  stewards: [
    own(['tenants/status', 'tenantadmins/status', 'accessgrants/status'], ['update', 'patch']),
    own(['tenants/finalizers', 'tenantadmins/finalizers', 'accessgrants/finalizers'], ['update']),
  ],
}

/** Of what an admin of a tenant writes, what the policies look at. */
const inTenant = {
  owners: [
    {
      apiGroups: [''],
      resources: ['services', 'serviceaccounts', 'pods', 'persistentvolumeclaims'],
      verbs: write,
    },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: write },
    { apiGroups: ['batch'], resources: ['cronjobs'], verbs: write },
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: write },
    { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], verbs: write },
  ],
}

function granted(name: string, rules: readonly object[], where?: { readonly namespace: string }): readonly object[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' }
  return [
    { ...rbac, kind: 'ClusterRole', metadata: { name }, rules },
    {
      ...rbac,
      kind: where === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
      metadata: { name, ...where },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name }],
    },
  ]
}

/** The ClusterRoles and bindings that give these people their rights. */
export const rights: readonly object[] = [
  ...Object.entries(roles).flatMap(([name, rules]) => granted(name, rules)),
  ...Object.entries(inHome).flatMap(([name, rules]) => granted(name, rules, { namespace: 'home' })),
  ...Object.entries(inTenant).flatMap(([name, rules]) => granted(name, rules, { namespace: 'tenant' })),
]

const tenantLabels = (type: string) => ({ 'tenantry.dev/tenant-uid': 'u', 'tenantry.dev/tenant-type': type })
const hosts = { 'tenantry.dev/hosts': 'acme.example.com,old.example.com' }

/** What the plan of the tenant `tenant` allows. */
const words = [
  'annotation=example.com/*',
  'annotation=cert-manager.io/cluster-issuer',
  'csiDriver=csi.example.com',
  'ingressClass=inner',
  'priorityClass=urgent',
  'runtimeClass=boxed',
  'storageClass=fast',
  'taint=example.com/gpu',
  'volumeAttributesClass=quick',
].join(',')

/** Classes of each kind: the cluster's default, one that the plan of `tenant` allows, and one that it does not. */
export const classes: readonly object[] = [
  ...['usual', 'inner', 'outer'].map((name) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': String(name === 'usual') } },
    spec: { controller: 'example.com/ingress' },
  })),
  ...['usual', 'fast', 'shared'].map((name) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': String(name === 'usual') } },
    provisioner: 'example.com/disk',
  })),
  ...['boxed', 'bare'].map((name) => ({
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name },
    handler: name,
  })),
  ...Object.entries({ usual: 5, urgent: 10, vital: 20, idle: -10 }).map(([name, value]) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    globalDefault: name === 'usual',
  })),
]

/** The namespaces of the corpus. */
export const namespaces: readonly object[] = [
  { name: 'plain' },
  { name: 'home', labels: { 'tenantry.dev/home': 'true' } },
  { name: 'msp', labels: tenantLabels('MSP'), annotations: hosts },
  {
    name: 'tenant',
    labels: tenantLabels('Customer'),
    annotations: { ...hosts, 'tenantry.dev/allowed': words },
  },
  { name: installation.operatorNamespace },
  { name: installation.webNamespace },
].map((metadata) => ({ apiVersion: 'v1', kind: 'Namespace', metadata }))

/** A kind of the Gateway API, as far as the policies look at it. */
export const httpRoutes = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'httproutes.gateway.networking.k8s.io',
    annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests only' },
  },
  spec: {
    group: 'gateway.networking.k8s.io',
    scope: 'Namespaced',
    names: { kind: 'HTTPRoute', plural: 'httproutes' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}
