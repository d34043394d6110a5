/** An edit of a plan reaches its tenants one after the other, at the rate of the settings; who is edited does not wait. Its limits leave room for a busy machine. */
import test from 'ava'
import type { Stored } from '../harness/api.ts'
import { eventually } from '../harness/wait.ts'
import { available, declareTenant, edit, newName } from './life.ts'
import { atRest } from './reconciles.ts'
import { startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'

const plan = '/apis/tenantry.dev/v1alpha1/tenantplans/slow'
const count = 12

let world: RunningWorld
test.before(async (t) => {
  t.timeout(300_000)
  // Turns that are a second apart: no pause of the machine is as long as the seven that are asked for below.
  world = await startRunningWorld({ env: { TENANTRY_ROLLOUT_RATE: '1', TENANTRY_PROBE_INTERVAL: '10m' } })
})
test.after.always(() => world?.[Symbol.asyncDispose]())

type Quota = Stored & {
  readonly spec?: { readonly hard?: Readonly<Record<string, string>> }
}

const until = (what: string, check: () => Promise<boolean> | boolean) =>
  eventually(check, { timeout: 90_000, interval: 100, describe: what })

test('twelve tenants follow one a second, and one that is edited meanwhile does not wait', async (t) => {
  t.timeout(400_000)
  await world.api.send('POST', '/apis/tenantry.dev/v1alpha1/tenantplans', {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantPlan',
    metadata: { name: 'slow' },
    spec: { quota: { pods: '3' } },
  })
  const names = Array.from({ length: count }, () => newName())
  for (const name of names) await declareTenant(world, name, { plan: 'slow' })
  for (const name of names) await available(world, name)
  // What the quota controller writes, and what the next look at the server finds there, wakes tenants too.
  const server = `/apis/tenantry.dev/v1alpha1/databaseservers/${world.installation.server}`
  await until('the server to count them', async () => (await world.api.get(server))?.status?.['tenants'] === count)
  await atRest(world.operator, 'tenant')
  const listening = new AbortController()
  t.teardown(() => listening.abort())
  const followed = new Set<string>()
  const told = new Set<number>()
  const first = Promise.withResolvers<void>()
  const [quotas, statuses] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const heard = [
    world.api.watch<Quota>(
      '/api/v1/resourcequotas',
      listening.signal,
      ({ metadata: { namespace = '' }, spec }) => {
        if (spec?.hard?.['pods'] !== '4') return
        followed.add(namespace)
        first.resolve()
      },
      quotas.resolve,
    ),
    world.api.watch(
      '/apis/tenantry.dev/v1alpha1/tenantplans',
      listening.signal,
      ({ status }) => told.add(Number(status?.['updatedTenants'])),
      statuses.resolve,
    ),
  ]
  await Promise.all([quotas.promise, statuses.promise])
  const start = performance.now()
  await world.api.send('PATCH', plan, { spec: { quota: { pods: '4' } } })
  // The edit of the plan travels by another watch than that of the tenant: only then it is sure to be known.
  await first.promise
  const touched = names.at(-1) ?? ''
  await edit(world, touched, { spec: { displayName: 'Touched' } })
  await until('all to follow', () => followed.size === count)
  const took = performance.now() - start
  const turn = [...followed].indexOf(`tenant-${touched}`) + 1
  t.log(`${count} tenants in ${Math.round(took)} ms, the one that was touched as number ${turn}`)
  // The turn of the last is the touched one's, which it did not need.
  t.true(took > (count - 3) * 1_000, `all of them in ${Math.round(took)} ms`)
  t.true(turn <= 8, `the one that was touched came as number ${turn}`)
  await until('the plan to be rolled out', async () => {
    const { status, metadata } = (await world.api.get(plan)) ?? {}
    return status?.['observedGeneration'] === metadata?.generation && status?.['updatedTenants'] === count
  })
  listening.abort()
  await Promise.all(heard)
  t.true([...told].filter((each) => each < count).length > 1, `its status said ${[...told].join(', ')}`)
})
