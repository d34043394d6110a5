/**
 * A cluster whose quota controller has not heard of our kinds yet: it refuses what a quota names and it does not count.
 */
import test from 'ava'
import { ApiError } from '../harness/api.ts'
import { eventually } from '../harness/wait.ts'
import { available, declareTenant, newName } from './life.ts'
import { startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'

const group = '/apis/tenantry.dev/v1alpha1'
const counted = 'count/tenantadmins.tenantry.dev'

let world: RunningWorld
test.before(async (t) => {
  t.timeout(300_000)
  world = await startRunningWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const isRefused = (error: unknown) => error instanceof ApiError && error.message.includes('exceeded quota')

function declareAdmin(namespace: string, name: string, query = ''): Promise<unknown> {
  return world.api.send('POST', `${group}/namespaces/${namespace}/tenantadmins${query}`, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantAdmin',
    metadata: { name, namespace },
    spec: { username: name, email: `${name}@example.com` },
  })
}

interface Quota {
  readonly spec?: { readonly hard?: Readonly<Record<string, string>> }
  readonly status?: { readonly used?: Readonly<Record<string, string>> }
}

test('the first tenant of an installation can have admins at once, and as many as its plan counts', async (t) => {
  t.timeout(300_000)
  const { api, installation } = world
  const plan = `${group}/tenantplans/${installation.plan}`
  await api.send('PATCH', plan, { spec: { quota: { [counted]: '2', 'count/secrets': '50' } } })
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  const namespace = `tenant-${name}`
  const quotaOf = () => api.get<Quota>(`/api/v1/namespaces/${namespace}/resourcequotas/tenantry-quota`)
  await declareAdmin(namespace, 'first')

  const isCounted = async () => (await quotaOf())?.status?.used?.[counted] === '1'
  await eventually(isCounted, { timeout: 120_000, interval: 500, describe: 'our kinds to be counted' })
  t.is((await quotaOf())?.spec?.hard?.[counted], '2')
  await declareAdmin(namespace, 'second')
  // The apiserver enforces what it has heard of the quota, a moment later than it says.
  const isEnforced = () => declareAdmin(namespace, 'third', '?dryRun=All').then(() => false, isRefused)
  await eventually(isEnforced, { timeout: 60_000, describe: 'the quota to be enforced' })
  const refused = await t.throwsAsync(declareAdmin(namespace, 'third'), { instanceOf: ApiError })
  t.regex(refused.message, /exceeded quota: tenantry-quota/)
  const told = (await world.operator.logs()).split('\n').filter((line) => line.includes('tenantry-quota'))
  t.false(
    told.some((line) => line.includes('repair')),
    told.join('\n'),
  )
})
