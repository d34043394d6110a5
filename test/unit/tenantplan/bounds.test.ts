/** What a plan has to bound, and that the plans that we give do. */
import { readFile } from 'node:fs/promises'
import test from 'ava'
import { findCondition } from '../../../operator/api/conditions.ts'
import { tenantPlanSpec } from '../../../operator/api/tenantplan.ts'
import { quantityValue } from '../../../operator/domain/quantity.ts'
import { lacksEphemeralDefault, unboundedIn } from '../../../operator/tenantplan/bounds.ts'
import { decide } from '../../../operator/tenantplan/decide.ts'
import { chartObjects, defaultPlanSpec, parsed } from '../../harness/chart.ts'
import { tenantPlan } from '../../gen.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** `count/…` of all kinds that the chart's roles for the people of tenants let them create. */
async function creatable(): Promise<ReadonlySet<string>> {
  const objects = await chartObjects({ namespace: 'tenantry-system' })
  const roles = objects.filter(
    ({ kind, metadata }) => kind === 'ClusterRole' && /^tenantry-(tenant|msp)-/.test(metadata.name),
  )
  const rules = roles.flatMap((role) => Reflect.get(role, 'rules') as readonly Rule[])
  const keys = rules
    .filter(({ verbs }) => verbs.includes('create'))
    .flatMap(({ apiGroups, resources }) =>
      apiGroups.flatMap((group) =>
        resources
          .filter((resource) => !resource.includes('/'))
          .map((resource) => `count/${resource}${group === '' ? '' : `.${group}`}`),
      ),
    )
  return new Set(keys)
}

const plans: readonly (readonly [string, () => Promise<object>])[] = [
  ['the default plan of the chart', defaultPlanSpec],
  [
    'the plan of the samples',
    async () => {
      const [plan] = parsed(await readFile('manifests/samples/plan.yaml', 'utf8'))
      return Object(Reflect.get(Object(plan), 'spec')) as object
    },
  ],
]

test('whatever the people of a tenant may create has to be counted by its plan', async (t) => {
  const keys = await creatable()
  t.true(keys.has('count/secrets'))
  t.true(keys.has('count/tenants.tenantry.dev'))
  const wanted = new Set(unboundedIn({}))
  t.deepEqual(
    [...keys].filter((key) => !wanted.has(key)),
    [],
  )
})

for (const [name, specOf] of plans) {
  test(`${name} leaves nothing without a bound`, async (t) => {
    const spec = tenantPlanSpec.parse(await specOf())
    t.deepEqual(unboundedIn(spec), [])
    t.false(lacksEphemeralDefault(spec))
  })
}

for (const [name, specOf] of plans)
  test(`${name} has room for what the workloads that it allows leave by Kubernetes' defaults`, async (t) => {
    const { quota = {}, limits = [] } = tenantPlanSpec.parse(await specOf())
    const numberOf = (key: string) => quantityValue(quota[key] ?? '') ?? Number.NaN
    // The current revision, and revisionHistoryLimit: 10.
    t.true(numberOf('count/replicasets.apps') >= 11 * numberOf('count/deployments.apps'))
    t.true(numberOf('count/controllerrevisions.apps') >= 11 * numberOf('count/statefulsets.apps'))
    // One that runs, successfulJobsHistoryLimit: 3, and failedJobsHistoryLimit: 1.
    t.true(numberOf('count/jobs.batch') > 5 * numberOf('count/cronjobs.batch'))
    const disk = limits.find(({ type }) => type === 'Container')?.default?.['ephemeral-storage'] ?? ''
    const withSidecar = 2 * (quantityValue(disk) ?? Number.NaN)
    t.true(numberOf('limits.ephemeral-storage') >= withSidecar * numberOf('pods'))
  })

const conditionOf = (spec: object) => {
  const plan = tenantPlan({ spec })
  const status = decide({ plan, plans: [plan], tenants: [], bindableRoles: [], refusal: undefined }, 0)
  return { plan, status, unbounded: findCondition(status.conditions, 'Unbounded') }
}

test('a plan that leaves something without a bound says what, is ready all the same, and says it once', async (t) => {
  const { 'count/secrets': _secrets, ...quota } = tenantPlanSpec.parse(await defaultPlanSpec()).quota ?? {}
  const { plan, status, unbounded } = conditionOf({ ...(await defaultPlanSpec()), quota })
  t.is(unbounded?.status, 'True')
  t.regex(unbounded?.message ?? '', /: spec\.quota has no count\/secrets\. Add/)
  t.is(findCondition(status.conditions, 'Ready')?.status, 'True')
  t.deepEqual(
    decide({ plan: { ...plan, status }, plans: [plan], tenants: [], bindableRoles: [], refusal: undefined }, 9_999),
    status,
  )
  const mended = { ...plan, spec: tenantPlanSpec.parse(await defaultPlanSpec()), status }
  const after = decide({ plan: mended, plans: [mended], tenants: [], bindableRoles: [], refusal: undefined }, 0)
  t.is(findCondition(after.conditions, 'Unbounded'), undefined)
})

test('the older name of a count, and a limit in place of a request, bound the same', async (t) => {
  const spec = tenantPlanSpec.parse(await defaultPlanSpec())
  const { 'count/secrets': secrets = '', 'requests.memory': _memory, ...quota } = spec.quota ?? {}
  t.deepEqual(unboundedIn({ quota: { ...quota, secrets } }), [])
})

test('ephemeral storage that no container states is counted by no quota: the plan has to give a default', async (t) => {
  const { unbounded } = conditionOf({ ...(await defaultPlanSpec()), limits: [] })
  t.regex(unbounded?.message ?? '', /spec\.limits has no default ephemeral-storage/)
})

const withDefaults = (limits: object): readonly object[] => [{ type: 'Container', ...limits }]

const lacking: readonly (readonly [string, object, readonly string[]])[] = [
  ['nothing', { quota: {} }, []],
  ['counts alone', { quota: { pods: '5', 'count/secrets': '5' } }, []],
  ['disk alone, which containers need not state', { quota: { 'limits.ephemeral-storage': '5Gi' } }, []],
  [
    'limits without a LimitRange',
    { quota: { 'limits.cpu': '5', 'limits.memory': '5Gi' } },
    ['default.cpu', 'default.memory'],
  ],
  [
    'requests without one',
    { quota: { cpu: '5', 'requests.memory': '5Gi' } },
    ['defaultRequest.cpu', 'defaultRequest.memory'],
  ],
  [
    'one of two',
    { quota: { 'limits.cpu': '5', 'limits.memory': '5Gi' }, limits: withDefaults({ default: { cpu: '1' } }) },
    ['default.memory'],
  ],
  [
    'both, by a maximum that Kubernetes takes for the default',
    { quota: { 'limits.cpu': '5', 'requests.cpu': '2' }, limits: withDefaults({ max: { cpu: '1' } }) },
    [],
  ],
  [
    'a limit of pods, which is none of containers',
    { quota: { 'limits.cpu': '5' }, limits: [{ type: 'Pod', max: { cpu: '1' } }] },
    ['default.cpu'],
  ],
]

for (const [what, spec, fields] of lacking)
  test(`a quota on ${what} lacks ${fields.length === 0 ? 'no default' : fields.join(' and ')}`, (t) => {
    const { status } = conditionOf(spec)
    const told = findCondition(status.conditions, 'DefaultsMissing')
    t.is(told?.status, fields.length === 0 ? undefined : 'True')
    for (const field of fields) t.true(told?.message.includes(field))
    t.is(findCondition(status.conditions, 'Ready')?.status, 'True')
  })
