import test from 'ava'
import type { Pod } from '../../../../operator/kube/resources.ts'
import {
  endingPods,
  hangingMessage,
  hangingPods,
  podStops,
  runningPods,
} from '../../../../operator/tenant/model/workloads.ts'

const now = Date.parse('2030-01-01T12:00:00Z')
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString()

interface Over {
  readonly name?: string
  readonly phase?: string
  readonly node?: string
  readonly endsIn?: number
  readonly grace?: number
  readonly mirror?: boolean
  readonly finalizers?: readonly string[]
}

function pod({ name = 'web', phase = 'Running', node = 'n1', endsIn, grace, mirror, finalizers }: Over): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'tenant-acme',
      uid: `uid-${name}`,
      ...(endsIn === undefined ? {} : { deletionTimestamp: at(endsIn) }),
      ...(mirror === true ? { annotations: { 'kubernetes.io/config.mirror': 'x' } } : {}),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    spec: {
      ...(node === '' ? {} : { nodeName: node }),
      ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }),
    },
    status: { phase },
  }
}

const cases: readonly (readonly [string, Over, boolean])[] = [
  ['one that runs', {}, true],
  ['one that waits for a node', { phase: 'Pending', node: '' }, true],
  ['one whose node does not tell', { phase: 'Unknown' }, true],
  ['one that is ending on its node', { endsIn: 10 }, true],
  ['one that has succeeded', { phase: 'Succeeded' }, false],
  ['one that has failed', { phase: 'Failed' }, false],
  ['one that has ended and is held by a finalizer', { phase: 'Failed', endsIn: -60, finalizers: ['x/y'] }, false],
  ['one that is ending and never had a node', { phase: 'Pending', node: '', endsIn: 0 }, false],
  ['the shadow of a static pod', { mirror: true }, false],
]

for (const [what, over, counts] of cases) {
  test(`a pod ${counts ? 'counts' : 'does not count'} as running: ${what}`, (t) => {
    t.is(runningPods([pod(over)]).length, counts ? 1 : 0)
  })
}

test('pods are told by name, whatever order they are listed in', (t) => {
  const names = runningPods([pod({ name: 'b' }), pod({ name: 'a' })]).map(({ name }) => name)
  t.deepEqual(names, ['a', 'b'])
})

const minute = 60_000

const stops: readonly (readonly [string, Over, number, readonly string[]])[] = [
  ['before the deadline it is evicted, with its own time to end', { grace: 45 }, now + minute, ['Evict web 45']],
  ['after the deadline it is deleted, whatever budget keeps it', { grace: 45 }, now, ['Delete web 45']],
  ['without a word about it, it has 30 seconds', {}, now + minute, ['Evict web 30']],
  ['one that takes a day for its end does not get it', { grace: 86_400 }, now + minute, ['Evict web 300']],
  ['one that is ending is left to end', { endsIn: 40 }, now - minute, []],
  ['one that is overdue is never forced', { endsIn: -9999 }, now - minute, []],
  ['one that gave itself a day is told again', { endsIn: 80_000, grace: 86_400 }, now + minute, ['Delete web 300']],
]

for (const [what, over, deadline, expected] of stops) {
  test(`a pod is told to end: ${what}`, (t) => {
    const told = podStops(runningPods([pod(over)]), deadline, now)
    t.deepEqual(
      told.map(({ how, name, grace }) => `${how} ${name} ${grace}`),
      expected,
    )
  })
}

test('no more than 500 are told in one pass', (t) => {
  const many = Array.from({ length: 1200 }, (_, index) => pod({ name: `p${index}` }))
  t.is(podStops(runningPods(many), now, now).length, 500)
})

test('a pod hangs a minute after it should have ended, and is told with its node and finalizers', (t) => {
  const left = runningPods([
    pod({ name: 'on-time', endsIn: -59 }),
    pod({ name: 'late', endsIn: -61, finalizers: ['example.com/hold'] }),
  ])
  const hanging = hangingPods(left, now)
  t.deepEqual(
    hanging.map(({ name }) => name),
    ['late'],
  )
  t.true(hangingMessage(hanging).includes('late on the node n1 (finalizers example.com/hold).'))
})

test('a message names three pods and says that there are more', (t) => {
  const left = runningPods(['d', 'c', 'b', 'a'].map((name) => pod({ name })))
  t.true(endingPods(left, at(0)).endsWith('a, b, c and others.'))
  t.is(endingPods(left, at(0)), endingPods(left, at(0)))
})
