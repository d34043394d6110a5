/** An error that ends a pass is told in the status of its object where it lasts: once, beside all else, until the next good pass. */
import test from 'ava'
import { reportingFailures } from '../../../operator/app/told-failures.ts'
import { findCondition } from '../../../operator/api/conditions.ts'
import type { Condition } from '../../../operator/api/conditions.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import { tenants } from '../../../operator/api/tenant.ts'
import type { TenantPlan } from '../../../operator/api/tenantplan.ts'
import { tenantPlans } from '../../../operator/api/tenantplan.ts'
import { planRefusalOf } from '../../../operator/domain/plan-in-force.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import { MailError } from '../../../operator/mail/port.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { DeadlineExceeded } from '../../../operator/runtime/base/deadline.ts'
import { LostLeadership } from '../../../operator/runtime/base/effect-check.ts'
import { done, ReportedFailure } from '../../../operator/runtime/queue/reconcile.ts'
import { createTenantPlanReconciler } from '../../../operator/tenantplan/reconciler.ts'
import { condition, definitionOf, tenant, tenantPlan, tenantSettings } from '../../gen.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { Cluster } from '../tenant/cluster.ts'

const refused = new KubeError('Forbidden', 'PATCH /x: no', 403, {
  refusal: 'policy "x" denied: no',
  refusedBy: 'Policy',
})

/** A Tenant whose reconciler throws `error`. */
function failing(status: object = {}) {
  const cluster = new Cluster()
  const clock = new FakeClock()
  cluster.put({ ...tenant({ name: 'acme' }), status: { observedGeneration: 1, phase: 'Active', ...status } })
  const it = { error: refused as unknown, aborted: false }
  const reconcile = () => (it.error === undefined ? Promise.resolve(done) : Promise.reject(it.error))
  const kind = { resource: tenants, cache: cluster.caches.tenants, isSeen: true }
  const told = reportingFailures(kind, reconcile, { kube: cluster.kube, clock })
  const pass = () => told('home/acme', it.aborted ? AbortSignal.abort() : new AbortController().signal)
  const read = () => cluster.find<Tenant>('Tenant', 'home/acme')
  return { cluster, clock, it, pass, read }
}

const lines = (conditions: readonly Condition[] | undefined) =>
  conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`)

test('a refusal is told with its words and what mends it; phase and other conditions stay', async (t) => {
  const available = condition('Available', 'True', 'Provisioned')
  const { pass, read } = failing({ conditions: [condition('Ready', 'True', 'Provisioned'), available] })
  await t.throwsAsync(pass, { is: refused })
  const { status } = read() ?? {}
  t.deepEqual(lines(status?.conditions), [
    'Ready=False ApiServerRefused',
    'Available=True Provisioned',
    'Stalled=True ApiServerRefused',
  ])
  t.is(status?.phase, 'Active')
  t.is(
    findCondition(status?.conditions, 'Ready')?.message,
    'The Kubernetes API refuses a request for the Tenant: policy "x" denied: no. ' +
      "Exempt the operator's ServiceAccount from it. Tenantry retries with growing pauses.",
  )
})

test('the spec counts as seen, so that kstatus believes Stalled', async (t) => {
  const { pass, read } = failing({ observedGeneration: -1 })
  await t.throwsAsync(pass)
  t.is(read()?.status?.observedGeneration, read()?.metadata.generation)
})

test('it is written once while it stays the same', async (t) => {
  const { cluster, clock, pass, read } = failing()
  await t.throwsAsync(pass)
  const { resourceVersion } = read()?.metadata ?? {}
  const { length } = cluster.writes
  await clock.advance(60_000)
  await t.throwsAsync(pass)
  t.is(read()?.metadata.resourceVersion, resourceVersion)
  t.is(cluster.writes.length, length)
})

const rows: readonly (readonly [string, unknown, string | undefined])[] = [
  ['a bug', new TypeError('x is undefined'), 'Stalled InternalError'],
  ['what is thrown and is no error', 'x', 'Stalled InternalError'],
  ['a full quota', new KubeError('Forbidden', 'no', 403, { quota: 'theirs' }), 'Reconciling QuotaExceeded'],
  [
    'a webhook that does not answer',
    new KubeError('Unavailable', 'no', 500, { webhook: 'w.example.com' }),
    'Reconciling ApiServerUnavailable',
  ],
  ['a conflict', new KubeError('Conflict', 'no', 409), undefined],
  ['an object that is gone', new KubeError('NotFound', 'no', 404), undefined],
  ['an API server that does not answer', new KubeError('Unavailable', 'no', 0), undefined],
  ['one that is too busy', new KubeError('TooManyRequests', 'no', 429), undefined],
  ['a namespace that ends', new KubeError('Forbidden', 'no', 403, { ending: true }), undefined],
  ['a lost leadership', new LostLeadership(), undefined],
  ['a pass that takes too long', new DeadlineExceeded('too long'), undefined],
  ['a server that does not answer', new PostgresError('Unavailable', 'no'), undefined],
  ['a relay that does not answer', new MailError('transient', 'no'), undefined],
  ['what the reconciler has told itself', new ReportedFailure(refused, undefined), undefined],
]

for (const [what, error, expected] of rows)
  test(`${what} is told as: ${expected ?? 'nothing'}`, async (t) => {
    const { it, pass, read, cluster } = failing()
    it.error = error
    await pass().then(
      () => t.fail(),
      (thrown: unknown) => t.is(thrown, error),
    )
    const found = read()?.status?.conditions?.find(({ type }) => type !== 'Ready')
    t.is(found && `${found.type} ${found.reason}`, expected)
    t.is(cluster.writes.length, expected === undefined ? 0 : 1)
  })

test('an operator that stops tells nothing', async (t) => {
  const { it, pass, cluster } = failing()
  it.aborted = true
  await t.throwsAsync(pass)
  t.is(cluster.writes.length, 0)
})

test('a status that cannot be written changes nothing: the first error is thrown', async (t) => {
  const { pass, cluster } = failing()
  cluster.before = () => {
    throw new KubeError('Forbidden', 'not that either', 403, { refusal: 'no' })
  }
  await t.throwsAsync(pass, { is: refused })
})

test('a message that may quote a Secret is told without what looks like a password', async (t) => {
  const { it, pass, read } = failing()
  const refusal = 'denied: data.password is Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4'
  it.error = new KubeError('Forbidden', `POST /api/v1/namespaces/x/secrets: ${refusal}`, 403, { refusal })
  await t.throwsAsync(pass)
  t.regex(findCondition(read()?.status?.conditions, 'Stalled')?.message ?? '', /data\.password is \[redacted\]\./)
})

function planPasses(over: Partial<TenantPlan> = {}) {
  const cluster = new Cluster()
  const clock = new FakeClock()
  cluster.triesPlans = false
  cluster.put(definitionOf('tenantplans'))
  cluster.put({ ...tenantPlan(), ...over })
  cluster.put({ ...tenant({ name: 'acme' }), status: { observedGeneration: 1, plan: 'standard' } })
  const { kube, caches } = cluster
  const reconcile = createTenantPlanReconciler(
    { caches, kube, clock, events: { record: () => {} } },
    { ...tenantSettings, bindableRoles: [] },
  )
  const told = reportingFailures({ resource: tenantPlans, cache: caches.plans, isSeen: false }, reconcile, {
    kube,
    clock,
  })
  const refuseOnce = () => {
    cluster.before = (write) => {
      if (write !== 'patch TenantPlan/status standard') return
      cluster.before = () => {}
      throw refused
    }
  }
  const plan = () => cluster.find<TenantPlan>('TenantPlan', 'standard')
  return { pass: () => told('standard', new AbortController().signal), plan, refuseOnce }
}

test('a TenantPlan that was not tried is none that was: its observedGeneration stays; and the next good pass takes all back', async (t) => {
  const { pass, plan, refuseOnce } = planPasses()
  const before = plan()?.status?.observedGeneration
  refuseOnce()
  await t.throwsAsync(pass, { is: refused })
  t.deepEqual(lines(plan()?.status?.conditions), ['Ready=False ApiServerRefused', 'Stalled=True ApiServerRefused'])
  t.not(plan()?.status?.observedGeneration, plan()?.metadata.generation)
  t.true(before === undefined || before === plan()?.status?.observedGeneration)
  await pass()
  t.false(lines(plan()?.status?.conditions)?.some((line) => line.startsWith('Stalled')))
})

test('a plan that the Kubernetes API refuses stays refused, whatever else fails', async (t) => {
  const stalled = condition('Stalled', 'True', 'PlanRefused')
  const { pass, plan, refuseOnce } = planPasses({ status: { observedGeneration: 1, conditions: [stalled] } })
  refuseOnce()
  await t.throwsAsync(pass, { is: refused })
  const found = plan()
  t.not(found && planRefusalOf(found), undefined)
})

test('where the pass itself has written before, the next attempt tells it', async (t) => {
  const { cluster, pass, read } = failing()
  cluster.lagging = true
  const found = read()
  if (found !== undefined) cluster.put({ ...found, metadata: { ...found.metadata, finalizers: ['example.com/x'] } })
  await t.throwsAsync(pass, { is: refused })
  t.is(findCondition(read()?.status?.conditions, 'Stalled'), undefined)
  cluster.lagging = false
  cluster.catchUp()
  await t.throwsAsync(pass, { is: refused })
  t.is(findCondition(read()?.status?.conditions, 'Stalled')?.reason, 'ApiServerRefused')
})
