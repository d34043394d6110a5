/** What the Kubernetes API says of the objects of a plan, told of the fields of the plan. */
import test from 'ava'
import { KubeError } from '../../../operator/kube/port.ts'
import type { FieldCause, KubeObject } from '../../../operator/kube/port.ts'
import { dryRunPlan } from '../../../operator/tenantplan/dry-run.ts'
import { tenantPlan, tenantSettings } from '../../gen.ts'
import { FakeKube } from '../runtime/fake-kube.ts'

const dns = { namespaces: ['kube-system'], addresses: [], ports: [53] }
const settings = { ...tenantSettings, dns }
const spec = {
  quota: { pods: '5' },
  limits: [{ type: 'Container', max: { cpu: '1' } }],
  network: { mode: 'Isolated', ingressNamespaces: ['ingress'], egress: [{ cidr: '10.0.0.0/8' }] },
}

const invalid = (causes: readonly FieldCause[], refusal = 'is invalid') =>
  new KubeError('Invalid', refusal, 422, { refusal, causes })

async function verdictWhere(kind: string, error: KubeError) {
  const kube = new FakeKube()
  kube.onDryRun = (object: KubeObject) => {
    if (object.kind === kind) throw error
  }
  return dryRunPlan(tenantPlan({ spec }), kube, settings)
}

test('all that a plan gives is tried, each in the namespace of the operator, and nothing is left there', async (t) => {
  const kube = new FakeKube()
  t.is(await dryRunPlan(tenantPlan({ spec }), kube, settings), undefined)
  const { operatorNamespace: namespace } = settings
  t.deepEqual(kube.calls.toSorted(), [
    `dryRun limitranges ${namespace}/tenantry-limits`,
    'dryRun namespaces tenantry-dry-run',
    `dryRun networkpolicies ${namespace}/tenantry-isolation`,
    `dryRun resourcequotas ${namespace}/tenantry-quota`,
  ])
})

const fields: readonly (readonly [string, string, string])[] = [
  ['ResourceQuota', 'spec.hard[pods]', 'spec.quota[pods]'],
  ['LimitRange', 'spec.limits[0].default[cpu]', 'spec.limits[0].default[cpu]'],
  ['NetworkPolicy', 'spec.egress[2].to[0].ipBlock.except[1]', 'spec.network.egress[0].except[1]'],
  ['NetworkPolicy', 'spec.egress[2].ports[3].port', 'spec.network.egress[0].ports[3].port'],
  ['NetworkPolicy', 'spec.ingress[0].from[1].namespaceSelector', 'spec.network.ingressNamespaces[0]'],
  ['Namespace', 'metadata.labels', 'spec.namespace.labels'],
]

for (const [kind, field, inPlan] of fields)
  test(`what is said of ${field} of a ${kind} is said of ${inPlan}`, async (t) => {
    const verdict = await verdictWhere(kind, invalid([{ field, message: 'Invalid value: "x": no' }]))
    t.is(verdict?.reason, 'PlanRefused')
    t.true(verdict?.message.includes(` ${inPlan}: Invalid value: "x": no. Correct it`), verdict?.message)
  })

test('as many fields are named as people read', async (t) => {
  const causes = Array.from({ length: 30 }, (_, index) => ({ field: `spec.hard[x${index}]`, message: 'no' }))
  t.regex((await verdictWhere('ResourceQuota', invalid(causes)))?.message ?? '', /spec\.quota\[x7\]: no; and 22 more\./)
})

const noMatterOfThePlan: readonly (readonly [string, KubeError])[] = [
  ['a policy', invalid([], 'ValidatingAdmissionPolicy x denied request: no')],
  ['a right that is missing', new KubeError('Forbidden', 'no', 403, { refusal: 'no' })],
  ["a quota of the operator's namespace", new KubeError('Forbidden', 'no', 403, { quota: 'theirs' })],
  ['an object of the same name', new KubeError('AlreadyExists', 'no', 409)],
]

for (const [what, error] of noMatterOfThePlan)
  test(`${what} says nothing against the plan`, async (t) => {
    t.is(await verdictWhere('ResourceQuota', error), undefined)
  })

for (const reason of ['Timeout', 'Unavailable', 'TooManyRequests', 'Unauthorized', 'Unknown'] as const)
  test(`${reason} is no answer: it is tried again, and nothing is said of the plan`, async (t) => {
    await t.throwsAsync(verdictWhere('LimitRange', new KubeError(reason, 'no', 0)), { instanceOf: KubeError })
  })
