/** A plan that the API server does not take says which field, and its tenants keep what they have. */
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantPlan } from '../../operator/api/tenantplan.ts'
import type { Stored } from '../harness/api.ts'
import { eventually } from '../harness/wait.ts'
import { conditionOf, isReady, namespaceOf, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const stalledOf = (plan: TenantPlan | undefined) => {
  const isNow = plan?.status?.observedGeneration === plan?.metadata.generation
  return isNow ? plan?.status?.conditions?.find(({ type }) => type === 'Stalled') : undefined
}

/** What the plan says against itself, once it has looked at its latest edit. */
const refusedPlan = (name: string) =>
  eventually(
    async () => {
      const stalled = stalledOf(await scene.api.get<TenantPlan>(paths.plan(name)))
      return stalled?.reason === 'PlanRefused' ? stalled.message : undefined
    },
    { timeout: 90_000, describe: `the plan ${name} to be refused` },
  )

const followedBy = (name: string, count: number) =>
  eventually(
    async () => {
      const { status, metadata } = (await scene.api.get<TenantPlan>(paths.plan(name))) ?? {}
      return status?.observedGeneration === metadata?.generation && status?.updatedTenants === count
    },
    { timeout: 120_000, describe: `the plan ${name} to be followed by ${count}` },
  )

/** All that the plan gives to the tenant in Kubernetes. */
async function given(tenant: Tenant): Promise<readonly unknown[]> {
  const name = namespaceOf(tenant)
  const at = [paths.quota(name), paths.limits(name), paths.networkPolicy(name)]
  const objects = await Promise.all(at.map((path) => scene.api.get<Stored & { spec?: unknown }>(path)))
  const namespace = await scene.api.get(paths.namespace(name))
  return [...objects.map((object) => object?.spec), namespace?.metadata.labels, namespace?.metadata.annotations]
}

const egress = (except: string) => ({ network: { egress: [{ cidr: '10.1.0.0/16', except: [except] }] } })

/** The edit that is refused, and the field that it is refused for. */
const edits: Readonly<Record<string, readonly [object, RegExp]>> = {
  'a default above its maximum': [
    { limits: [{ type: 'Container', default: { cpu: '4' }, max: { cpu: '2' } }] },
    /spec\.limits\[0\]\.default\S*: Invalid value: "4"/,
  ],
  'a name that no quota has': [{ quota: { frobs: '3' } }, /spec\.quota\[frobs\]: Invalid value: "frobs"/],
  'a count that is not a whole number': [{ quota: { pods: '1.5' } }, /spec\.quota\[pods\]: Invalid value: .*integer/],
  'an exception outside of its block': [
    egress('10.2.0.0/24'),
    /spec\.network\.egress\[0\]\.except\[0\]: Invalid value: "10\.2\.0\.0\/24"/,
  ],
  'a label that is none': [
    { namespace: { labels: { 'a..b/team': 'blue' } } },
    /spec\.namespace\.labels: Invalid value: "a\.\.b\/team"/,
  ],
}

for (const [what, [edit, field]] of Object.entries(edits))
  test(`${what} is told by the plan with its field; nothing of its tenants changes, and none is made`, async (t) => {
    t.timeout(300_000)
    const plan = await scene.declarePlan({ quota: { pods: '5' } })
    const tenant = await scene.provisioned({ plan })
    const before = await given(tenant)
    // With something that would be taken, if it were not for the rest.
    const good = { podSecurity: 'baseline', quota: { pods: '6' } }
    await scene.change(paths.plan(plan), { spec: { ...good, ...edit } })
    t.regex(await refusedPlan(plan), field)
    // What is mended meanwhile is mended as the plan was before.
    await scene.api.send('DELETE', paths.networkPolicy(namespaceOf(tenant)))
    const isMended = async () => isDeepStrictEqual(await given(tenant), before)
    await eventually(isMended, { timeout: 120_000, describe: 'all to be as it was' })
    const told = await scene.when(tenant, isReady)
    t.is(told.status?.planRevision, tenant.status?.planRevision)
    const later = await scene.declare({ plan })
    const waits = await scene.when(later, (each) => conditionOf(each, 'Ready')?.reason === 'PlanNotReady')
    t.not(waits.status?.phase, 'Active')
    t.regex(conditionOf(waits, 'Ready')?.message ?? '', field)
    t.is(waits.status?.namespace, undefined)
    const undo = { limits: null, network: null, namespace: null, quota: { frobs: null, pods: '6' } }
    await scene.change(paths.plan(plan), { spec: undo })
    await scene.when(later, isReady)
    await scene.when(tenant, isReady)
    await followedBy(plan, 2)
    t.notDeepEqual(await given(tenant), before)
  })

test('a plan that is refused from the start makes no tenant, and one that is corrected makes all that wait', async (t) => {
  t.timeout(240_000)
  const plan = await scene.declarePlan({ quota: { pods: '1.5' } })
  const refusal = await refusedPlan(plan)
  const events = `/apis/events.k8s.io/v1/events?fieldSelector=regarding.kind=TenantPlan,regarding.name=${plan}`
  const told = async () => (await scene.api.list<{ readonly note: string }>(events)).map(({ note }) => note)
  await eventually(async () => (await told()).length > 0, { timeout: 90_000, describe: 'the Event' })
  t.deepEqual(await told(), [refusal])
  const tenant = await scene.declare({ plan })
  const waits = await scene.when(tenant, (each) => conditionOf(each, 'Ready')?.reason === 'PlanNotReady')
  t.is(waits.status?.namespace, undefined)
  await scene.change(paths.plan(plan), { spec: { quota: { pods: '1' } } })
  t.is((await scene.when(tenant, isReady)).status?.phase, 'Active')
})

test('while its plan is refused a tenant can be turned off and on, and deleted', async (t) => {
  t.timeout(240_000)
  const plan = await scene.declarePlan({ quota: { pods: '5' } })
  const tenant = await scene.provisioned({ plan })
  await scene.change(paths.plan(plan), { spec: { quota: { pods: '1.5' } } })
  await refusedPlan(plan)
  const turn = (state: string) => scene.change(paths.tenant(scene.home, tenant.metadata.name), { spec: { state } })
  await turn('Deactivated')
  await scene.when(tenant, ({ status }) => status?.phase === 'Deactivated')
  await turn('Active')
  await scene.when(tenant, (each) => each.status?.phase === 'Active' && isReady(each))
  await scene.deleted(tenant)
  t.is(await scene.api.get(paths.namespace(namespaceOf(tenant))), undefined)
})

test('a tenant that changes to a plan that is refused keeps what it has of the other one, and follows once it is corrected', async (t) => {
  t.timeout(240_000)
  const [good, bad] = [
    await scene.declarePlan({ quota: { pods: '5' } }),
    await scene.declarePlan({ quota: { pods: '1.5' } }),
  ]
  await refusedPlan(bad)
  const tenant = await scene.provisioned({ plan: good })
  const before = await given(tenant)
  await scene.change(paths.tenant(scene.home, tenant.metadata.name), { spec: { plan: bad } })
  const told = await scene.when(tenant, (each) => conditionOf(each, 'Ready')?.reason === 'PlanNotReady')
  t.is(told.status?.phase, 'Active')
  t.is(conditionOf(told, 'Available')?.status, 'True')
  t.deepEqual(await given(tenant), before)
  await scene.change(paths.plan(bad), { spec: { quota: { pods: '1' } } })
  await scene.when(tenant, (each) => isReady(each) && each.status?.plan === bad)
})

test('a quota that no container meets by itself is a warning, and such pods are refused as it says', async (t) => {
  t.timeout(240_000)
  const plan = await scene.declarePlan({ quota: { 'limits.cpu': '4', pods: '5' } })
  const tenant = await scene.provisioned({ plan })
  const { status } = (await scene.api.get<TenantPlan>(paths.plan(plan))) ?? {}
  const warning = status?.conditions?.find(({ type }) => type === 'DefaultsMissing')
  t.regex(warning?.message ?? '', /spec\.quota has limits\.cpu.* default\.cpu/)
  const container = { name: 'web', image: 'example.com/web', securityContext: { allowPrivilegeEscalation: false } }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: {
      containers: [
        { ...container, securityContext: { ...container.securityContext, capabilities: { drop: ['ALL'] } } },
      ],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    },
  }
  const create = () => scene.api.send('POST', `${paths.namespace(namespaceOf(tenant))}/pods?dryRun=All`, pod)
  // A quota holds from when it is counted, and limits from when the apiserver has heard of them.
  const isAnswered = (answer: RegExp) =>
    eventually(
      async () =>
        answer.test(
          await create().then(
            () => 'taken',
            (error: unknown) => String(error),
          ),
        ),
      { timeout: 120_000, describe: `the pod to be answered with ${answer.source}` },
    )
  await isAnswered(/failed quota: tenantry-quota: must specify limits\.cpu/)
  await scene.change(paths.plan(plan), { spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } })
  await followedBy(plan, 1)
  await isAnswered(/^taken$/)
  const after = await scene.api.get<TenantPlan>(paths.plan(plan))
  t.false(after?.status?.conditions?.some(({ type }) => type === 'DefaultsMissing'))
})
