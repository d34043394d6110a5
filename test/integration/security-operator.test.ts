/** The token of the operator's ServiceAccount in the wrong hands: what it is good for at most. */
import test from 'ava'
import { harness, testNamespace } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { openScene, namespaceOf, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { holderOf } from './security-scene.ts'
import type { Person, Verb } from './security-scene.ts'

let scene: Scene & AsyncDisposable
let thief: Person

test.before(async () => {
  scene = await openScene()
  const { cluster, operator } = harness()
  const token = await cluster.tokenFor({ namespace: operator.namespace, name: 'tenantry' })
  thief = await holderOf(token, operator.user)
})
test.after.always(async () => {
  await thief?.[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const binding = (role: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'mine' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
})
const system = () => harness().operator.namespace

const cronJob = (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/cronjobs/victim`
const wake = { metadata: { annotations: { 'tenantry.dev/woken-at': 'now' } } }
const schedule = { spec: { schedule: '* * * * *' } }

/** What there is to steal: a pod where `withPod`, and a workload. */
async function victims(namespace: string, withPod: boolean): Promise<void> {
  const containers = [{ name: 'c', image: 'x' }]
  const template = { spec: { restartPolicy: 'Never', containers } }
  const spec = { schedule: '0 3 1 1 *', jobTemplate: { spec: { template } } }
  const metadata = { name: 'victim' }
  await scene.api.send('POST', cronJob(namespace).replace('/victim', ''), {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec,
  })
  if (!withPod) return
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { automountServiceAccountToken: false, containers } }
  const made = () => scene.api.send('POST', `/api/v1/namespaces/${namespace}/pods`, pod)
  await eventually(made, { timeout: 90_000, describe: 'the ServiceAccount of the pod' })
}

/** `refusal`: words of the policy that refuses it. Without them RBAC has to, which would hide a policy that is dead. */
type Attempt = readonly [verb: Verb, path: string, body?: object | undefined, refusal?: string]

/** How RBAC refuses: a right is missing, or would be given away without being held. */
const byRights = / cannot \w+ resource | is attempting to grant RBAC permissions not currently held/

/** `tenant`: the namespace of a tenant; `plain`: one that has nothing to do with Tenantry. */
const attempts: Readonly<Record<string, (tenant: string, plain: string) => Attempt>> = {
  'binds a tenant role in a namespace that is no tenant’s': (_, plain) => [
    'POST',
    `${rbac}/namespaces/${plain}/rolebindings`,
    binding('tenantry-tenant-admin'),
    'for the operator to write there',
  ],
  'binds a tenant role in kube-system': () => [
    'POST',
    `${rbac}/namespaces/kube-system/rolebindings`,
    binding('tenantry-tenant-admin'),
    'for the operator to write there',
  ],
  'binds cluster-admin in a tenant’s namespace': (tenant) => [
    'POST',
    `${rbac}/namespaces/${tenant}/rolebindings`,
    binding('cluster-admin'),
  ],
  'binds edit in its own namespace': () => ['POST', `${rbac}/namespaces/${system()}/rolebindings`, binding('edit')],
  'binds itself in the whole cluster': () => [
    'POST',
    `${rbac}/clusterrolebindings`,
    { ...binding('cluster-admin'), kind: 'ClusterRoleBinding' },
  ],
  'widens its own ClusterRole': () => [
    'PATCH',
    `${rbac}/clusterroles/tenantry-operator`,
    { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
  ],
  'widens the role of tenants’ admins': () => [
    'PATCH',
    `${rbac}/clusterroles/tenantry-tenant-admin`,
    { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
  ],
  'makes a Role': (tenant) => [
    'POST',
    `${rbac}/namespaces/${tenant}/roles`,
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'all' }, rules: [] },
  ],
  'takes its own policies away': () => [
    'DELETE',
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/tenantry-operator-children',
  ],
  'writes a Secret in kube-system': () => [
    'POST',
    '/api/v1/namespaces/kube-system/secrets',
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine' } },
    'for the operator to write there',
  ],
  'has a token made for a ServiceAccount of kube-system': () => [
    'POST',
    '/api/v1/namespaces/kube-system/secrets',
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: { name: 'mine', annotations: { 'kubernetes.io/service-account.name': 'default' } },
    },
    'for the operator to write there',
  ],
  'asks for a token of another ServiceAccount': () => [
    'POST',
    '/api/v1/namespaces/kube-system/serviceaccounts/default/token',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  ],
  'runs a pod in its own namespace': () => [
    'POST',
    `/api/v1/namespaces/${system()}/pods`,
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'mine' }, spec: { containers: [{ name: 'c', image: 'x' }] } },
  ],
  'runs a pod in a tenant’s namespace': (tenant) => [
    'POST',
    `/api/v1/namespaces/${tenant}/pods`,
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'mine' }, spec: { containers: [{ name: 'c', image: 'x' }] } },
  ],
  'deletes a pod that is not a tenant’s': (_, plain) => [
    'DELETE',
    `/api/v1/namespaces/${plain}/pods/victim`,
    undefined,
    'for the operator to evict or delete a pod there',
  ],
  'evicts a pod that is not a tenant’s': (_, plain) => [
    'POST',
    `/api/v1/namespaces/${plain}/pods/victim/eviction`,
    { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'victim', namespace: plain } },
    'for the operator to evict or delete a pod there',
  ],
  'has a workload that is not a tenant’s looked at': (_, plain) => [
    'PATCH',
    cronJob(plain),
    wake,
    'for the operator to write a workload there',
  ],
  'runs something else as a workload that is not a tenant’s': (_, plain) => [
    'PATCH',
    cronJob(plain),
    schedule,
    'for the operator to write a workload there',
  ],
  'runs something else as a workload of a tenant': (tenant) => [
    'PATCH',
    cronJob(tenant),
    schedule,
    'spec is written by the owners of the workload',
  ],
  'puts a label on a workload of a tenant': (tenant) => [
    'PATCH',
    cronJob(tenant),
    { metadata: { labels: { app: 'x' } } },
    'spec is written by the owners of the workload',
  ],
  'gives a workload of a tenant to somebody else': (tenant) => [
    'PATCH',
    cronJob(tenant),
    { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'x' }] } },
    'spec is written by the owners of the workload',
  ],
  'writes an annotation that a GitOps tool heeds': (tenant) => [
    'PATCH',
    cronJob(tenant),
    { metadata: { annotations: { 'argocd.argoproj.io/sync-options': 'Replace=true' } } },
    'spec is written by the owners of the workload',
  ],
  'deletes a workload of a tenant': (tenant) => ['DELETE', cronJob(tenant)],
  'deletes a namespace that is not a tenant’s': (_, plain) => [
    'DELETE',
    `/api/v1/namespaces/${plain}`,
    undefined,
    'metadata.labels must have the marks of tenantry.dev',
  ],
  'deletes the namespace of the system': () => [
    'DELETE',
    '/api/v1/namespaces/kube-system',
    undefined,
    'may not be deleted',
  ],
  // Two policies refuse it, in either order.
  'deletes a home of Tenants': () => ['DELETE', `/api/v1/namespaces/${scene.home}`, undefined, 'must have '],
  'marks a namespace as a tenant’s, to write there': (_, plain) => [
    'PATCH',
    `/api/v1/namespaces/${plain}`,
    { metadata: { labels: { 'tenantry.dev/tenant-uid': 'u' } } },
    'metadata.labels must have the marks of tenantry.dev',
  ],
  'finalizes a namespace': (tenant) => [
    'PUT',
    `/api/v1/namespaces/${tenant}/finalize`,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: tenant }, spec: { finalizers: [] } },
  ],
  'declares a Tenant': () => [
    'POST',
    paths.tenants(scene.home),
    {
      apiVersion: 'tenantry.dev/v1alpha1',
      kind: 'Tenant',
      metadata: { name: tenantName() },
      spec: { displayName: 'Mine' },
    },
  ],
  'changes what a Tenant asks for': (tenant) => [
    'PATCH',
    paths.tenant(scene.home, tenant.replace('tenant-', '')),
    { spec: { deletion: { policy: 'Retain' } } },
    'spec is written by users only',
  ],
  'deletes a Tenant': (tenant) => ['DELETE', paths.tenant(scene.home, tenant.replace('tenant-', ''))],
  'declares a database server of its own': () => [
    'POST',
    '/apis/tenantry.dev/v1alpha1/databaseservers',
    { apiVersion: 'tenantry.dev/v1alpha1', kind: 'DatabaseServer', metadata: { name: 'mine' }, spec: {} },
  ],
  'changes a plan': () => [
    'PATCH',
    '/apis/tenantry.dev/v1alpha1/tenantplans/standard',
    { spec: { default: false } },
    'spec is written by users only',
  ],
  'means the deletion of a plan in use': () => [
    'PATCH',
    '/apis/tenantry.dev/v1alpha1/tenantplans/standard',
    { metadata: { annotations: { 'tenantry.dev/allow-deletion': 'standard' } } },
    'metadata of plans and servers is written by users only',
  ],
  'deletes a plan': () => ['DELETE', '/apis/tenantry.dev/v1alpha1/tenantplans/standard'],
  'deletes the definition of Tenants': () => [
    'DELETE',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.tenantry.dev',
  ],
  'reads the nodes': () => ['GET', '/api/v1/nodes'],
  'writes a ConfigMap in kube-system': () => [
    'POST',
    '/api/v1/namespaces/kube-system/configmaps',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' } },
    'for the operator to write there',
  ],
}

test('Refused: whoever has stolen the operator’s token', async (t) => {
  t.timeout(240_000)
  const tenant = namespaceOf(await scene.provisioned())
  const plain = await testNamespace(t)
  await victims(plain, true)
  await victims(tenant, false)
  for (const [sentence, attempt] of Object.entries(attempts)) {
    const [verb, path, body, refusal] = attempt(tenant, plain)
    const { status, text } = await thief.try(verb, path, body)
    t.is(status, 403, `${sentence}: ${text.slice(0, 300)}`)
    t.true(refusal === undefined ? byRights.test(text) : text.includes(refusal), `${sentence}: ${text.slice(0, 600)}`)
  }
  for (const header of [{ 'impersonate-user': 'root' }, { 'impersonate-group': 'system:masters' }]) {
    const token = await harness().cluster.tokenFor({ namespace: system(), name: 'tenantry' })
    await using acting = await holderOf(token, 'root', { 'impersonate-user': 'root', ...header })
    t.is((await acting.try('GET', '/api/v1/nodes')).status, 403)
  }
})

test('What the stolen token may do in another namespace than its own and the tenants’ is to read, and to speak Events', async (t) => {
  const { kubectl } = harness().cluster
  const namespace = await testNamespace(t)
  const list = await kubectl(['auth', 'can-i', '--list', `--as=${harness().operator.user}`, '-n', namespace])
  const writing = /create|update|patch|delete|\*|bind|escalate|impersonate/
  const writes = list
    .split('\n')
    .filter((line) => writing.test(line) && !line.includes('selfsubject') && !/^ +\[/.test(line))
    .map((line) => line.trim().split(/\s{2,}/)[0])
  t.deepEqual(
    [...new Set(writes)].toSorted((one = '', other = '') => (one < other ? -1 : 1)),
    [
      'clusterroles.rbac.authorization.k8s.io',
      // The next eight too: pods are ended, workloads woken, only where a tenant's are.
      'pods',
      'pods/eviction',
      'replicationcontrollers',
      ...['replicasets', 'statefulsets', 'daemonsets'].map((kind) => `${kind}.apps`),
      ...['jobs', 'cronjobs'].map((kind) => `${kind}.batch`),
      'events.events.k8s.io',
      // Those of masquerades that are over are deleted; a policy keeps it from others.
      'accessgrants.tenantry.dev',
      // These by RBAC; the policies of the test before let it write them in its own and the tenants' namespaces only.
      'configmaps',
      'limitranges',
      'namespaces',
      'networkpolicies.networking.k8s.io',
      'resourcequotas',
      'rolebindings.rbac.authorization.k8s.io',
      'secrets',
      ...['accessgrants', 'databaseservers', 'tenantadmins', 'tenantplans', 'tenants'].map(
        (kind) => `${kind}.tenantry.dev/status`,
      ),
      // Finalizers alone, by a policy.
      ...['databaseservers', 'tenantadmins', 'tenantplans', 'tenants'].map((kind) => `${kind}.tenantry.dev`),
    ].toSorted(),
  )
})
