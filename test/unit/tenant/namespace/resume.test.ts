/** Workloads without pods when the tenant is on again are woken. */
import test from 'ava'
import type { Replicated } from '../../../../operator/kube/resources.ts'
import type { World } from '../world.ts'
import { running } from './suspension-scene.ts'

const replicaSet = (name: string, replicas: number): Replicated => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name, namespace: 'tenant-acme', uid: `uid-${name}` },
  spec: { replicas },
})

const wakes = (world: World) => world.cluster.writes.filter((write) => write.startsWith('patch ReplicaSet'))

test('workloads without their pods are woken, when the quota is seen to be gone and not before', async (t) => {
  const world = await running()
  world.cluster.put(replicaSet('web', 2))
  world.cluster.put(replicaSet('web-before', 0))
  world.edit({ state: 'Deactivated' })
  await world.settle()
  world.cluster.writes.length = 0
  world.edit({ state: 'Active' })
  world.cluster.lagging = true
  await world.pass()
  t.true(world.cluster.writes.includes('delete ResourceQuota tenant-acme/tenantry-suspension'))
  t.deepEqual(wakes(world), [])
  t.true(world.tenant().status?.conditions?.some(({ reason }) => reason === 'Reviving'))
  world.cluster.catchUp()
  await world.settle()
  t.deepEqual(wakes(world), ['patch ReplicaSet tenant-acme/web'])
  const woken = world.cluster.find<Replicated>('ReplicaSet', 'tenant-acme/web')
  t.is(woken?.metadata.annotations?.['tenantry.dev/woken-at'], world.tenant().status?.revivedAt)
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('whoever is refused once more is woken again, also by another operator; one that stays without pods is left at last', async (t) => {
  const world = await running()
  world.cluster.put(replicaSet('web', 2))
  world.edit({ state: 'Deactivated' })
  await world.settle()
  world.edit({ state: 'Active' })
  await world.settle()
  t.is(wakes(world).length, 1)
  await world.clock.advance(1_000)
  await world.pass()
  t.is(wakes(world).length, 2)
  world.restart()
  await world.pass()
  t.is(wakes(world).length, 3)
  for (let second = 0; second < 60; second += 1) {
    await world.clock.advance(1_000)
    await world.pass()
  }
  const total = wakes(world).length
  t.true(total <= 8, `woken ${total} times`)
  await world.clock.advance(60_000)
  await world.pass()
  t.is(wakes(world).length, total)
  // It may have been refused while there was no operator, and its controller waits for up to 1,000 s.
  world.restart()
  await world.pass()
  await world.clock.advance(60_000)
  await world.pass()
  t.is(wakes(world).length, total + 1)
  await world.clock.advance(1_000_000)
  world.restart()
  await world.pass()
  t.is(wakes(world).length, total + 1)
})

test('one that goes off again at once has its whole time until pods are deleted', async (t) => {
  const world = await running()
  world.edit({ state: 'Deactivated' })
  await world.settle()
  const first = world.tenant().status?.suspendedAt
  world.edit({ state: 'Active' })
  await world.settle()
  await world.clock.advance(10_000)
  world.edit({ state: 'Deactivated' })
  await world.settle()
  const { suspendedAt, revivedAt } = world.tenant().status ?? {}
  t.is(Date.parse(suspendedAt ?? '') - Date.parse(first ?? ''), 10_000)
  t.is(revivedAt, undefined)
})
