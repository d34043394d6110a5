import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import { configMaps, events, type Event } from '../../operator/kube/resources.ts'
import { microTime } from '../../operator/runtime/leadership/lease-record.ts'
import { silent } from '../../operator/runtime/logging/log.ts'
import { Source } from '../../operator/runtime/cache/reflector.ts'
import { harness, testNamespace, uniqueName } from '../harness/context.ts'
import { quickest } from '../harness/quickest.ts'
import { startToxiproxy, type Proxy, type Toxiproxy } from '../harness/toxiproxy.ts'
import { eventually } from '../harness/wait.ts'
import { realClock, seededRandom } from '../unit/runtime/fake-clock.ts'
import { configMap, connect, noted, reflect } from './runtime-kube.ts'

interface Context {
  toxiproxy: Toxiproxy
}

const test = anyTest as TestFn<Context>

test.before(async (t) => {
  t.context.toxiproxy = await startToxiproxy()
})
test.after.always(async (t) => {
  await t.context.toxiproxy.stop()
})

function proxyTo(toxiproxy: Toxiproxy): Promise<Proxy> {
  return toxiproxy.proxy(uniqueName('apiserver'), new URL(harness().cluster.server).host)
}

for (const [how, watchList] of [
  ['streamed', true],
  ['in pages', false],
] as const) {
  test(`1,000 objects that come ${how} are all there, and later changes follow within a second`, async (t) => {
    const kube = connect(t)
    const namespace = await testNamespace(t)
    for (let from = 0; from < 1_000; from += 100) {
      const batch = Array.from({ length: 100 }, (_, index) => configMap(namespace, `c${from + index}`))
      await Promise.all(batch.map((object) => kube.create(configMaps, object)))
    }
    const watcher = noted(kube)
    const { source, changes } = reflect(t, watcher, namespace, { watchList })
    await source.synced
    t.is(source.cache.size, 1_000)
    t.is(new Set(changes.map(({ key }) => key)).size, 1_000)
    const lists = watcher.notes.filter((note) => note !== 'watch')
    // What others made in the namespace lies between the pages: there may be one more.
    if (watchList) t.true(lists.length > 0 && lists.every((note) => note === 'watch all'), lists.join())
    else t.true(lists.length >= 2 && lists.every((note) => note === 'page'), lists.join())
    const times: number[] = []
    for (const colour of ['blue', 'green', 'grey']) {
      const before = source.cache.get(`${namespace}/c7`)?.colour
      const from = performance.now()
      await kube.patch(configMaps, { namespace, name: 'c7' }, { data: { colour } })
      await eventually(() => source.cache.get(`${namespace}/c7`)?.colour === colour)
      times.push(performance.now() - from)
      t.like(changes.at(-1), { type: 'updated', before: { colour: before }, after: { colour } })
    }
    t.true(Math.min(...times) < 1_000, times.join(', '))
  })
}

test('this server streams lists: nobody has to ask for pages', async (t) => {
  const namespace = await testNamespace(t)
  const features = { watchList: true }
  const { source } = reflect(t, connect(t), namespace, features)
  await source.synced
  t.true(features.watchList)
})

test('after a cut it goes on from where it was: caught up within 2 s, without listing', async (t) => {
  t.timeout(180_000)
  const took = await quickest(2_000, () => afterCut(t))
  t.true(took < 2_000, `${took} ms`)
})

/** Milliseconds from the end of a cut until what happened meanwhile is known. */
async function afterCut(t: ExecutionContext<Context>): Promise<number> {
  const namespace = await testNamespace(t)
  const proxy = await proxyTo(t.context.toxiproxy)
  const direct = connect(t)
  const watcher = noted(connect(t, proxy))
  await direct.create(configMaps, configMap(namespace, 'a'))
  const { source, changes } = reflect(t, watcher, namespace)
  await source.synced
  await proxy.disable()
  await direct.create(configMaps, configMap(namespace, 'b'))
  const a = await direct.get(configMaps, { namespace, name: 'a' })
  await direct.delete(configMaps, { namespace, name: 'a' }, { uid: a?.metadata.uid ?? '' })
  // Long enough that reconnecting has failed several times and backs off.
  await eventually(() => !source.live())
  t.is(source.cache.size, 1)
  await proxy.enable()
  const healed = performance.now()
  await eventually(() => source.cache.get(`${namespace}/b`) !== undefined && source.cache.size === 1)
  const took = performance.now() - healed
  t.deepEqual(
    changes.map(({ type, key }) => `${type} ${key.split('/')[1]}`),
    ['added a', 'added b', 'deleted a'],
  )
  t.is(watcher.notes[0], 'watch all')
  t.true(watcher.notes.slice(1).every((note) => note === 'watch'))
  t.true(source.live())
  return took
}

test('deleted and made anew while cut is a deletion and an addition with another uid', async (t) => {
  const namespace = await testNamespace(t)
  const proxy = await proxyTo(t.context.toxiproxy)
  const direct = connect(t)
  const before = await direct.create(configMaps, configMap(namespace, 'a'))
  const { source, changes } = reflect(t, connect(t, proxy), namespace)
  await source.synced
  await proxy.disable()
  await direct.delete(configMaps, { namespace, name: 'a' }, { uid: before.metadata.uid ?? '' })
  const after = await direct.create(configMaps, configMap(namespace, 'a'))
  await proxy.enable()
  await eventually(() => source.cache.get(`${namespace}/a`)?.uid === after.metadata.uid)
  t.like(changes, [
    { type: 'added', after: { uid: before.metadata.uid } },
    { type: 'deleted', before: { uid: before.metadata.uid } },
    { type: 'added', after: { uid: after.metadata.uid } },
  ])
})

const event = (namespace: string, name: string): Event => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { namespace, name },
  eventTime: microTime(Date.UTC(2030, 0, 1)),
  reportingController: 'tenantry.dev/test',
  reportingInstance: 'test',
  action: 'Test',
  reason: 'Tested',
  type: 'Normal',
  regarding: { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace },
})

// Events are the kind that the apiserver keeps no watch cache of: a watch goes to etcd itself, and so does its 410.
test('what etcd has compacted away is listed anew: deletions that nobody told are found', async (t) => {
  const { etcdClient } = harness().cluster
  if (etcdClient === undefined) {
    t.pass('the cluster is not ours')
    return
  }
  const namespace = await testNamespace(t)
  const proxy = await proxyTo(t.context.toxiproxy)
  const direct = connect(t)
  const gone = await direct.create(events, event(namespace, 'goes'))
  await direct.create(events, event(namespace, 'stays'))
  const lines: string[] = []
  const source = new Source<Event, string>(
    { resource: events, namespace, fieldSelector: 'reason=Tested', project: ({ metadata }) => metadata.name },
    {
      watcher: connect(t, proxy),
      clock: realClock,
      random: seededRandom(),
      log: { ...silent, with: () => ({ ...silent, info: (message) => void lines.push(message) }) },
    },
  )
  const told: string[] = []
  source.onChange(({ type, key }) => void told.push(`${type} ${key.split('/')[1]}`))
  const stop = new AbortController()
  const running = source.run(stop.signal)
  t.teardown(async () => {
    stop.abort()
    await running
  })
  await source.synced
  t.deepEqual(told.splice(0).toSorted(), ['added goes', 'added stays'])
  await proxy.disable()
  await direct.delete(events, { namespace, name: 'goes' }, { uid: gone.metadata.uid ?? '' })
  await direct.create(events, event(namespace, 'comes'))
  await etcdClient.compact()
  await proxy.enable()
  await eventually(() => told.length === 2)
  t.deepEqual(told.toSorted(), ['added comes', 'deleted goes'])
  t.deepEqual(lines, ['what the watch had seen is too old for the server, listing again'])
})

test('a watch that dies silently is noticed within 45 s, readiness says so, and it is caught up 2 s after healing', async (t) => {
  t.timeout(420_000)
  const took = await quickest(2_000, () => afterSilence(t))
  t.true(took < 2_000, `${took} ms`)
})

/** Milliseconds from the healing of a connection that had died silently until what happened meanwhile is known. */
async function afterSilence(t: ExecutionContext<Context>): Promise<number> {
  const namespace = await testNamespace(t)
  const proxy = await proxyTo(t.context.toxiproxy)
  const direct = connect(t)
  const { source } = reflect(t, connect(t, proxy), namespace)
  await source.synced
  const heal = await proxy.toxic('timeout', { timeout: 0 })
  const healUpstream = await proxy.toxic('timeout', { timeout: 0 }, { stream: 'upstream' })
  // Nothing comes through from here on. How long it seemed to live is told by the last look that found it so.
  const died = performance.now()
  let seemed = died
  await direct.create(configMaps, configMap(namespace, 'a'))
  t.true(source.live())
  const isNoticed = () => {
    const now = performance.now()
    if (!source.live()) return true
    seemed = now
    return false
  }
  await eventually(isNoticed, { timeout: 120_000, interval: 100, describe: 'the dead watch to be noticed' })
  t.true(seemed - died <= 45_000, `${seemed - died} ms`)
  t.is(source.cache.size, 0)
  await heal()
  await healUpstream()
  const healed = performance.now()
  await eventually(() => source.cache.size === 1)
  const took = performance.now() - healed
  t.true(source.live())
  return took
}
