/** What an earlier version kept in the operator's namespace. */
import test from 'ava'
import { createFormerRecordReconciler, moveFormerRecords } from '../../../operator/app/former-records.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import type { Secret } from '../../../operator/kube/resources.ts'
import { keyOf } from '../../../operator/runtime/objects/object.ts'
import { readKeyRing } from '../../../operator/tenantadmin/invite/keyring.ts'
import { World } from '../tenantadmin/world.ts'

const [from, to] = ['tenantry-system', 'tenantry-system-web']
const base64 = (text: string) => Buffer.from(text).toString('base64')

const acceptance = (namespace = from, nonce = 'n'): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'tenantry.dev/acceptance',
  immutable: true,
  metadata: {
    name: 'accept-u-1',
    namespace,
    labels: { 'tenantry.dev/admin-uid': 'u' },
    annotations: { 'tenantry.dev/admin': 'home/jane' },
  },
  data: { nonce: base64(nonce) },
})

const keys = (namespace: string, id: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'tenantry.dev/signing-keys',
  metadata: { name: 'tenantry-signing-keys', namespace },
  data: { [id]: Buffer.alloc(32, id).toString('base64'), current: base64(id) },
})

const foreign: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: { name: 'smtp', namespace: from },
  data: { password: base64('p') },
}

function scene(...objects: readonly Secret[]) {
  const world = new World()
  for (const object of objects) world.put(object)
  const all = () => world.all<Secret>('Secret')
  const ports = {
    caches: {
      formerRecords: {
        keys: () =>
          all()
            .filter(({ metadata }) => metadata.namespace === from)
            .map(keyOf),
      },
    },
    kube: world.kube,
    clock: world.clock,
    log: world.log,
  }
  const lines = () => world.lines.map(({ message }) => message)
  return { world, all, ports, lines, names: () => all().map(keyOf).toSorted() }
}

const never = new AbortController().signal

test('Acceptances and keys move as they are, and nothing else does', async (t) => {
  const at = scene(acceptance(), keys(from, 'aaaaaaaa'), foreign)
  await moveFormerRecords(at.ports, to, never)
  t.deepEqual(at.names(), [`${to}/accept-u-1`, `${to}/tenantry-signing-keys`, `${from}/smtp`])
  const moved = at.all().find(({ metadata }) => metadata.name === 'accept-u-1')
  const { type, immutable, data, metadata } = acceptance()
  t.like(moved, { type, immutable, data, metadata: { labels: metadata.labels, annotations: metadata.annotations } })
  t.deepEqual(at.lines(), ['records moved to the namespace of the pages'])
})

test('Without any nothing is asked for and nothing is said', async (t) => {
  const at = scene()
  await moveFormerRecords({ ...at.ports, kube: undefined as never }, to, never)
  t.deepEqual(at.lines(), [])
})

test('An interrupted move goes on: a copy that is there already is not made again', async (t) => {
  const at = scene(acceptance(), acceptance(to))
  await moveFormerRecords(at.ports, to, never)
  t.deepEqual(at.names(), [`${to}/accept-u-1`])
})

test('Of two acceptances of one link the one in the new place counts', async (t) => {
  const at = scene(acceptance(from, 'late'), acceptance(to, 'first'))
  await createFormerRecordReconciler(at.ports, to)(`${from}/accept-u-1`, never)
  t.deepEqual(
    at.all().map(({ data }) => data?.['nonce']),
    [base64('first')],
  )
})

test('Keys that are made anew meanwhile sign from now on, and the links of the former ones stay good', async (t) => {
  const at = scene(keys(from, 'aaaaaaaa'), keys(to, 'bbbbbbbb'))
  await moveFormerRecords(at.ports, to, never)
  t.deepEqual(at.names(), [`${to}/tenantry-signing-keys`])
  const ring = readKeyRing(at.all()[0])
  t.is(ring.current?.id, 'bbbbbbbb')
  t.deepEqual(ring.find('aaaaaaaa')?.secret, Buffer.alloc(32, 'aaaaaaaa'))
  const retired = at.all()[0]?.data?.['aaaaaaaa.retired'] ?? ''
  t.is(Buffer.from(retired, 'base64').toString(), '2030-01-01T00:00:00Z')
})

test('What could not be copied stays', async (t) => {
  const at = scene(acceptance())
  const kube = { ...at.world.kube, create: () => Promise.reject(new KubeError('Forbidden', 'no', 403)) }
  await t.throwsAsync(moveFormerRecords({ ...at.ports, kube }, to, never), { message: 'no' })
  t.deepEqual(at.names(), [`${from}/accept-u-1`])
})
