import test from 'ava'
import { KubeConfig } from '@kubernetes/client-node'
import type { KubeObject, Resource } from '../../../operator/kube/port.ts'
import { itself, TenantryOperator, watch } from '../../../operator/app/operator.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { createMetrics } from '../../../operator/runtime/metrics/metrics.ts'
import { done } from '../../../operator/runtime/queue/reconcile.ts'
import { Source } from '../../../operator/runtime/cache/reflector.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { FakeKube } from '../runtime/fake-kube.ts'

interface Labelled {
  readonly owner: string | undefined
}

const parents: Resource = { apiVersion: 'v1', kind: 'Parent', plural: 'parents', namespaced: true }
const children: Resource = { apiVersion: 'v1', kind: 'Child', plural: 'children', namespaced: true }
const object = (name: string, owner?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: owner === undefined ? 'Parent' : 'Child',
  metadata: { namespace: 'ns', name, ...(owner === undefined ? {} : { labels: { owner } }) },
})

function operatorOver(kube = new FakeKube()) {
  const clock = new FakeClock()
  const random = seededRandom()
  const ports = { watcher: kube, clock, random, log: silent }
  const parentSource = new Source({ resource: parents, project: (parent: KubeObject) => parent }, ports)
  const childSource = new Source<KubeObject, Labelled>(
    { resource: children, project: ({ metadata }) => ({ owner: metadata.labels?.['owner'] }) },
    ports,
  )
  const passes: string[] = []
  /** What a reconciler has seen before, by its own memory. */
  const repeated: string[] = []
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'c', server: 'https://localhost:1', skipTLSVerify: false }, { name: 'u' })
  const operator = new TenantryOperator({
    config,
    clock,
    random,
    log: silent,
    metrics: createMetrics(clock.monotonic),
    rows: [
      watch(parentSource, itself('parent')),
      watch(
        childSource,
        ({ owner }) => (owner === undefined ? [] : [{ controller: 'parent', key: owner }]),
        ({ before, after }) => before?.owner !== after?.owner,
      ),
    ],
    controllers: () => {
      const remembered = new Set<string>()
      return [
        {
          name: 'parent',
          reconcile: async (key) => {
            passes.push(key)
            if (remembered.has(key)) repeated.push(key)
            remembered.add(key)
            return done
          },
        },
      ]
    },
  })
  return { kube, clock, operator, passes, repeated, seen: () => passes.splice(0).toSorted() }
}

test('a standby follows the server and works on nothing; once it leads, every known key comes up once', async (t) => {
  const { kube, clock, operator, seen } = operatorOver()
  await kube.create(parents, object('a'))
  await kube.create(parents, object('b'))
  await kube.create(children, object('child', 'ns/a'))
  const started = operator.start()
  await clock.advance(0)
  await started
  t.deepEqual(operator.lagging(), [])
  await clock.advance(20_000)
  t.deepEqual(seen(), [])
  operator.lead()
  await clock.advance(0)
  t.deepEqual(seen(), ['ns/a', 'ns/b'])
  await operator.shutDown(1_000)
})

test('a change wakes whom the table names, and a child that changed hands wakes the old owner too', async (t) => {
  const { kube, clock, operator, seen } = operatorOver()
  void operator.start()
  await clock.advance(0)
  operator.lead()
  await kube.create(children, object('child', 'ns/a'))
  await clock.advance(0)
  t.deepEqual(seen(), ['ns/a'])
  await kube.patch(children, { namespace: 'ns', name: 'child' }, { metadata: { labels: { owner: 'ns/b' } } })
  await clock.advance(0)
  t.deepEqual(seen(), ['ns/a', 'ns/b'])
  await kube.patch(children, { namespace: 'ns', name: 'child' }, { metadata: { annotations: { note: 'x' } } })
  await clock.advance(0)
  t.deepEqual(seen(), [], 'the predicate leaves out what nobody cares for')
  await operator.shutDown(1_000)
})

test('one that stood by for a while and leads again works on everything anew', async (t) => {
  const { kube, clock, operator, seen } = operatorOver()
  await kube.create(parents, object('a'))
  void operator.start()
  await clock.advance(0)
  operator.lead()
  await clock.advance(0)
  t.deepEqual(seen(), ['ns/a'])
  const standing = operator.standBy(1_000)
  await clock.advance(2_000)
  await standing
  await kube.create(parents, object('b'))
  await clock.advance(60_000)
  t.deepEqual(seen(), [])
  operator.lead()
  await clock.advance(0)
  t.deepEqual(seen(), ['ns/a', 'ns/b'])
  await operator.shutDown(1_000)
})

test('what its reconcilers remember ends with a leadership: another one may have led in between', async (t) => {
  const { kube, clock, operator, repeated, seen } = operatorOver()
  await kube.create(parents, object('a'))
  void operator.start()
  await clock.advance(0)
  operator.lead()
  await clock.advance(0)
  operator.wake({ controller: 'parent', key: 'ns/a' })
  await clock.advance(0)
  t.deepEqual([seen(), repeated.splice(0)], [['ns/a', 'ns/a'], ['ns/a']])
  await operator.standBy(0)
  operator.lead()
  await clock.advance(0)
  t.deepEqual([seen(), repeated], [['ns/a'], []])
  await operator.shutDown(1_000)
})

test('when the wall clock is set, what is due in a month is looked at now: its month may be over', async (t) => {
  const { clock, operator, seen } = operatorOver()
  void operator.start()
  await clock.advance(0)
  operator.lead()
  operator.wake({ controller: 'parent', key: 'ns/a', after: 30 * 86_400_000 })
  await clock.advance(60_000)
  t.deepEqual(seen(), [])
  clock.setWall(clock.now() + 30 * 86_400_000)
  await clock.advance(10_000)
  t.deepEqual(seen(), ['ns/a'])
  await operator.shutDown(1_000)
})

test('shutting down ends the reflectors: nothing is left on the clock', async (t) => {
  const { kube, clock, operator } = operatorOver()
  void operator.start()
  await clock.advance(0)
  operator.lead()
  t.is(kube.watching, 2)
  const ending = operator.shutDown(1_000)
  await clock.advance(3_000)
  await ending
  t.is(kube.watching, 0)
  t.is(clock.pending, 0)
})

test('waking a controller that does not exist is a mistake in the table, and says so', (t) => {
  const { operator } = operatorOver()
  t.throws(() => operator.wake({ controller: 'tenat', key: 'ns/a' }), { message: /no controller named tenat/ })
})

test("none of the base class's own I/O can be reached: it would exit the process or swallow errors", (t) => {
  const { operator } = operatorOver()
  const base: object = Object.getPrototypeOf(TenantryOperator.prototype) as object
  const kept = new Set(['constructor', 'start', 'getCustomResourceApiUri', 'applyAxiosKubeConfigAuth'])
  // Called by the methods above only, which are replaced.
  const internal = new Set(['applyGaxiosKubeConfigAuth', 'resourceStatusRequest', 'errorToJson'])
  const inherited = Object.getOwnPropertyNames(base).filter((method) => !kept.has(method) && !internal.has(method))
  t.true(inherited.includes('watchResource'))
  t.deepEqual(
    inherited.filter((method) => !Object.hasOwn(Object.getPrototypeOf(operator) as object, method)),
    [],
  )
})
