import test from 'ava'
import {
  isWoken,
  sleepsCronJob,
  sleepsDaemonSet,
  sleepsJob,
  sleepsReplicated,
  wakePatch,
} from '../../../operator/tenant/awakening.ts'

const object = { apiVersion: 'v1', kind: 'Any', metadata: { name: 'web', uid: 'u' } }
const condition = (type: string, status = 'True') => ({ conditions: [{ type, status }] })

const table: readonly (readonly [string, boolean, boolean])[] = [
  ['a ReplicaSet without its pods', sleepsReplicated({ ...object, spec: { replicas: 3 } }), true],
  ['one with some of them', sleepsReplicated({ ...object, spec: { replicas: 3 }, status: { readyReplicas: 2 } }), true],
  ['one with all', sleepsReplicated({ ...object, spec: { replicas: 3 }, status: { readyReplicas: 3 } }), false],
  ['one of an earlier rollout', sleepsReplicated({ ...object, spec: { replicas: 0 } }), false],
  ['a StatefulSet that does not say how many', sleepsReplicated({ ...object, spec: {} }), true],
  ['a DaemonSet without its pods', sleepsDaemonSet({ ...object, status: { desiredNumberScheduled: 2 } }), true],
  ['a DaemonSet for no node', sleepsDaemonSet({ ...object, status: { desiredNumberScheduled: 0 } }), false],
  ['a Job that is under way', sleepsJob({ ...object, status: condition('FailureTarget') }), true],
  ['a Job that was never begun', sleepsJob(object), true],
  ['a Job that has succeeded', sleepsJob({ ...object, status: condition('Complete') }), false],
  ['a Job that has failed', sleepsJob({ ...object, status: condition('Failed') }), false],
  ['a Job that is not complete', sleepsJob({ ...object, status: condition('Complete', 'False') }), true],
  ['a Job that its owner suspended', sleepsJob({ ...object, spec: { suspend: true } }), false],
  ['a CronJob', sleepsCronJob({ ...object, spec: {} }), true],
  ['a CronJob that its owner suspended', sleepsCronJob({ ...object, spec: { suspend: true } }), false],
]

for (const [what, sleeps, expected] of table) {
  test(`${expected ? 'is woken' : 'is left alone'}: ${what}`, (t) => t.is(sleeps, expected))
}

test('the patch holds for this object only, and is done once a stamp', (t) => {
  t.deepEqual(wakePatch(object, 's1'), { metadata: { uid: 'u', annotations: { 'tenantry.dev/woken-at': 's1' } } })
  const woken = { ...object, metadata: { ...object.metadata, annotations: { 'tenantry.dev/woken-at': 's1' } } }
  t.true(isWoken(woken, 's1'))
  t.false(isWoken(woken, 's2'))
  t.false(isWoken(object, 's1'))
})
