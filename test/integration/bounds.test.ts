/** What one tenant can take from the others under the chart's default plan, on the apiserver that counts. */
import { readFile } from 'node:fs/promises'
import test from 'ava'
import type { TenantPlan } from '../../operator/api/tenantplan.ts'
import { defaultPlanSpec, parsed } from '../harness/chart.ts'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { household, person } from './security-scene.ts'
import type { Answer, Person } from './security-scene.ts'
import { conditionOf, isReady, namespaceOf, openScene, paths, tenantName, waitsFor } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { deploy, podSpec, runs } from './tenant-workloads.ts'
import { toldAs } from './told-as.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const ours = { apiVersion: 'tenantry.dev/v1alpha1' }
const group = '/apis/tenantry.dev/v1alpha1'

type Quota = Readonly<Record<string, string>>

/** A plan that gives what the default one of the chart does, but for these counts. */
async function planLikeDefault(counts: Quota = {}): Promise<{ readonly name: string; readonly quota: Quota }> {
  const spec = await defaultPlanSpec()
  const quota = { ...spec.quota, ...counts }
  const name = tenantName('p')
  const plan = { ...ours, kind: 'TenantPlan', metadata: { name }, spec: { ...spec, quota } }
  await scene.api.send('POST', `${group}/tenantplans`, plan)
  return { name, quota }
}

/**
 * Until the apiserver counts as much as is there of all that the plan has a count for: of our own kinds once the CRDs are a
 * minute old. What is made before that may be counted late, and leaves room for one more.
 */
const isCounted = (namespace: string, keys: readonly string[]) =>
  eventually(
    async () => {
      const used = Object((await scene.api.get(paths.quota(namespace)))?.status?.['used']) as Quota
      const isTrue = await Promise.all(keys.map(async (key) => used[key] === (await present(namespace, key))))
      return isTrue.every(Boolean)
    },
    { timeout: 120_000, interval: 500, describe: `the quota of ${namespace} to count` },
  )

/** The quantity of what `key` of a quota counts, where Kubernetes has one path for all of it; else none is used yet. */
async function present(namespace: string, key: string): Promise<string> {
  const [, resource = '', suffix = ''] = /^count\/([^.]+)\.?(.*)$/.exec(key) ?? []
  if (resource === '') return '0'
  const root = suffix === '' ? '/api/v1' : `/apis/${suffix}/${suffix === 'tenantry.dev' ? 'v1alpha1' : 'v1'}`
  return String((await scene.api.list(`${root}/namespaces/${namespace}/${resource}`)).length)
}

/** Creates one after the other until the apiserver refuses. */
async function flood(by: Person, path: string, objectOf: (name: string) => object): Promise<Answer> {
  for (let made = 0; made < 2000; made += 1) {
    const answer = await by.try('POST', path, objectOf(`f${made}`))
    if (answer.status !== 201) return answer
  }
  throw new Error(`${path} takes objects without end`)
}

const plain = (kind: string) => (name: string) => ({ apiVersion: 'v1', kind, metadata: { name } })

test('An admin fills the namespace with Secrets and ConfigMaps up to the plan’s count, and the tenant mends itself once there is room', async (t) => {
  t.timeout(600_000)
  const { name: plan, quota } = await planLikeDefault()
  const { tenant, namespace, user } = await household(scene, { plan })
  await using admin = await person(user)
  // The last that the operator makes there: in the full namespace it would find no room.
  const list = `/api/v1/namespaces/${namespace}/configmaps/tenantry-access`
  await eventually(() => scene.api.get(list), { timeout: 60_000, describe: 'the list of who has access' })
  await isCounted(namespace, ['count/secrets', 'count/configmaps'])
  for (const kind of ['ConfigMap', 'Secret']) {
    const resource = `${kind.toLowerCase()}s`
    const path = `/api/v1/namespaces/${namespace}/${resource}`
    const refused = await flood(admin, path, plain(kind))
    t.is(refused.status, 403)
    t.regex(refused.text, /exceeded quota: tenantry-quota/)
    t.is((await scene.api.list(path)).length, Number(quota[`count/${resource}`]))
  }

  // The room that the lost Secret leaves is taken before the operator has it.
  await scene.api.send('PATCH', `${group}/tenantplans/${plan}`, { spec: { quota: { 'count/secrets': '10' } } })
  await eventually(
    async () => {
      const status = Object((await scene.api.get(paths.quota(namespace)))?.status?.['hard']) as Quota
      return status['count/secrets'] === '10'
    },
    { timeout: 60_000, describe: 'the lower count to be in force' },
  )
  const isRefused = async () => {
    await scene.api.send('DELETE', paths.secret(namespace)).catch(() => undefined)
    return scene.when(tenant, waitsFor('QuotaExceeded'), { timeout: 10_000 })
  }
  const waiting = await eventually(isRefused, { timeout: 180_000, describe: 'the count to be in the way' })
  toldAs(t, waiting, 'PlanQuotaExceeded')
  t.regex(conditionOf(waiting, 'Ready')?.message ?? '', /tenantry-quota leaves no room: .* raise spec\.quota of its/)
  const filled = await scene.api.list(`/api/v1/namespaces/${namespace}/secrets`)
  for (const { metadata } of filled) await scene.api.send('DELETE', paths.secret(namespace, metadata.name))
  // Nothing tells the operator of the room: it tries again ever more seldom.
  await scene.when(tenant, isReady, { timeout: 300_000 })
  t.truthy(await scene.api.get(paths.secret(namespace)))
})

test('What is counted of Tenantry’s own kinds is refused to an admin of an MSP beyond the plan’s count', async (t) => {
  t.timeout(240_000)
  const counts = {
    'count/tenantadmins.tenantry.dev': '3',
    'count/tenants.tenantry.dev': '2',
    'count/accessgrants.tenantry.dev': '4',
  }
  const { name: plan } = await planLikeDefault(counts)
  const { namespace, user } = await household(scene, { plan, type: 'MSP' })
  await using admin = await person(user)
  await isCounted(namespace, Object.keys(counts))
  const kinds: Readonly<Record<string, (name: string) => object>> = {
    tenants: (name) => ({
      ...ours,
      kind: 'Tenant',
      metadata: { name },
      spec: { displayName: name, cloudId: tenantName() },
    }),
    tenantadmins: (name) => ({
      ...ours,
      kind: 'TenantAdmin',
      metadata: { name },
      spec: { tenantRef: { name: 'nobody' }, username: name, email: `${name}@example.com` },
    }),
    accessgrants: (name) => ({
      ...ours,
      kind: 'AccessGrant',
      metadata: { name },
      spec: { type: 'Delegation', tenantRef: { name: 'nobody' }, username: name },
    }),
  }
  for (const [resource, objectOf] of Object.entries(kinds)) {
    const path = `${group}/namespaces/${namespace}/${resource}`
    const refused = await flood(admin, path, objectOf)
    t.regex(refused.text, /exceeded quota: tenantry-quota/)
    t.is(String((await scene.api.list(path)).length), Reflect.get(counts, `count/${resource}.tenantry.dev`))
  }
})

test('Under the plan of the samples a tenant is in place, and nobody is said to contest anything', async (t) => {
  t.timeout(240_000)
  const [sample] = parsed(await readFile('manifests/samples/plan.yaml', 'utf8'))
  const { default: _default, roles: _roles, ...spec } = Object(Reflect.get(Object(sample), 'spec')) as Quota
  const name = tenantName('p')
  await scene.api.send('POST', `${group}/tenantplans`, { ...ours, kind: 'TenantPlan', metadata: { name }, spec })
  const tenant = await scene.provisioned({ plan: name })
  t.is(conditionOf(tenant, 'NamespaceReady')?.reason, 'Provisioned')
})

test('Under the default plan pods start that state nothing, and are there again after a suspension', async (t) => {
  t.timeout(240_000)
  const { name: plan } = await planLikeDefault()
  const tenant = await scene.provisioned({ plan })
  const namespace = namespaceOf(tenant)
  await isCounted(namespace, ['pods', 'limits.ephemeral-storage', 'count/replicasets.apps'])
  await scene.takesPods(namespace)
  const [container] = (Reflect.get(podSpec(), 'containers') as readonly object[]).map((each) => ({
    ...each,
    resources: undefined,
  }))
  const pod = await scene.api.send('POST', `/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'plain' },
    spec: { ...podSpec(), containers: [container] },
  })
  t.like(pod.spec?.['containers'], [{ resources: { limits: { memory: '256Mi', 'ephemeral-storage': '4Gi' } } }])
  await deploy(scene.api, namespace)
  const { metadata } = tenant
  const path = paths.tenant(metadata.namespace ?? '', metadata.name)
  await scene.change(path, { spec: { state: 'Deactivated' } })
  await scene.when(
    tenant,
    ({ status }) => status?.phase === 'Deactivated' && conditionOf({ ...tenant, status }, 'Ready')?.status === 'True',
  )
  await scene.change(path, { spec: { state: 'Active' } })
  await scene.when(tenant, isReady)
  await runs(scene.api, namespace)
  t.pass()
})

test('A plan that counts little says so beside being ready; the default one of the chart has nothing to say', async (t) => {
  const { name } = await planLikeDefault()
  const told = async (plan: string) => {
    const looked = async () => {
      const found = await scene.api.get<TenantPlan>(`${group}/tenantplans/${plan}`)
      return found?.status?.conditions?.some(({ type }) => type === 'Ready') === true ? found : undefined
    }
    const found = await eventually(looked, { timeout: 60_000, describe: `the plan ${plan} to be looked at` })
    return found.status?.conditions?.find(({ type }) => type === 'Unbounded')
  }
  t.is(await told(name), undefined)
  const unbounded = await told(harness().operator.plan)
  t.is(unbounded?.status, 'True')
  t.regex(unbounded?.message ?? '', /spec\.quota has no .*count\/configmaps, count\/secrets/)
})
