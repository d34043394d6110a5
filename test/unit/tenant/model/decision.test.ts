/** An edit of a plan, and what becomes of its tenants. */
import test from 'ava'

import type { TenantPlan } from '../../../../operator/api/tenantplan.ts'
import type { Namespace, ResourceQuota } from '../../../../operator/kube/resources.ts'
import { acceptedSpecOf } from '../../../../operator/domain/plan-in-force.ts'
import { condition, tenant, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const namespaceOf = (world: World) => world.cluster.find<Namespace>('Namespace', 'tenant-acme')?.metadata
const podsOf = (world: World, name: string) =>
  world.cluster.find<ResourceQuota>('ResourceQuota', `tenant-${name}/tenantry-quota`)?.spec?.hard?.['pods']

test('labels and annotations of the namespace come and go with the plan; those of others stay', async (t) => {
  const world = ground()
  const given = { labels: { team: 'blue', 'example.com/tier': 'gold' }, annotations: { contact: 'us' } }
  world.cluster.put(tenantPlan({ spec: { namespace: given } }))
  world.cluster.put(tenant())
  await world.settle()
  t.like(namespaceOf(world), given)
  const made = namespaceOf(world)
  const namespace = world.cluster.find<Namespace>('Namespace', 'tenant-acme')
  if (made === undefined || namespace === undefined) throw new Error('there is no namespace')
  const labels = { ...made.labels, theirs: 'own' }
  world.cluster.put({ ...namespace, metadata: { ...made, labels } })
  world.cluster.put(tenantPlan({ spec: { namespace: { labels: { team: 'red' } } } }))
  await world.settle()
  t.is(namespaceOf(world)?.labels?.['team'], 'red')
  t.is(namespaceOf(world)?.labels?.['theirs'], 'own')
  t.is(namespaceOf(world)?.labels?.['example.com/tier'], undefined)
  t.is(namespaceOf(world)?.annotations?.['contact'], undefined)
  world.cluster.put(tenantPlan())
  await world.settle()
  t.deepEqual([namespaceOf(world)?.labels?.['team'], namespaceOf(world)?.labels?.['theirs']], [undefined, 'own'])
  t.is(namespaceOf(world)?.annotations?.['tenantry.dev/plan-keys'], undefined)
  const rest = world.effects.length
  await world.pass()
  t.is(world.effects.length, rest)
})

for (const forged of ['{"labels":["tenantry.dev/tenant-uid"]}', 'no JSON', '{"labels":[1]}', '7']) {
  test(`a list of the plan's keys that somebody wrote takes no mark away: ${forged}`, async (t) => {
    const world = ground()
    world.cluster.put(tenant())
    await world.settle()
    const namespace = world.cluster.find<Namespace>('Namespace', 'tenant-acme')
    if (namespace === undefined) throw new Error('there is no namespace')
    const annotations = { ...namespace.metadata.annotations, 'tenantry.dev/plan-keys': forged }
    world.cluster.put({ ...namespace, metadata: { ...namespace.metadata, annotations } })
    await world.settle()
    t.is(namespaceOf(world)?.labels?.['tenantry.dev/tenant-uid'], 'uid-acme')
    t.is(namespaceOf(world)?.annotations?.['tenantry.dev/plan-keys'], undefined)
  })
}

test('a rollout that a crash cut off goes on at its pace; whoever is woken for another reason is not made to wait', async (t) => {
  const world = ground()
  const names = ['acme', 'globex', 'initech']
  for (const name of names) world.cluster.put(tenant({ name, uid: `uid-${name}` }))
  for (const name of names) await world.settle(`home/${name}`)
  const before = names.map((name) => world.tenant(`home/${name}`).status?.planRevision)
  world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))
  world.restart()
  for (const name of names) await world.pass(`home/${name}`)
  t.deepEqual(
    names.map((name) => podsOf(world, name)),
    ['7', '20', '20'],
  )
  t.deepEqual(
    names.map((name) => Math.round((world.due.get(`home/${name}`) ?? 0) / 50)),
    [world.due.get('home/acme') ?? 0, 100, 200].map((due) => Math.round(due / 50)),
  )
  await world.pass('home/initech')
  t.is(podsOf(world, 'initech'), '7')
  await world.pass('home/globex')
  t.is(podsOf(world, 'globex'), '7')
  const after = names.map((name) => world.tenant(`home/${name}`).status?.planRevision)
  t.is(new Set(after).size, 1)
  t.not(after[0], before[0])
})

test('an edit of the plan that was not tried yet is not followed, and nothing is written', async (t) => {
  const world = ground()
  world.cluster.put(tenant())
  await world.settle()
  const before = world.effects.length
  const edited = tenantPlan({ spec: { quota: { pods: '7' } } })
  const acceptedSpec = acceptedSpecOf(tenantPlan().spec)
  world.cluster.triesPlans = false
  world.cluster.put({ ...edited, status: { observedGeneration: 1, acceptedSpec } })
  await world.pass()
  t.is(world.effects.length, before)
  t.is(podsOf(world, 'acme'), '20')
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex' }))
  await world.settle('home/globex')
  t.is(podsOf(world, 'globex'), undefined)
  world.cluster.triesPlans = true
  world.cluster.put(edited)
  await world.pass()
  t.is(podsOf(world, 'acme'), '7')
  await world.settle('home/globex')
  t.is(podsOf(world, 'globex'), '7')
})

/** The plan as its reconciler leaves it that has found this spec refused. */
function refusedPlan(world: World, spec: object): void {
  const before = world.cluster.find<TenantPlan>('TenantPlan', 'standard') ?? tenantPlan()
  const acceptedSpec = acceptedSpecOf(before.spec)
  const conditions = [condition('Stalled', 'True', 'PlanRefused')]
  world.cluster.put({ ...tenantPlan({ spec }), status: { observedGeneration: 0, conditions, acceptedSpec } })
}

test('while an edit of its plan is refused a tenant is kept as the plan was before, mended, and turned off and on', async (t) => {
  const world = ground()
  world.cluster.put(tenant())
  await world.settle()
  const { status } = world.tenant()
  refusedPlan(world, { quota: { pods: '7' } })
  const rest = world.effects.length
  await world.pass()
  t.is(world.effects.length, rest)
  t.deepEqual(world.tenant().status, status)
  world.cluster.remove('NetworkPolicy', 'tenant-acme/tenantry-isolation')
  await world.settle()
  t.truthy(world.cluster.find('NetworkPolicy', 'tenant-acme/tenantry-isolation'))
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.is(world.tenant().status?.phase, 'Deactivated')
  world.edit({ state: 'Active' })
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.is(podsOf(world, 'acme'), '20')
})

test('nobody begins with a plan that is refused: neither who is new, nor who comes from another plan', async (t) => {
  const world = ground()
  world.cluster.put(tenantPlan({ name: 'gold', uid: 'uid-gold', spec: { default: false, quota: { pods: '50' } } }))
  world.cluster.put(tenant({ spec: { plan: 'gold' } }))
  await world.settle()
  refusedPlan(world, { quota: { pods: '7' } })
  world.edit({ plan: 'standard' })
  await world.settle()
  t.true(world.conditions().includes('Ready=False PlanNotReady'))
  t.is(world.tenant().status?.phase, 'Active')
  t.is(podsOf(world, 'acme'), '50')
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', spec: { plan: 'standard' } }))
  await world.settle('home/globex')
  t.is(world.cluster.find('Namespace', 'tenant-globex'), undefined)
})

test('one whose spec was edited meanwhile does not wait either', async (t) => {
  const world = ground()
  for (const name of ['acme', 'globex']) {
    world.cluster.put(tenant({ name, uid: `uid-${name}` }))
    await world.settle(`home/${name}`)
  }
  world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))
  world.edit({ displayName: 'Another' }, 'home/globex')
  world.restart()
  await world.pass()
  await world.pass('home/globex')
  t.is(podsOf(world, 'globex'), '7')
})

test('what could not be done is not recorded as done', async (t) => {
  const world = ground()
  world.cluster.put(tenant())
  await world.settle()
  const before = world.tenant().status?.planRevision
  world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))
  world.cluster.before = (write) => {
    if (write.includes('ResourceQuota')) throw new Error('no')
  }
  await t.throwsAsync(world.pass())
  t.is(world.tenant().status?.planRevision, before)
  world.cluster.before = () => {}
  await world.settle()
  t.not(world.tenant().status?.planRevision, before)
})
