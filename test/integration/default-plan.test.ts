/** Which plan is the default one: switched from one to another, and what happens while there are two, or none. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantPlan } from '../../operator/api/tenantplan.ts'
import { startOperator } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { conditionOf, isReady } from './tenant-scene.ts'

const group = '/apis/tenantry.dev/v1alpha1'
const plans = `${group}/tenantplans`
const home = `${group}/namespaces/customers/tenants`
const ours = { apiVersion: 'tenantry.dev/v1alpha1' }

function sceneOf({ api }: World) {
  const tenantWhen = (name: string, check: (tenant: Tenant) => boolean, describe: string) =>
    eventually(
      async () => {
        const tenant = await api.get<Tenant>(`${home}/${name}`)
        return tenant !== undefined && check(tenant)
      },
      { timeout: 120_000, describe: `${name} ${describe}` },
    )
  const planSays = (name: string, wanted: string) =>
    eventually(
      async () => {
        const plan = await api.get<TenantPlan>(`${plans}/${name}`)
        const ready = plan?.status?.conditions?.find(({ type }) => type === 'Ready')
        const counts = `${plan?.status?.updatedTenants}/${plan?.status?.tenants}`
        return plan?.status?.observedGeneration === plan?.metadata.generation && `${ready?.reason} ${counts}` === wanted
      },
      { timeout: 120_000, describe: `the plan ${name} to say ${wanted}` },
    )
  return {
    tenantWhen,
    planSays,
    declare: (name: string, spec: object = {}) =>
      api.send('POST', home, {
        ...ours,
        kind: 'Tenant',
        metadata: { name },
        spec: { displayName: name, provisioning: 'Immediate', ...spec },
      }),
    makeDefault: (name: string, value: boolean) => api.send('PATCH', `${plans}/${name}`, { spec: { default: value } }),
    follows: (name: string, plan: string) =>
      tenantWhen(name, (each) => each.status?.plan === plan && isReady(each), `to follow ${plan}`),
    pods: async (name: string) => {
      const quota = await api.get(`/api/v1/namespaces/tenant-${name}/resourcequotas/tenantry-quota`)
      const hard: unknown = Reflect.get(Object(Reflect.get(Object(quota), 'spec')), 'hard')
      return String(Reflect.get(Object(hard), 'pods'))
    },
  }
}

test('The default is switched in two edits, either first: those that name no plan follow, others stay', async (t) => {
  t.timeout(400_000)
  await using world = await startWorld()
  await using _operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web })
  const { declare, follows, makeDefault, planSays, pods, tenantWhen } = sceneOf(world)
  await world.api.send('POST', plans, {
    ...ours,
    kind: 'TenantPlan',
    metadata: { name: 'gold' },
    spec: { quota: { pods: '77' } },
  })
  await Promise.all([declare('bakery'), declare('chemist', { plan: 'standard' })])
  await Promise.all([follows('bakery', 'standard'), follows('chemist', 'standard')])

  // Two for a while: nobody is moved, nothing is taken away, and everybody says so.
  await makeDefault('gold', true)
  await planSays('gold', 'MultipleDefaultPlans 0/0')
  await planSays('standard', 'MultipleDefaultPlans 2/2')
  await tenantWhen('bakery', (each) => conditionOf(each, 'Stalled')?.reason === 'MultipleDefaultPlans', 'to say so')
  await tenantWhen('bakery', (each) => conditionOf(each, 'Available')?.status === 'True', 'to go on')
  t.not(await pods('bakery'), '77')
  await declare('dentist')
  await tenantWhen('dentist', (each) => conditionOf(each, 'Ready')?.reason === 'MultipleDefaultPlans', 'to wait')
  await tenantWhen('chemist', isReady, 'to be left alone')

  await makeDefault('standard', false)
  await Promise.all([follows('bakery', 'gold'), follows('dentist', 'gold')])
  t.is(await pods('bakery'), '77')
  await planSays('gold', 'RolledOut 2/2')
  await planSays('standard', 'RolledOut 1/1')

  // None for a while.
  await makeDefault('gold', false)
  await tenantWhen(
    'bakery',
    (each) => conditionOf(each, 'Ready')?.reason === 'NoDefaultPlan',
    'to say that it has none',
  )
  await tenantWhen('bakery', (each) => conditionOf(each, 'Available')?.status === 'True', 'to go on')
  t.is(await pods('bakery'), '77')
  await makeDefault('standard', true)
  await Promise.all([follows('bakery', 'standard'), follows('dentist', 'standard'), follows('chemist', 'standard')])
  t.not(await pods('bakery'), '77')
  await planSays('standard', 'RolledOut 3/3')
  await planSays('gold', 'RolledOut 0/0')
})
