import test from 'ava'
import {
  isStuckCronJob,
  isStuckDaemonSet,
  isStuckJob,
  isStuckReplicated,
  isStuckStatefulSet,
  resumePatch,
} from '../../../../operator/tenant/namespace/stuck-workloads.ts'

const object = { apiVersion: 'v1', kind: 'Any', metadata: { name: 'web', uid: 'u' } }
const condition = (type: string, status = 'True') => ({ conditions: [{ type, status }] })

const three = { ...object, spec: { replicas: 3 } }
const parallel = { ...object, spec: { replicas: 3, podManagementPolicy: 'Parallel' } }

const table: readonly (readonly [string, boolean, boolean])[] = [
  ['a ReplicaSet without its pods', isStuckReplicated(three), true],
  ['one with some of them', isStuckReplicated({ ...three, status: { replicas: 2 } }), true],
  ['one with all, none ready', isStuckReplicated({ ...three, status: { replicas: 3, readyReplicas: 0 } }), false],
  ['one of an earlier rollout', isStuckReplicated({ ...object, spec: { replicas: 0 } }), false],
  ['a StatefulSet that does not say how many', isStuckStatefulSet({ ...object, spec: {} }), true],
  ['one whose first pod is not ready', isStuckStatefulSet({ ...three, status: { replicas: 1 } }), false],
  ['one whose first pod is', isStuckStatefulSet({ ...three, status: { replicas: 1, readyReplicas: 1 } }), true],
  ['one that makes all pods at once, with one', isStuckStatefulSet({ ...parallel, status: { replicas: 1 } }), true],
  ['one that makes all pods at once, with all', isStuckStatefulSet({ ...parallel, status: { replicas: 3 } }), false],
  ['a DaemonSet without its pods', isStuckDaemonSet({ ...object, status: { desiredNumberScheduled: 2 } }), true],
  ['a DaemonSet for no node', isStuckDaemonSet({ ...object, status: { desiredNumberScheduled: 0 } }), false],
  [
    'a DaemonSet with its pods',
    isStuckDaemonSet({ ...object, status: { desiredNumberScheduled: 2, currentNumberScheduled: 2 } }),
    false,
  ],
  ['a Job that is under way without a pod', isStuckJob({ ...object, status: condition('FailureTarget') }), true],
  ['a Job that was never begun', isStuckJob(object), true],
  ['a Job with its pod', isStuckJob({ ...object, status: { active: 1 } }), false],
  ['a Job with one of two', isStuckJob({ ...object, spec: { parallelism: 2 }, status: { active: 1 } }), true],
  [
    'a Job with the last that it needs',
    isStuckJob({ ...object, spec: { parallelism: 2, completions: 5 }, status: { active: 1, succeeded: 4 } }),
    false,
  ],
  ['a Job that has succeeded', isStuckJob({ ...object, status: condition('Complete') }), false],
  ['a Job that has failed', isStuckJob({ ...object, status: condition('Failed') }), false],
  ['a Job that is not complete', isStuckJob({ ...object, status: condition('Complete', 'False') }), true],
  ['a Job that its owner suspended', isStuckJob({ ...object, spec: { suspend: true } }), false],
  ['a CronJob', isStuckCronJob({ ...object, spec: {} }), true],
  ['a CronJob that its owner suspended', isStuckCronJob({ ...object, spec: { suspend: true } }), false],
]

for (const [what, isStuck, expected] of table) {
  test(`${expected ? 'is woken' : 'is left alone'}: ${what}`, (t) => t.is(isStuck, expected))
}

test('the patch holds for this object only', (t) => {
  t.deepEqual(resumePatch({ uid: 'u' }, 's1'), {
    metadata: { uid: 'u', annotations: { 'tenantry.dev/woken-at': 's1' } },
  })
})
