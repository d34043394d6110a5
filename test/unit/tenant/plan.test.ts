/** An edit of a plan, and what becomes of its tenants. */
import test from 'ava'

import type { Namespace, ResourceQuota } from '../../../operator/kube/resources.ts'
import { tenant, tenantPlan } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

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
