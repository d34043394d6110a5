import test from 'ava'
import { KubeError, type KubeObject, type Resource } from '../../../../operator/kube/port.ts'
import { silent } from '../../../../operator/runtime/logging/log.ts'
import type { Change } from '../../../../operator/runtime/cache/object-store.ts'
import { Source } from '../../../../operator/runtime/cache/reflector.ts'
import { FakeClock, seededRandom, settle } from '../fake-clock.ts'
import { FakeKube } from '../fake-kube.ts'
import type { SourceOptions } from '../../../../operator/runtime/cache/source-ports.ts'

interface Thing extends KubeObject {
  readonly colour?: string
}

const things: Resource<Thing> = { apiVersion: 'v1', kind: 'Thing', plural: 'things', namespaced: true }
const thing = (name: string, colour = 'red'): Thing => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { namespace: 'ns', name },
  colour,
})

interface Kept {
  readonly uid: string
  readonly colour: string
}

function reflect(kube = new FakeKube(), options: Partial<SourceOptions<Thing, Kept, 'colour'>> = {}) {
  const clock = new FakeClock()
  const source = new Source<Thing, Kept, 'colour'>(
    {
      resource: things,
      project: ({ metadata, colour = '' }) => ({ uid: metadata.uid ?? '', colour }),
      indexes: { colour: ({ colour }) => [colour] },
      ...options,
    },
    { watcher: kube, clock, random: seededRandom(), log: silent, features: { watchList: !kube.refusesInitialEvents } },
  )
  const changes: Change<Kept>[] = []
  source.onChange((change) => void changes.push(change))
  const stop = new AbortController()
  const running = source.run(stop.signal)
  const told = () => changes.splice(0).map(({ type, key }) => `${type} ${key}`)
  const end = async () => {
    stop.abort()
    await clock.advance(0)
    await running
  }
  return { kube, clock, source, told, changes, end }
}

const keyed = { namespace: 'ns', name: 'a' }
const uidOf = async (kube: FakeKube, name: string) =>
  (await kube.get(things, { namespace: 'ns', name }))?.metadata.uid ?? ''

for (const how of ['streamed', 'in pages'] as const) {
  const server = () => {
    const kube = new FakeKube()
    kube.refusesInitialEvents = how === 'in pages'
    return kube
  }

  test(`all objects are there after a list that comes ${how}, and each is told once`, async (t) => {
    const kube = server()
    for (let index = 0; index < 1_200; index += 1) await kube.create(things, thing(`t${index}`))
    const { source, told, clock, end } = reflect(kube)
    await clock.advance(0)
    await source.synced
    t.is(source.cache.size, 1_200)
    t.is(new Set(told()).size, 1_200)
    t.is(kube.calls.filter((call) => call.startsWith('list')).length, how === 'streamed' ? 0 : 3)
    await end()
  })

  test(`changes are told with what was before and after (${how})`, async (t) => {
    const { kube, changes, clock, end } = reflect(server())
    await clock.advance(0)
    await kube.create(things, thing('a'))
    await kube.patch(things, keyed, { colour: 'blue' })
    await kube.delete(things, keyed, { uid: await uidOf(kube, 'a') })
    await clock.advance(0)
    t.like(changes, [
      { type: 'added', key: 'ns/a', before: undefined, after: { colour: 'red' } },
      { type: 'updated', key: 'ns/a', before: { colour: 'red' }, after: { colour: 'blue' } },
      { type: 'deleted', key: 'ns/a', before: { colour: 'blue' }, after: undefined },
    ])
    await end()
  })

  test(`after a cut it goes on from where it was, without a list (${how})`, async (t) => {
    const { kube, told, clock, end } = reflect(server())
    await clock.advance(0)
    await kube.create(things, thing('a'))
    await clock.advance(0)
    told()
    kube.calls.length = 0
    kube.cut()
    await kube.create(things, thing('b'))
    await clock.advance(2_000)
    t.deepEqual(told(), ['added ns/b'])
    t.deepEqual(kube.calls.filter((call) => !call.startsWith('create')).length, 1)
    await end()
  })

  test(`what is too old to go on from is listed anew: only what differs is told, deletions too (${how})`, async (t) => {
    const { kube, source, told, clock, end } = reflect(server())
    await clock.advance(0)
    for (const name of ['stays', 'goes', 'changes', 'reborn']) await kube.create(things, thing(name))
    await clock.advance(0)
    told()
    kube.before = (verb) => {
      if (verb === 'watch' || verb === 'list') throw new KubeError('Unavailable', 'refused', 0)
    }
    kube.cut()
    await kube.delete(things, { ...keyed, name: 'goes' }, { uid: await uidOf(kube, 'goes') })
    await kube.patch(things, { ...keyed, name: 'changes' }, { colour: 'blue' })
    await kube.delete(things, { ...keyed, name: 'reborn' }, { uid: await uidOf(kube, 'reborn') })
    await kube.create(things, thing('reborn'))
    await kube.create(things, thing('new'))
    kube.compact()
    await clock.advance(10_000)
    t.deepEqual(told(), [])
    kube.before = () => {}
    await clock.advance(2_000)
    t.deepEqual(told().toSorted(), [
      'added ns/new',
      'added ns/reborn',
      'deleted ns/goes',
      'deleted ns/reborn',
      'updated ns/changes',
    ])
    t.is(source.cache.size, 4)
    t.true(source.live())
    await end()
  })
}

test('an object that was deleted and made anew is a deletion and an addition, in this order', async (t) => {
  const { kube, told, changes, clock, end } = reflect()
  await clock.advance(0)
  await kube.create(things, thing('a'))
  await clock.advance(0)
  told()
  kube.cut()
  await kube.delete(things, keyed, { uid: await uidOf(kube, 'a') })
  await kube.create(things, thing('a', 'blue'))
  kube.compact()
  await clock.advance(2_000)
  t.like(changes, [
    { type: 'deleted', before: { uid: 'uid-1', colour: 'red' } },
    { type: 'added', after: { uid: 'uid-2', colour: 'blue' } },
  ])
  await end()
})

test('a bookmark moves the point to go on from', async (t) => {
  const { kube, clock, end } = reflect()
  await clock.advance(0)
  await kube.create({ ...things, plural: 'others' }, thing('x'))
  kube.bookmark()
  await clock.advance(0)
  kube.compact()
  kube.calls.length = 0
  kube.cut()
  await clock.advance(2_000)
  t.deepEqual(kube.calls, ['watch things 101'])
  await end()
})

test('a server that does not stream lists is asked once, then listed in pages', async (t) => {
  const kube = new FakeKube()
  kube.refusesInitialEvents = true
  const clock = new FakeClock()
  const features = { watchList: true }
  const ports = { watcher: kube, clock, random: seededRandom(), log: silent, features }
  const stop = new AbortController()
  const sources = ['things', 'others'].map(
    (plural) => new Source({ resource: { ...things, plural }, project: (object: Thing) => object }, ports),
  )
  const first = sources[0]?.run(stop.signal)
  await clock.advance(0)
  const second = sources[1]?.run(stop.signal)
  await clock.advance(0)
  t.deepEqual(kube.calls, ['watch things', 'list things', 'watch things 100', 'list others', 'watch others 100'])
  stop.abort()
  await clock.advance(0)
  await Promise.all([first, second])
})

test('a watch that goes silent is noticed within 45 s: not live, connection left, then back without a list', async (t) => {
  const { kube, source, told, clock, end } = reflect()
  await clock.advance(0)
  kube.cut('end')
  await clock.advance(1_000)
  t.true(source.live())
  kube.silence()
  await kube.create(things, thing('a'))
  kube.before = (verb) => {
    if (verb === 'watch') throw new KubeError('Timeout', 'no headers', 0)
  }
  await clock.advance(45_000)
  t.false(source.live())
  t.true(kube.distrusted >= 1)
  t.deepEqual(told(), [])
  kube.before = () => {}
  kube.calls.length = 0
  await clock.advance(2_000)
  t.deepEqual(told(), ['added ns/a'])
  t.true(source.live())
  t.false(kube.calls.some((call) => call.startsWith('list')))
  await end()
})

test('a list that is streamed and stops half-way is given up after 15 s', async (t) => {
  const kube = new FakeKube()
  await kube.create(things, thing('a'))
  const { source, clock, end } = reflect(kube)
  kube.silence()
  // The stream was opened before; one that gets nothing is what a swallowing proxy gives.
  t.false(source.hasSynced)
  await clock.advance(20_000)
  await source.synced
  t.is(source.cache.size, 1)
  await end()
})

test('a quiet watch is renewed before 45 s and stays live without bookmarks', async (t) => {
  const { kube, source, clock, end } = reflect()
  for (let minutes = 0; minutes < 10; minutes += 1) {
    await clock.advance(60_000)
    kube.cut('end')
    await clock.advance(1_000)
    t.true(source.live())
  }
  await end()
})

test('a handler that throws harms neither the stream nor the other handlers', async (t) => {
  const kube = new FakeKube()
  const { source, told, clock, end } = reflect(kube)
  source.onChange(() => {
    throw new Error('a mistake in a handler')
  })
  const after: string[] = []
  source.onChange(({ key }) => void after.push(key))
  await clock.advance(0)
  await kube.create(things, thing('a'))
  await kube.create(things, thing('b'))
  await clock.advance(0)
  t.deepEqual(told(), ['added ns/a', 'added ns/b'])
  t.deepEqual(after, ['ns/a', 'ns/b'])
  await end()
})

test('a server that refuses is asked less and less, and no more than every 1.5 s when it cannot be reached', async (t) => {
  const attempts = async (error: KubeError) => {
    const kube = new FakeKube()
    kube.before = () => {
      throw error
    }
    const { clock, end } = reflect(kube)
    await clock.advance(60_000)
    await end()
    return kube.calls.length
  }
  const unreachable = await attempts(new KubeError('Unavailable', 'refused', 0))
  t.true(unreachable >= 40 && unreachable < 90, `${unreachable} attempts in a minute`)
  const forbidden = await attempts(new KubeError('Forbidden', 'no', 403))
  t.true(forbidden >= 6 && forbidden < 20, `${forbidden} attempts in a minute`)
  t.true((await attempts(new KubeError('TooManyRequests', 'slow', 429, { retryAfter: 20_000 }))) <= 4)
})

test('what tells nothing is not kept: managed fields and kubectl’s copy of the manifest', async (t) => {
  const kube = new FakeKube()
  const clock = new FakeClock()
  const source = new Source<Thing>(
    { resource: things, project: (object) => object },
    { watcher: kube, clock, random: seededRandom(), log: silent },
  )
  const noisy = {
    ...thing('a'),
    metadata: {
      ...keyed,
      managedFields: [{ manager: 'kubectl' }],
      annotations: { mine: 'yes', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    },
  }
  await kube.create(things, noisy)
  const stop = new AbortController()
  const running = source.run(stop.signal)
  await clock.advance(0)
  t.deepEqual(source.cache.get('ns/a')?.metadata.annotations, { mine: 'yes' })
  t.false('managedFields' in (source.cache.get('ns/a')?.metadata ?? {}))
  stop.abort()
  await settle()
  await running
})

test('an index follows what changes', async (t) => {
  const { kube, source, clock, end } = reflect()
  await clock.advance(0)
  await kube.create(things, thing('a'))
  await kube.create(things, thing('b'))
  await clock.advance(0)
  t.is(source.cache.by('colour', 'red').length, 2)
  await kube.patch(things, keyed, { colour: 'blue' })
  await kube.delete(things, { ...keyed, name: 'b' }, { uid: await uidOf(kube, 'b') })
  await clock.advance(0)
  t.deepEqual(source.cache.by('colour', 'red'), [])
  t.deepEqual(source.cache.by('colour', 'blue'), [{ uid: 'uid-1', colour: 'blue' }])
  await end()
})
