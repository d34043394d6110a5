/** A tenant that goes off and comes back, with what it runs, on real controllers: nobody brings it back but its spec. */
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { RoleBinding } from '../../operator/kube/resources.ts'
import { sharedIntervals } from '../harness/shared-operator.ts'
import { eventually } from '../harness/wait.ts'
import {
  bindingOf,
  conditionOf,
  elapsed,
  isReady,
  logIn,
  logsIn,
  namespaceOf,
  openScene,
  paths,
  waitsFor,
} from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { person } from './security-scene.ts'
import { deploy, podSpec, podsOf, refusedSince, runs, workloadPaths } from './tenant-workloads.ts'
import type { PodObject } from './tenant-workloads.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const setState = ({ metadata }: Tenant, state: 'Active' | 'Deactivated' | 'Archived') =>
  scene.change(paths.tenant(metadata.namespace ?? '', metadata.name), { spec: { state } })

/** All that has to end has ended, and this is why. */
const isOff = (reason: string) => (tenant: Tenant) => {
  const ready = conditionOf(tenant, 'Ready')
  return ready?.status === 'True' && ready.reason === reason
}

const roleOf = async (tenant: Tenant, binding: string): Promise<string | undefined> =>
  (await scene.api.get<RoleBinding>(paths.roleBinding(namespaceOf(tenant), binding)))?.roleRef.name

/** The controller tries after 5 ms, doubled each time: after 22 s of rest it would rest for another 19 s and more. */
const backsOff = (namespace: string) =>
  eventually(async () => ((await refusedSince(scene.api, namespace)) ?? 0) > 22_000, {
    timeout: 150_000,
    describe: 'the ReplicaSet to back off',
  })

for (const state of ['Deactivated', 'Archived'] as const) {
  test(`${state}: nothing runs and nobody makes it run; Active brings back the same within seconds`, async (t) => {
    t.timeout(420_000)
    const tenant = await scene.provisioned()
    const namespace = namespaceOf(tenant)
    await deploy(scene.api, namespace)
    const before = await bindingOf(scene, tenant)
    await using session = await logIn(before)

    await setState(tenant, state)
    const off = await scene.when(tenant, isOff(state))
    t.like(off.status, { phase: state, state })
    t.is(conditionOf(off, 'Available')?.status, 'False')
    t.deepEqual(await podsOf(scene.api, namespace), {})
    t.false(await logsIn(before))
    await t.throwsAsync(session.query('SELECT 1'))

    await scene.change(workloadPaths.deployment(namespace), { spec: { replicas: 3 } })
    await scene.change(workloadPaths.deployment(namespace), { spec: { replicas: 2 } })
    if (state === 'Deactivated') await backsOff(namespace)
    t.deepEqual(await podsOf(scene.api, namespace), {})

    await setState(tenant, 'Active')
    const took = await runs(scene.api, namespace)
    // A Job waits ten seconds after each pod that was taken from it, whatever becomes of the quota.
    t.true(took < (state === 'Deactivated' ? 16_000 : 22_000), `it took ${Math.round(took)} ms`)
    t.log(`all pods were made again after ${Math.round(took)} ms`)
    const on = await scene.when(tenant, isReady)
    t.is(on.status?.suspendedAt, undefined)
    t.is(await scene.api.get(workloadPaths.suspension(namespace)), undefined)
    t.deepEqual(await bindingOf(scene, tenant), before)
    t.true(await logsIn(before))
  })
}

// Before all others, which run side by side: it measures.
test.serial(
  'The quota that keeps it still is not edited, not deleted in passing, and back within two seconds',
  async (t) => {
    t.timeout(300_000)
    const tenant = await scene.provisioned()
    const namespace = namespaceOf(tenant)
    await setState(tenant, 'Deactivated')
    await scene.when(tenant, isOff('Deactivated'))
    const path = workloadPaths.suspension(namespace)
    await t.throwsAsync(scene.change(path, { spec: { hard: { pods: '9' } } }), {
      message: /set spec\.state of the Tenant/,
    })
    await t.throwsAsync(scene.api.send('DELETE', path), { message: /stops the pods of a suspended tenant/ })
    const all = path.replace(/\/[^/]+$/, '')
    await t.throwsAsync(scene.api.send('DELETE', all), { message: /stops the pods of a suspended tenant/ })
    const times: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const { metadata } = await scene.change(path, {
        metadata: { annotations: { 'tenantry.dev/allow-deletion': 'tenantry-suspension' } },
      })
      await scene.api.send('DELETE', path)
      const back = async () => {
        const quota = await scene.api.get(path)
        return quota !== undefined && quota.metadata.uid !== metadata.uid
      }
      times.push(await elapsed(back, 'the quota to be back'))
    }
    // Other tests run beside this one: moments without a processor are none of the operator's.
    t.true(Math.min(...times) < 2_000, `it took ${times.map(Math.round).join(', ')} ms`)
    await scene.when(tenant, isOff('Deactivated'))
  },
)

test('Its admins read, and no Secrets, while it is off; then they have back what they had', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.provisioned()
  const namespace = namespaceOf(tenant)
  const admin = await scene.declareAdmin(tenant)
  await scene.accept(admin)
  const binds = (role: string) =>
    eventually(async () => (await roleOf(tenant, 'tenantry-admins')) === role, { timeout: 90_000, describe: role })
  await binds('tenantry-tenant-admin')
  await using acting = await person(admin.spec.email)
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'mine' }, spec: podSpec() }
  const writes = async () => (await acting.try('POST', `${workloadPaths.pods(namespace)}?dryRun=All`, pod)).status < 300
  const readsSecrets = async () => (await acting.try('GET', `/api/v1/namespaces/${namespace}/secrets`)).status === 200
  const readsPods = async () => (await acting.try('GET', workloadPaths.pods(namespace))).status === 200
  const may = async () => [await readsPods(), await readsSecrets(), await writes()].join()
  const can = (wanted: string) =>
    eventually(async () => (await may()) === wanted, { timeout: 90_000, describe: `read, Secrets, write: ${wanted}` })
  await can('true,true,true')
  await setState(tenant, 'Deactivated')
  await binds('tenantry-tenant-reader')
  await can('true,false,false')
  const quota = await acting.try('DELETE', workloadPaths.suspension(namespace))
  t.is(quota.status, 403)
  await setState(tenant, 'Active')
  await binds('tenantry-tenant-admin')
  await can('true,true,true')
})

/** As a kubelet would say it; without one no budget counts a pod as healthy. */
async function pretendToRun(namespace: string): Promise<readonly string[]> {
  const pods = await scene.api.list<PodObject>(workloadPaths.pods(namespace))
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  for (const { metadata } of pods) {
    await scene.change(`${workloadPaths.pods(namespace)}/${metadata.name}/status`, { status })
  }
  return pods.map(({ metadata }) => metadata.name).toSorted()
}

test('A PodDisruptionBudget is respected for a while, then the pods are deleted all the same', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.provisioned()
  const namespace = namespaceOf(tenant)
  await deploy(scene.api, namespace)
  await scene.api.send('POST', workloadPaths.budget(namespace).replace('/all', ''), {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'all' },
    spec: { minAvailable: '100%', selector: { matchLabels: { app: 'deployment' } } },
  })
  await pretendToRun(namespace)
  const counted = async () => {
    const budget = await scene.api.get(workloadPaths.budget(namespace))
    return budget?.status?.['currentHealthy'] === 2
  }
  await eventually(counted, { timeout: 60_000, describe: 'the budget to count its pods' })
  await setState(tenant, 'Deactivated')
  const waiting = await scene.when(tenant, (each) => {
    const message = conditionOf(each, 'Reconciling')?.message ?? ''
    return /PodDisruptionBudget keeps them: deployment-\S+, deployment-\S+\.$/.test(message)
  })
  t.is(conditionOf(waiting, 'Ready')?.reason, 'Suspending')
  // An apiserver that hears of the quota late lets one more in, which goes as well.
  const alone = async () => isDeepStrictEqual(await podsOf(scene.api, namespace), { deployment: 2 })
  await eventually(alone, { timeout: 15_000, describe: 'the pods of the budget to be alone' })
  const off = await scene.when(tenant, isOff('Deactivated'))
  t.deepEqual(await podsOf(scene.api, namespace), {})
  t.true(Date.now() - Date.parse(off.status?.suspendedAt ?? '') >= sharedIntervals.eviction)
})

test('A pod that does not end, on a node that is gone, is told by name and never ended by force', async (t) => {
  t.timeout(420_000)
  const tenant = await scene.provisioned()
  const path = workloadPaths.pods(namespaceOf(tenant))
  const finalizers = ['example.com/hold']
  const node = `silent-${tenant.metadata.name}`
  await scene.takesPods(namespaceOf(tenant))
  const nodes = '/api/v1/nodes'
  await scene.api.send('POST', nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } })
  await scene.api.send('POST', path, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stuck', finalizers },
    spec: podSpec({ nodeName: node, terminationGracePeriodSeconds: 1 }),
  })
  await setState(tenant, 'Deactivated')
  const told = `stuck on the node ${node} (finalizers example.com/hold)`
  const hanging = (each: Tenant) => conditionOf(each, 'Reconciling')?.message.includes(told) === true
  await scene.when(tenant, hanging, { timeout: 120_000 })
  const pod = await scene.api.get(`${path}/stuck`)
  t.truthy(pod?.metadata.deletionTimestamp)
  await scene.change(`${path}/stuck`, { metadata: { finalizers: null } })
  // The way out that the message names; the pod garbage collector waits 40 s for such a Node to come back.
  await scene.api.send('DELETE', `${nodes}/${node}`)
  await scene.when(tenant, isOff('Deactivated'), { timeout: 150_000 })
})

test('An MSP that is off takes its customers along, and brings back those that are not off themselves', async (t) => {
  t.timeout(420_000)
  const msp = await scene.provisioned({ type: 'MSP' })
  const namespace = namespaceOf(msp)
  const [one, other] = await Promise.all(
    [{}, {}].map(async () => scene.when(await scene.declare({}, { namespace }), isReady)),
  )
  if (one === undefined || other === undefined) return t.fail()
  await setState(other, 'Deactivated')
  await scene.when(other, isOff('Deactivated'))
  await deploy(scene.api, namespaceOf(one))
  const binding = await bindingOf(scene, one)

  await setState(msp, 'Deactivated')
  await scene.when(msp, isOff('Deactivated'))
  const off = await scene.when(one, isOff('ParentSuspended'))
  t.like(off.status, { phase: 'Deactivated', state: 'Deactivated' })
  t.is(off.spec.state, 'Active')
  t.deepEqual(await podsOf(scene.api, namespaceOf(one)), {})
  t.false(await logsIn(binding))

  await setState(msp, 'Active')
  await scene.when(msp, isReady)
  await scene.when(one, isReady)
  const took = await runs(scene.api, namespaceOf(one))
  t.log(`the customer's pods were made again ${Math.round(took)} ms after it was ready`)
  t.true(await logsIn(binding))
  await scene.when(other, isOff('Deactivated'))
  t.falsy(waitsFor('Suspending')(other))
})
