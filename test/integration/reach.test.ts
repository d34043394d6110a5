/** What reaches beyond a tenant's namespace is refused unless the plan allows it; ordinary work goes on. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { tenantPlanSpec } from '../../operator/api/tenantplan.ts'
import type { NetworkPolicy } from '../../operator/kube/resources.ts'
import { isolationPolicy } from '../../operator/tenant/namespace/network-policy.ts'
import { uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { beyond, later, opened, opening, strange, within } from './attacks/reach.ts'
import type { RefusedRow, Row } from './attacks/reach.ts'
import { core } from './attacks/objects.ts'
import { household, person } from './security-scene.ts'
import type { Answer, Household, Person } from './security-scene.ts'
import { openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

const stack = new AsyncDisposableStack()
let scene: Scene
let mine: Household
let admin: Person

const plans = '/apis/tenantry.dev/v1alpha1/tenantplans'
const name = uniqueName('reach')

test.before('a tenant on a plan that says nothing, and classes that are not the cluster’s default', async (t) => {
  t.timeout(300_000)
  scene = stack.use(await openScene())
  await makeClasses()
  await scene.api.send('POST', plans, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantPlan',
    metadata: { name },
    spec: {},
  })
  mine = await household(scene, { plan: name })
  admin = stack.use(await person(mine.user))
  // The apiserver takes up classes, and the ServiceAccount of a pod, a moment after they are made, and refuses before by itself.
  for (const row of beyond.filter(([sentence]) => /another class|higher priority|another runtime/.test(sentence)))
    await eventually(
      async () => {
        const { status, text } = await tried(row)
        return status === 403 && text.includes(row[3])
      },
      { timeout: 90_000, describe: `${row[0]} to be refused` },
    )
})
test.after.always(() => stack.disposeAsync())

async function makeClasses(): Promise<void> {
  const classes: readonly (readonly [path: string, object: object])[] = [
    ['/apis/networking.k8s.io/v1/ingressclasses', { kind: 'IngressClass', spec: { controller: 'example.com/x' } }],
    ['/apis/storage.k8s.io/v1/storageclasses', { kind: 'StorageClass', provisioner: 'example.com/x' }],
    ['/apis/node.k8s.io/v1/runtimeclasses', { kind: 'RuntimeClass', handler: 'x' }],
    ['/apis/scheduling.k8s.io/v1/priorityclasses', { kind: 'PriorityClass', value: 1000 }],
  ]
  for (const [path, object] of classes) {
    const apiVersion = path.replace(/^\/apis\/(.+)\/[^/]+$/, '$1')
    await scene.api.send('POST', path, { apiVersion, metadata: { name: strange }, ...object })
    stack.defer(async () => void (await scene.api.send('DELETE', `${path}/${strange}`)))
  }
}

const tried = (row: Row | RefusedRow): Promise<Answer> =>
  admin.try('POST', `${row[1](mine.namespace)}?dryRun=All`, row[2](mine))

async function letsThrough(t: ExecutionContext, rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    const { status, text } = await tried(row)
    t.is(status, 201, `${row[0]}: ${text.slice(0, 400)}`)
  }
}

for (const row of beyond)
  test.serial(`Refused: ${row[0]}`, async (t) => {
    const { status, text } = await tried(row)
    t.is(status, 403, text.slice(0, 300))
    t.true(text.includes(row[3]), text.slice(0, 400))
  })

/** No controller here takes the finalizer off a claim. */
async function remove(path: string): Promise<void> {
  await admin.try('DELETE', path)
  await scene.change(path, { metadata: { finalizers: null } }).catch(() => undefined)
  await eventually(async () => (await scene.api.get(path)) === undefined, { describe: `${path} to be gone` })
}

for (const [sentence, path, change, words, before] of later)
  test.serial(`Refused: ${sentence}`, async (t) => {
    const made = await admin.try('POST', path(mine.namespace), before(mine))
    t.is(made.status, 201, made.text)
    const one = `${path(mine.namespace)}/mine`
    const { status, text } = await admin.try('PATCH', one, change(mine))
    t.is(status, 403, text.slice(0, 300))
    t.true(text.includes(words), text.slice(0, 400))
    const labelled = await admin.try('PATCH', one, { metadata: { labels: { team: 'blue' } } })
    t.is(labelled.status, 200, labelled.text)
    await remove(one)
  })

test.serial('an add-on tells of a pod’s networks in its annotations', async (t) => {
  const path = core(mine.namespace, 'pods')
  const [, , pod] = within.find(([sentence]) => sentence === 'a pod') ?? fail()
  t.is((await admin.try('POST', path, pod(mine))).status, 201)
  await using addOn = await networkAddOn()
  const told = {
    metadata: { annotations: { 'k8s.v1.cni.cncf.io/network-status': '[]', 'ovn.kubernetes.io/allocated': 'true' } },
  }
  await eventually(async () => (await addOn.try('PATCH', `${path}/mine`, told)).status === 200, {
    timeout: 90_000,
    describe: 'the add-on to annotate the pod',
  })
  const changed = await admin.try('PATCH', `${path}/mine`, { metadata: { labels: { team: 'blue' } } })
  t.is(changed.status, 200, changed.text)
  await remove(`${path}/mine`)
})

/** It may patch pods everywhere, and nothing else. */
async function networkAddOn(): Promise<Person> {
  const user = `system:serviceaccount:${uniqueName('net')}:agent`
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const made = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: uniqueName('net') } }
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['patch'] }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: made.metadata.name }
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }]
  const objects = {
    clusterroles: { kind: 'ClusterRole', rules },
    clusterrolebindings: { kind: 'ClusterRoleBinding', roleRef, subjects },
  }
  for (const [plural, object] of Object.entries(objects)) {
    await scene.api.send('POST', `${rbac}/${plural}`, { ...made, ...object })
    stack.defer(async () => void (await scene.api.send('DELETE', `${rbac}/${plural}/${made.metadata.name}`)))
  }
  return person(user)
}

test.serial('what binds claims gives one its volume', async (t) => {
  const path = core(mine.namespace, 'persistentvolumeclaims')
  const [, , claim] = within.find(([sentence]) => sentence === 'a claim') ?? fail()
  const { status, text } = await admin.try('POST', path, claim(mine))
  t.is(status, 201, text)
  const made = JSON.parse(text) as { readonly spec: object } // what the apiserver has made of it
  await using binder = await person('system:serviceaccount:kube-system:persistent-volume-binder')
  const bound = await binder.try('PUT', `${path}/mine`, { ...made, spec: { ...made.spec, volumeName: 'made-for-it' } })
  t.is(bound.status, 200, bound.text)
  const changed = await admin.try('PATCH', `${path}/mine`, { metadata: { labels: { team: 'blue' } } })
  t.is(changed.status, 200, changed.text)
  await remove(`${path}/mine`)
})

test.serial('Allowed: ordinary work', (t) => letsThrough(t, within))

test.serial('a claim that a controller makes of a StatefulSet is refused like the admin’s own', async (t) => {
  t.timeout(240_000)
  const sets = `/apis/apps/v1/namespaces/${mine.namespace}/statefulsets`
  const { status, text } = await admin.try('POST', sets, statefulSet())
  t.is(status, 201, text)
  interface WrittenLine {
    readonly message?: string
  }
  const told = await eventually(
    async () =>
      (await scene.api.list<WrittenLine>(`/api/v1/namespaces/${mine.namespace}/events`)).find(({ message }) =>
        message?.includes('spec must have neither volumeName nor selector'),
      ),
    { timeout: 120_000, describe: 'the Event of the StatefulSet' },
  )
  t.truthy(told)
  t.deepEqual(await scene.api.list(`/api/v1/namespaces/${mine.namespace}/persistentvolumeclaims`), [])
  await scene.api.send('DELETE', `${sets}/left`)
})

function statefulSet(): object {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: 'theirs' }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'left' },
    spec: {
      serviceName: 'left',
      selector: { matchLabels: { app: 'left' } },
      template: {
        metadata: { labels: { app: 'left' } },
        spec: { containers: [{ name: 'c', image: 'example.com/c' }] },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }],
    },
  }
}

test.serial('a plan that allows it opens it, and closes it again', async (t) => {
  t.timeout(300_000)
  const plan = `${plans}/${name}`
  const words = async () =>
    (await scene.api.get(paths.namespace(mine.namespace)))?.metadata.annotations?.['tenantry.dev/allowed']
  t.is(await words(), '')
  await scene.change(plan, { spec: { allowed: opening } })
  await eventually(async () => (await words())?.includes('taint=gpu'), {
    timeout: 90_000,
    describe: 'the words on the namespace',
  })
  await eventually(async () => (await tried(opened[0] ?? fail())).status === 201, { describe: 'the apiserver to know' })
  await letsThrough(t, [...opened, ...within])
  const still = await tried(beyond.find(([sentence]) => sentence.includes('alt-names')) ?? fail())
  t.is(still.status, 403)
  await scene.change(plan, { spec: { allowed: null } })
  await eventually(async () => (await tried(opened[0] ?? fail())).status === 403, {
    timeout: 90_000,
    describe: 'it to be closed',
  })
  t.is(await words(), '')
})

test.serial('the tenant’s admin does not write what the plan allows onto the namespace', async (t) => {
  const { status } = await admin.try('PATCH', paths.namespace(mine.namespace), {
    metadata: { annotations: { 'tenantry.dev/allowed': 'ingressClass=*' } },
  })
  t.is(status, 403)
})

test.serial(
  'the apiserver takes the NetworkPolicy where DNS is on other ports, on each node, and outside',
  async (t) => {
    const dns = { namespaces: ['openshift-dns'], ports: [53, 5353], addresses: ['169.254.20.10/32', 'fd00::a/128'] }
    const { network } = tenantPlanSpec.parse({})
    const { uid = '' } = mine.tenant.metadata
    const identity = { installation: 'test', tenant: 'home/other', uid, formerUids: [] }
    const policy = isolationPolicy(identity, mine.namespace, network, dns)
    const other = { ...policy, metadata: { name: 'other', namespace: mine.namespace } }
    const path = paths.networkPolicy(mine.namespace).replace(/\/[^/]+$/, '?dryRun=All')
    const { spec } = await scene.api.send<NetworkPolicy>('POST', path, other)
    t.deepEqual(spec, policy.spec)
  },
)

function fail(): never {
  throw new Error('the table has no such row')
}
