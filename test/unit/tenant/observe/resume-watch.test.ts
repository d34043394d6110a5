import test from 'ava'
import type { KubeObject, ListOptions, Resource } from '../../../../operator/kube/port.ts'
import { ResumeWatch } from '../../../../operator/tenant/observe/resume-watch.ts'

/** Objects in `tenant-acme` by `Kind/name`, a clock that is set by hand, and how many lists were asked for. */
function setting() {
  const world = { lacking: ['ReplicaSet/web'], now: 0, lists: 0 }
  const list = <T extends KubeObject>({ kind }: Resource<T>, { namespace = '' }: ListOptions = {}): Promise<T[]> => {
    world.lists += 1
    const names = world.lacking.filter((id) => id.startsWith(`${kind}/`)).map((id) => id.slice(kind.length + 1))
    const objects = names.map((name) => ({ metadata: { name, namespace, uid: `uid-${name}` } }) as T) // a workload
    return Promise.resolve(namespace === 'tenant-acme' ? objects : [])
  }
  const watch = new ResumeWatch({ clock: { monotonic: () => world.now }, kube: { list } })
  const look = async (age = 0) => {
    const found = await watch.look('u', 'tenant-acme', age)
    return found.map(({ resource, name, uid }) => `${resource.kind}/${name} ${uid}`)
  }
  /** Seconds at which it asks, if it is asked whenever it says that it wants to be. */
  const times = async (age = 0) => {
    const asked: number[] = []
    do {
      const before = world.lists
      await look(age)
      if (world.lists > before) asked.push(world.now / 1000)
      world.now += watch.dueIn('u') ?? 0
    } while (watch.dueIn('u') !== undefined)
    return asked
  }
  return { world, watch, look, times }
}

test('what lacks its pods is found, and looked for again ever more seldom while it does, for as long as a quota is remembered', async (t) => {
  const { look, times } = setting()
  t.deepEqual(await setting().look(), ['ReplicaSet/web uid-web'])
  t.deepEqual(await times(), [0, 1, 2, 4, 8, 16, 32, 35])
  t.deepEqual(await look(), [])
})

test('between two looks nothing is asked; when all have their pods it is over', async (t) => {
  const { look, watch, world } = setting()
  await look()
  const { lists } = world
  t.deepEqual(await look(), [])
  t.is(world.lists, lists)
  world.now = 1_000
  world.lacking = []
  t.deepEqual(await look(), [])
  t.true(world.lists > lists)
  t.is(watch.dueIn('u'), undefined)
})

test('a CronJob, which does not say what it lacks, is woken twice', async (t) => {
  const { look, world } = setting()
  world.lacking = ['CronJob/nightly']
  t.deepEqual(await look(), ['CronJob/nightly uid-nightly'])
  world.now = 1_000
  t.deepEqual(await look(), ['CronJob/nightly uid-nightly'])
  world.now = 2_000
  t.deepEqual(await look(), [])
})

test('after a restart it is gone on with, for what is left of the time, and once when that is over', async (t) => {
  t.deepEqual(await setting().times(10_000), [0, 10, 25])
  t.deepEqual(await setting().times(60_000), [0])
})

test('one that is forgotten is looked at from the beginning when it comes back once more', async (t) => {
  const { times, watch } = setting()
  await times()
  watch.forget('u')
  t.is((await times()).length, 8)
})
