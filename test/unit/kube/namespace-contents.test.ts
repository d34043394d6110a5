/** Counting what lies in a namespace: which kinds there are, which may be listed, and how many objects of each. */
import test from 'ava'
import type { Call } from '../../../operator/kube/http-connection.ts'
import { createContents } from '../../../operator/kube/namespace-contents.ts'
import { KubeError } from '../../../operator/kube/port.ts'

const all = ['create', 'delete', 'get', 'list']
const resource = (name: string, kind: string, verbs = all, scope = 'Namespaced') => ({
  resource: name,
  scope,
  verbs,
  responseKind: { group: '', version: '', kind },
})
const group = (name: string | undefined, ...versions: object[]) => ({
  metadata: name === undefined ? {} : { name },
  versions,
})

const answers: Readonly<Record<string, unknown>> = {
  '/api': {
    items: [
      group(undefined, {
        version: 'v1',
        freshness: 'Current',
        resources: [
          resource('configmaps', 'ConfigMap'),
          resource('secrets', 'Secret'),
          resource('events', 'Event'),
          resource('bindings', 'Binding', ['create']),
          resource('namespaces', 'Namespace', all, 'Cluster'),
        ],
      }),
    ],
  },
  '/apis': {
    items: [
      group(
        'apps',
        { version: 'v2', freshness: 'Current', resources: [resource('deployments', 'Deployment')] },
        { version: 'v1', freshness: 'Current', resources: [resource('deployments', 'Deployment')] },
      ),
      group('cats.example.com', { version: 'v1', freshness: 'Current', resources: [resource('cats', 'Cat')] }),
      group('slow.example.com', { version: 'v1', freshness: 'Stale' }),
      group('old.example.com', { version: 'v1', freshness: 'Current', resources: [resource('things', 'Thing')] }),
    ],
  },
  '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews': {
    status: {
      resourceRules: [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] },
        { verbs: ['list'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] },
        { verbs: ['*'], apiGroups: ['apps', 'old.example.com'], resources: ['*'] },
      ],
    },
  },
  '/api/v1/namespaces/n/configmaps?limit=1': { metadata: { remainingItemCount: 41, continue: 'x' }, items: [{}] },
  '/apis/apps/v2/namespaces/n/deployments?limit=1': { metadata: {}, items: null },
  '/apis/old.example.com/v1/namespaces/n/things?limit=1': { metadata: { continue: 'x' }, items: [{}] },
  '/apis/old.example.com/v1/namespaces/n/things?limit=500&continue=x': { metadata: { continue: 'y' }, items: [{}, {}] },
  '/apis/old.example.com/v1/namespaces/n/things?limit=500&continue=y': { metadata: {}, items: [{}] },
}

function counting(over: Readonly<Record<string, KubeError>> = {}) {
  const calls: Call[] = []
  const send = async (call: Call) => {
    calls.push(call)
    const failure = over[call.path]
    if (failure !== undefined) throw failure
    if (!(call.path in answers)) throw new KubeError('NotFound', call.path, 404)
    return { status: 200, body: answers[call.path] }
  }
  return { calls, count: createContents({ connection: { send }, deadline: 1_000 }) }
}

test('each kind that may be listed is counted once, in the version that is preferred, and the others are named', async (t) => {
  const { calls, count } = counting()
  t.deepEqual(await count('n'), {
    counted: [
      { kind: 'ConfigMap', apiGroup: '', count: 42 },
      { kind: 'Thing', apiGroup: 'old.example.com', count: 4 },
    ],
    notCounted: ['*.slow.example.com', 'Cat.cats.example.com', 'Secret'],
  })
  t.false(calls.some(({ path }) => /cats|secrets|events|bindings/.test(path)))
  const lists = calls.filter(({ path }) => path.includes('/namespaces/n/'))
  t.true(lists.every(({ accept }) => accept?.includes('PartialObjectMetadataList')))
})

test('a kind whose server fails is one that could not be counted; no answer at all is thrown', async (t) => {
  const path = '/api/v1/namespaces/n/configmaps?limit=1'
  const { notCounted } = await counting({ [path]: new KubeError('Unavailable', 'down', 503) }).count('n')
  t.true(notCounted.includes('ConfigMap'))
  await t.throwsAsync(counting({ [path]: new KubeError('Unavailable', 'cut', 0) }).count('n'), {
    instanceOf: KubeError,
  })
})
