/** The operator dies again and again while a tenant goes off and comes back; then it is left alone and writes nothing. Its limits leave room for a busy machine. */
import test from 'ava'
import { settle } from '../../bench/quiet.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { Secret } from '../../operator/kube/resources.ts'
import { newPod, startOperator } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import { conditionOf, isReady } from '../integration/tenant-scene.ts'
import { deploy, podsOf, runs, workloadPaths } from '../integration/tenant-workloads.ts'

const home = '/apis/tenantry.dev/v1alpha1/namespaces/customers/tenants'
const own = 'tenant-bakery'

test('Killed under way, in both directions: the same end, the same password; at rest nothing is written', async (t) => {
  t.timeout(600_000)
  await using world = await startWorld()
  const { api, cluster } = world
  const pod = newPod()
  const start = () => startOperator({ cluster, mail: world.mail, web: world.web, pod })
  const when = (check: (tenant: Tenant) => boolean, describe: string) =>
    eventually(
      async () => {
        const tenant = await api.get<Tenant>(`${home}/bakery`)
        return tenant !== undefined && check(tenant)
      },
      { timeout: 120_000, describe },
    )
  const isOff = (tenant: Tenant) => conditionOf(tenant, 'Ready')?.reason === 'Deactivated'
  const setState = (state: string) => api.send('PATCH', `${home}/bakery`, { spec: { state } })
  const password = async () => (await api.get<Secret>(`/api/v1/namespaces/${own}/secrets/tenantry-database`))?.data

  const first = await start()
  await api.send('POST', home, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'Tenant',
    metadata: { name: 'bakery' },
    spec: { displayName: 'The Corner Bakery', provisioning: 'Immediate' },
  })
  await when(isReady, 'the tenant to be ready')
  await deploy(api, own)
  const before = await password()

  // It dies as soon as the quota is there, with the pods still running, and nobody replaces what ends meanwhile.
  await setState('Deactivated')
  const quota = async () => (await api.get(workloadPaths.suspension(own))) !== undefined
  await eventually(quota, { timeout: 120_000, interval: 1, describe: 'the quota' })
  await first.kill()
  const second = await start()
  await when(isOff, 'the tenant to be off')
  t.deepEqual(await podsOf(api, own), {})

  await settle(world, second)
  const rested = await cluster.auditLog?.mark()
  const from = performance.now()
  await eventually(() => performance.now() - from > 15_000, { timeout: 60_000, describe: 'fifteen seconds of rest' })
  const writes = (await cluster.auditLog?.writes(rested)) ?? []
  t.deepEqual(
    // An Event is sent after the status that it tells of.
    writes
      .filter(({ user, resource }) => user === second.user && !['leases', 'events'].includes(resource))
      .map(({ uri }) => uri),
    [],
  )

  // It dies as soon as the quota is gone, before it could wake anything.
  await setState('Active')
  await eventually(async () => !(await quota()), { timeout: 120_000, interval: 1, describe: 'the quota to be gone' })
  await second.kill()
  await using _third = await start()
  await when(isReady, 'the tenant to be ready again')
  // An apiserver may hold on to the quota for 35 s, and who was refused is woken for the last time then.
  const took = await runs(api, own, 150_000)
  t.log(`pods again ${Math.round(took)} ms after the status said Ready`)
  t.deepEqual(await password(), before)
})
