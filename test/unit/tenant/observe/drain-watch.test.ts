import test from 'ava'
import type { KubeObject, ListOptions, Resource } from '../../../../operator/kube/port.ts'
import { DrainWatch } from '../../../../operator/tenant/observe/drain-watch.ts'

const interval = 600_000

/** Pods by name, a clock that is set by hand, and how often was asked. */
function setting() {
  const world = { pods: [] as string[], now: 0, asked: 0 }
  const list = <T extends KubeObject>(_resource: Resource<T>, { namespace = '' }: ListOptions = {}): Promise<T[]> => {
    world.asked += 1
    const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, uid: name } }) as T // a Pod
    return Promise.resolve(world.pods.map(pod))
  }
  const ports = { clock: { monotonic: () => world.now }, random: { fraction: () => 0.5 }, kube: { list } }
  return { world, watch: new DrainWatch(ports, interval) }
}

const facts = { uid: 'u', namespace: 'tenant-acme', quota: 'q1', settled: false }

test('it is asked until no pod is left, once more soon after, and then rarely', async (t) => {
  const { world, watch } = setting()
  world.pods = ['web']
  for (const count of [1, 2, 3]) {
    const seen = await watch.look(facts)
    t.deepEqual(typeof seen === 'object' ? seen.left.map(({ name }) => name) : seen, ['web'])
    t.is(world.asked, count)
    t.is(watch.dueIn('u'), undefined)
  }
  world.pods = []
  t.is(await watch.look(facts), 'Drained')
  t.is(watch.dueIn('u'), 5_000)
  t.is(await watch.look(facts), 'Drained')
  t.is(world.asked, 4)
  world.now = 5_000
  t.is(await watch.look(facts), 'Drained')
  t.is(world.asked, 5)
  t.is(watch.dueIn('u'), interval)
})

test('without its quota nothing is known, even if no pod is there at the moment', async (t) => {
  const { watch } = setting()
  t.is(await watch.look({ ...facts, quota: undefined }), 'Unknown')
})

test('a quota that was taken away and put back is a reason to look again', async (t) => {
  const { world, watch } = setting()
  await watch.look(facts)
  world.pods = ['slipped-in']
  t.is(await watch.look(facts), 'Drained')
  const seen = await watch.look({ ...facts, quota: 'q2' })
  t.deepEqual(typeof seen === 'object' ? seen.left.map(({ name }) => name) : seen, ['slipped-in'])
})

test('after a restart a status that says so is believed, and tried within the interval', async (t) => {
  const { world, watch } = setting()
  t.is(await watch.look({ ...facts, settled: true }), 'Drained')
  t.is(world.asked, 0)
  t.is(watch.dueIn('u'), interval / 2)
  world.now = interval / 2
  t.is(await watch.look({ ...facts, settled: true }), 'Drained')
  t.is(world.asked, 1)
})

test('a status that is out of date is not believed once somebody has looked', async (t) => {
  const { world, watch } = setting()
  t.is(await watch.look({ ...facts, quota: undefined, settled: true }), 'Unknown')
  world.pods = ['slipped-in']
  t.not(await watch.look({ ...facts, quota: 'q2', settled: true }), 'Drained')
})

test('a tenant without a namespace stands still', async (t) => {
  const { world, watch } = setting()
  t.is(await watch.look({ ...facts, namespace: undefined }), 'Drained')
  t.is(world.asked, 0)
})

test('what is forgotten is asked anew', async (t) => {
  const { world, watch } = setting()
  await watch.look(facts)
  watch.forget('u')
  t.is(watch.dueIn('u'), undefined)
  await watch.look(facts)
  t.is(world.asked, 2)
})
