import test from 'ava'
import { configMaps } from '../../../../operator/kube/resources.ts'
import { addFinalizer, removeFinalizer } from '../../../../operator/runtime/objects/finalizer.ts'
import { FakeKube } from '../fake-kube.ts'

const mine = 'tenantry.dev/finalizer'
const certainlyAbsent = (finalizers: readonly string[] = []) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'ns', name: 'a', finalizers },
})

test('a finalizer is added beside those of others, once', async (t) => {
  const kube = new FakeKube()
  const object = await kube.create(configMaps, certainlyAbsent(['theirs/finalizer']))
  const held = await addFinalizer(kube, configMaps, object, mine)
  t.deepEqual(held.metadata.finalizers, ['theirs/finalizer', mine])
  kube.calls.length = 0
  t.is(await addFinalizer(kube, configMaps, held, mine), held)
  t.deepEqual(kube.calls, [])
})

test('what somebody else added meanwhile is not overwritten: Conflict', async (t) => {
  const kube = new FakeKube()
  const object = await kube.create(configMaps, certainlyAbsent())
  await kube.patch(configMaps, { namespace: 'ns', name: 'a' }, { metadata: { finalizers: ['theirs/finalizer'] } })
  await t.throwsAsync(addFinalizer(kube, configMaps, object, mine), { message: /modified/ })
})

test('removing lets the object go; one that is gone already is no error', async (t) => {
  const kube = new FakeKube()
  const object = await kube.create(configMaps, certainlyAbsent([mine]))
  await kube.delete(configMaps, { namespace: 'ns', name: 'a' }, { uid: object.metadata.uid ?? '' })
  const deleting = await kube.get(configMaps, { namespace: 'ns', name: 'a' })
  t.truthy(deleting?.metadata.deletionTimestamp)
  await removeFinalizer(kube, configMaps, deleting ?? object, mine)
  t.is(await kube.get(configMaps, { namespace: 'ns', name: 'a' }), undefined)
  await t.notThrowsAsync(removeFinalizer(kube, configMaps, deleting ?? object, mine))
})
