/** When an edit of a plan is tried, and what its status says of it. */
import test from 'ava'
import { findCondition } from '../../../operator/api/conditions.ts'
import type { TenantPlan } from '../../../operator/api/tenantplan.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import type { KubeObject } from '../../../operator/kube/port.ts'
import { createTenantPlanReconciler } from '../../../operator/tenantplan/reconciler.ts'
import type { NewEvent } from '../../../operator/runtime/events/events.ts'
import { inForce } from '../../../operator/domain/plan-in-force.ts'
import { planRevision } from '../../../operator/domain/plan-revision.ts'
import { definitionOf, tenantPlan, tenantSettings } from '../../gen.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { Cluster } from '../tenant/cluster.ts'

const retryInterval = 30_000

function scene() {
  const cluster = new Cluster()
  cluster.triesPlans = false
  cluster.put(definitionOf('tenantplans'))
  cluster.put(tenantPlan())
  const clock = new FakeClock()
  const told: NewEvent[] = []
  const events = { record: (each: NewEvent) => void told.push(each) }
  let refuses = false
  let tries = 0
  const dryRun = async (_: unknown, { kind }: KubeObject) => {
    if (kind !== 'ResourceQuota') return
    tries += 1
    const causes = [{ field: 'spec.hard[pods]', message: 'must be an integer' }]
    if (refuses) throw new KubeError('Invalid', 'no', 422, { refusal: 'no', causes })
  }
  const lead = () =>
    createTenantPlanReconciler(
      { caches: cluster.caches, kube: { ...cluster.kube, dryRun }, clock, events },
      { ...tenantSettings, bindableRoles: [], retryInterval },
    )
  let reconcile = lead()
  const plan = () => cluster.find<TenantPlan>('TenantPlan', 'standard') ?? tenantPlan()
  return {
    plan,
    pass: () => reconcile('standard', new AbortController().signal),
    edit: (spec: object) => void cluster.put({ ...plan(), spec: { ...plan().spec, ...spec } }),
    refuse: (value: boolean) => void (refuses = value),
    failOver: () => void (reconcile = lead()),
    clock,
    writes: cluster.writes,
    told: () => told.map(({ type, reason, note }) => `${type} ${reason} ${note}`),
    tries: () => tries,
    accepted: () => plan().status?.acceptedSpec,
    stalled: () => findCondition(plan().status?.conditions, 'Stalled'),
  }
}

test('each edit is tried once, whoever leads; what is said is written once', async (t) => {
  const { pass, edit, failOver, tries, writes } = scene()
  await pass()
  await pass()
  failOver()
  await pass()
  t.is(tries(), 1)
  t.is(writes.length, 1)
  edit({ quota: { pods: '7' } })
  await pass()
  t.is(tries(), 2)
})

test('an edit that is refused says the field, rests, is tried again now and then, and is well once corrected', async (t) => {
  const { pass, edit, refuse, tries, stalled, writes, clock } = scene()
  await pass()
  refuse(true)
  edit({ quota: { pods: '1.5' } })
  t.deepEqual(await pass(), { stuck: { base: retryInterval, cap: 10 * retryInterval } })
  t.like(stalled(), { reason: 'PlanRefused' })
  t.regex(stalled()?.message ?? '', /spec\.quota\[pods\]: must be an integer/)
  const before = [tries(), writes.length]
  await pass()
  t.deepEqual([tries(), writes.length], before)
  await clock.advance(retryInterval)
  await pass()
  t.deepEqual([tries(), writes.length], [(before[0] ?? 0) + 1, before[1]])
  refuse(false)
  edit({ quota: { pods: '2' } })
  t.deepEqual(await pass(), {})
  t.is(stalled(), undefined)
})

test('of each refusal there is one Event, with the field, whoever leads', async (t) => {
  const { pass, edit, refuse, failOver, clock, told } = scene()
  await pass()
  t.deepEqual(told(), [])
  refuse(true)
  edit({ quota: { pods: '1.5' } })
  await pass()
  failOver()
  await clock.advance(retryInterval)
  await pass()
  t.is(told().length, 1)
  t.regex(told()[0] ?? '', /^Warning PlanRefused .* spec\.quota\[pods\]: must be an integer/)
})

test('what was accepted last is kept while an edit is refused, through a change of leaders too', async (t) => {
  const { pass, plan, edit, refuse, failOver, accepted } = scene()
  await pass()
  const before = plan()
  t.is(planRevision(inForce(before) ?? before), planRevision(before))
  refuse(true)
  edit({ quota: { pods: '1.5' }, podSecurity: 'baseline' })
  await pass()
  failOver()
  await pass()
  t.is(accepted(), before.status?.acceptedSpec)
  t.is(planRevision(inForce(plan()) ?? plan()), planRevision(before))
  refuse(false)
  edit({ quota: { pods: '2' } })
  await pass()
  t.is(planRevision(inForce(plan()) ?? before), planRevision(plan()))
  t.not(accepted(), before.status?.acceptedSpec)
})

for (const damaged of ['no JSON', '7', '{"quota":7}'])
  test(`a record of what was accepted that somebody wrote is none: ${damaged}`, async (t) => {
    const { pass, plan, refuse, edit } = scene()
    await pass()
    refuse(true)
    edit({ quota: { pods: '1.5' } })
    await pass()
    const { status } = plan()
    t.is(inForce({ ...plan(), status: { observedGeneration: 1, ...status, acceptedSpec: damaged } }), undefined)
  })

test('the next leader tries again what was refused', async (t) => {
  const { pass, refuse, failOver, stalled } = scene()
  refuse(true)
  await pass()
  t.truthy(stalled())
  refuse(false)
  failOver()
  await pass()
  t.is(stalled(), undefined)
})

test('while the API server gives no answer nothing is said of the edit, and so nobody follows it', async (t) => {
  const cluster = new Cluster()
  cluster.triesPlans = false
  cluster.put(definitionOf('tenantplans'))
  cluster.put(tenantPlan())
  const dryRun = () => Promise.reject(new KubeError('Unavailable', 'no', 503))
  const ports = {
    caches: cluster.caches,
    kube: { ...cluster.kube, dryRun },
    clock: new FakeClock(),
    events: { record: () => {} },
  }
  const reconcile = createTenantPlanReconciler(ports, { ...tenantSettings, bindableRoles: [], retryInterval })
  await t.throwsAsync(reconcile('standard', new AbortController().signal), { instanceOf: KubeError })
  t.deepEqual(cluster.writes, [])
})
