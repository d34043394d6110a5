import test from 'ava'
import type { KubeObject } from '../../operator/kube/port.ts'
import { chartName, chartObjects } from '../harness/chart.ts'
import { harness, testNamespace, uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

interface RoleObject extends KubeObject {
  readonly rules: readonly Rule[]
}

const isRole = (object: KubeObject): object is RoleObject => object.kind === 'ClusterRole' || object.kind === 'Role'

async function roles(): Promise<readonly RoleObject[]> {
  return (await chartObjects({ namespace: 'tenantry-system' })).filter(isRole)
}

async function role(name: string): Promise<RoleObject> {
  const found = (await roles()).find(
    ({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === `${chartName}-${name}`,
  )
  if (found === undefined) throw new Error(`the chart has no ClusterRole ${chartName}-${name}`)
  return found
}

test('no role of the chart has a wildcard, escalates or impersonates', async (t) => {
  const found = await roles()
  t.true(found.length >= 11)
  for (const { metadata, rules } of found) {
    for (const { apiGroups = [], resources = [], nonResourceURLs = [], verbs } of rules) {
      const words = [...apiGroups, ...resources, ...nonResourceURLs, ...verbs]
      t.false(
        words.some((word) => word.includes('*')),
        metadata.name,
      )
      t.false(verbs.includes('escalate'), metadata.name)
      t.false(verbs.includes('impersonate'), metadata.name)
    }
  }
})

test('the operator binds ClusterRoles by name only, and each of them is one of the chart’s tenant roles', async (t) => {
  const binding = (await roles()).flatMap(({ rules }) => rules.filter(({ verbs }) => verbs.includes('bind')))
  t.is(binding.length, 1)
  t.deepEqual(binding[0]?.resourceNames?.toSorted(), [
    'tenantry-msp-admin',
    'tenantry-tenant-admin',
    'tenantry-tenant-developer',
    'tenantry-tenant-granted',
    'tenantry-tenant-reader',
    'tenantry-tenant-support',
    'tenantry-tenant-viewer',
  ])
})

test('no aggregated role hands a verb that a policy asks for to everybody who may edit', async (t) => {
  const asked = new Set(['use', 'bind-user', 'masquerade', 'adopt', 'hold', 'bind'])
  const aggregated = (await roles()).filter(({ metadata }) =>
    Object.keys(metadata.labels ?? {}).some((label) => label.startsWith('rbac.authorization.k8s.io/aggregate-to-')),
  )
  t.deepEqual(aggregated.map(({ metadata }) => metadata.name).toSorted(), ['tenantry-edit', 'tenantry-view'])
  for (const { rules } of aggregated) t.false(rules.some(({ verbs }) => verbs.some((verb) => asked.has(verb))))
})

test('whoever has access to a suspended tenant reads, and nothing else; no Secret', async (t) => {
  for (const name of ['tenant-reader', 'tenant-viewer']) {
    for (const { resources = [], verbs } of (await role(name)).rules) {
      t.deepEqual(
        verbs.filter((verb) => !['get', 'list', 'watch'].includes(verb)),
        [],
        `${name}: ${resources.join(', ')}`,
      )
      t.false(resources.includes('secrets'), name)
    }
  }
})

interface Question {
  readonly verb: string
  readonly resource: string
  readonly may: readonly string[]
}

const tenantRoles = [
  'tenant-admin',
  'msp-admin',
  'tenant-granted',
  'tenant-reader',
  'tenant-developer',
  'tenant-support',
  'tenant-viewer',
] as const
const nobody: readonly string[] = []
const admins = ['tenant-admin', 'msp-admin']
/** Those with granted access work as admins do. */
const workers = [...admins, 'tenant-granted']
const developers = [...workers, 'tenant-developer']

const questions: readonly Question[] = [
  ...['create', 'update', 'patch', 'delete', 'deletecollection'].flatMap((verb) =>
    [
      'networkpolicies.networking.k8s.io',
      'resourcequotas',
      'limitranges',
      'rolebindings.rbac.authorization.k8s.io',
      'roles.rbac.authorization.k8s.io',
      'namespaces',
      'tenantplans.tenantry.dev',
      'daemonsets.apps',
    ].map((resource) => ({ verb, resource, may: nobody })),
  ),
  { verb: 'update', resource: 'namespaces/finalize', may: nobody },
  { verb: 'update', resource: 'tenants.tenantry.dev/status', may: nobody },
  { verb: 'update', resource: 'tenantadmins.tenantry.dev/status', may: nobody },
  { verb: 'bind-user', resource: 'tenantadmins.tenantry.dev', may: nobody },
  { verb: 'masquerade', resource: 'tenants.tenantry.dev', may: nobody },
  { verb: 'use', resource: 'tenantplans.tenantry.dev', may: nobody },
  { verb: 'bind', resource: 'clusterroles.rbac.authorization.k8s.io', may: nobody },
  { verb: 'impersonate', resource: 'serviceaccounts', may: nobody },
  { verb: 'create', resource: 'serviceaccounts/token', may: nobody },
  { verb: 'get', resource: 'secrets', may: workers },
  { verb: 'watch', resource: 'secrets', may: nobody },
  { verb: 'create', resource: 'serviceaccounts', may: admins },
  { verb: 'hold', resource: 'accessgrants.tenantry.dev', may: ['tenant-granted'] },
  { verb: 'create', resource: 'tenantadmins.tenantry.dev', may: admins },
  { verb: 'create', resource: 'tenants.tenantry.dev', may: ['msp-admin'] },
  { verb: 'list', resource: 'tenantadmins.tenantry.dev', may: [...workers, 'tenant-reader'] },
  { verb: 'list', resource: 'tenants.tenantry.dev', may: ['msp-admin', 'tenant-granted', 'tenant-reader'] },
  { verb: 'create', resource: 'accessgrants.tenantry.dev', may: ['msp-admin'] },
  { verb: 'create', resource: 'deployments.apps', may: developers },
  { verb: 'create', resource: 'pods/exec', may: [...workers, 'tenant-support'] },
  { verb: 'get', resource: 'pods/log', may: tenantRoles },
  { verb: 'list', resource: 'resourcequotas', may: tenantRoles },
]

test('what each tenant role may and may not do, asked of the apiserver', async (t) => {
  const { kubectl } = harness().cluster
  const namespace = await testNamespace(t)
  for (const name of tenantRoles) {
    const copy = uniqueName(name)
    const { rules } = await role(name)
    const copied = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: copy }, rules }
    await kubectl(['create', '-f', '-'], { input: copied })
    t.teardown(async () => void (await kubectl(['delete', 'clusterrole', copy])))
    await kubectl(['create', 'rolebinding', name, `--clusterrole=${copy}`, `--user=${copy}`, '-n', namespace])
    // The authorizer hears of a role and of its binding a moment after they are there. All of these roles may read logs.
    const readsLogs = questions.findIndex(({ resource }) => resource === 'pods/log')
    const answers = await eventually(
      async () => {
        const found = await askAll(copy, namespace)
        return found[readsLogs] === true ? found : undefined
      },
      { timeout: 60_000, describe: `the authorizer to know ${name}` },
    )
    for (const [index, { verb, resource, may }] of questions.entries()) {
      t.is(answers[index], may.includes(name), `${name}: ${verb} ${resource}`)
    }
  }
})

/** SubjectAccessReviews, which need neither the CRDs nor an object; the answers are in the order of the questions. */
async function askAll(user: string, namespace: string): Promise<readonly boolean[]> {
  const items = questions.map((question) => review(user, namespace, question))
  const args = ['create', '-o', 'jsonpath={.status.allowed}{"\\n"}', '-f', '-']
  const { kubectl } = harness().cluster
  const answers = await kubectl(args, { input: { apiVersion: 'v1', kind: 'List', items } })
  return answers
    .trim()
    .split('\n')
    .map((answer) => answer === 'true')
}

function review(user: string, namespace: string, { verb, resource }: Question): object {
  const [path = '', subresource] = resource.split('/')
  const [plural, ...group] = path.split('.')
  const resourceAttributes = { namespace, verb, group: group.join('.'), resource: plural, subresource }
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes },
  }
}
