/**
 * A replica takes over and finds something to do for every tenant. What a person changes in that second comes first.
 * The settings of the two differ, as in an upgrade, and each answer of the API server takes a moment, so that the replay
 * takes as long as it does with thousands of tenants.
 */
import test from 'ava'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { declareTenant, edit, newName, tenantOf } from './life.ts'

const tenants = 400
const domains = { before: 'before.example.com', after: 'after.example.com' }
const lease = { TENANTRY_LEASE_DURATION: '8s', TENANTRY_RENEW_DEADLINE: '6s', TENANTRY_RETRY_PERIOD: '1s' }

let world: World
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld({ proxies: true })
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const start = (domain: string, apiPort?: number) =>
  startOperator({
    cluster: world.cluster,
    mail: world.mail,
    env: { ...lease, TENANTRY_BASE_DOMAIN: domain },
    ...(apiPort === undefined ? {} : { apiPort }),
  })

async function leads(operator: OperatorProcess): Promise<boolean> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${world.installation.namespace}/leases/tenantry-leader`
  const { spec } = (await world.api.get<{ readonly spec?: { readonly holderIdentity?: string } }>(path)) ?? {}
  return spec?.holderIdentity === operator.pod.uid
}

/** How many of the tenants have their host below this domain. */
async function below(domain: string): Promise<number> {
  const { items } = (await world.api.get<{
    readonly items: readonly { readonly status?: { readonly host?: string } }[]
  }>(`/apis/tenantry.dev/v1alpha1/namespaces/${world.installation.home}/tenants`)) ?? { items: [] }
  return items.filter(({ status }) => status?.host?.endsWith(domain) === true).length
}

test('an edit in the second after a failover is reconciled within a second, before the replay of all tenants', async (t) => {
  t.timeout(300_000)
  const first = await start(domains.before)
  await eventually(() => leads(first), { timeout: 60_000, describe: 'the first to lead' })
  // The list of an API server is sorted by name: this one is the last of the replay.
  const last = `z${newName()}`
  const names = [...Array.from({ length: tenants - 1 }, newName), last]
  for (let at = 0; at < names.length; at += 20)
    await Promise.all(names.slice(at, at + 20).map((name) => declareTenant(world, name, { provisioning: 'OnAccept' })))
  const all = async () => (await below(domains.before)) === tenants
  await eventually(all, { timeout: 120_000, interval: 500, describe: 'all tenants to have their host' })
  await using second = await start(domains.after, world.proxies?.api.port)
  await world.proxies?.api.toxic('latency', { latency: 100 })
  await first.kill()
  await eventually(() => leads(second), { timeout: 60_000, interval: 10, describe: 'the second to lead' })
  const began = performance.now()
  await edit(world, last, { spec: { displayName: 'Edited' } })
  const isReconciled = async () => {
    const { metadata, status } = (await tenantOf(world, last)) ?? {}
    return status?.['observedGeneration'] === (metadata as { readonly generation?: number }).generation // metav1.ObjectMeta
  }
  await eventually(isReconciled, { timeout: 60_000, interval: 10, describe: 'the edit to be reconciled' })
  const took = performance.now() - began
  const done = await below(domains.after)
  t.log(`reconciled in ${Math.round(took)} ms, as number ${done} of ${tenants}`)
  t.true(took < 1_000, `it took ${Math.round(took)} ms`)
  t.true(done < tenants / 2, `${done} of ${tenants} came before it`)
  const rest = async () => (await below(domains.after)) === tenants
  await eventually(rest, { timeout: 120_000, interval: 500, describe: 'the replay to end' })
  t.deepEqual(await violations(world, { logs: `${await first.logs()}${await second.logs()}` }), [])
})
