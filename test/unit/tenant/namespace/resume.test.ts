import test from 'ava'
import {
  sleepsCronJob,
  sleepsDaemonSet,
  sleepsJob,
  sleepsReplicated,
  sleepsStatefulSet,
  resumePatch,
} from '../../../../operator/tenant/namespace/resume.ts'

const object = { apiVersion: 'v1', kind: 'Any', metadata: { name: 'web', uid: 'u' } }
const condition = (type: string, status = 'True') => ({ conditions: [{ type, status }] })

const three = { ...object, spec: { replicas: 3 } }
const parallel = { ...object, spec: { replicas: 3, podManagementPolicy: 'Parallel' } }

const table: readonly (readonly [string, boolean, boolean])[] = [
  ['a ReplicaSet without its pods', sleepsReplicated(three), true],
  ['one with some of them', sleepsReplicated({ ...three, status: { replicas: 2 } }), true],
  ['one with all, none ready', sleepsReplicated({ ...three, status: { replicas: 3, readyReplicas: 0 } }), false],
  ['one of an earlier rollout', sleepsReplicated({ ...object, spec: { replicas: 0 } }), false],
  ['a StatefulSet that does not say how many', sleepsStatefulSet({ ...object, spec: {} }), true],
  ['one whose first pod is not ready', sleepsStatefulSet({ ...three, status: { replicas: 1 } }), false],
  ['one whose first pod is', sleepsStatefulSet({ ...three, status: { replicas: 1, readyReplicas: 1 } }), true],
  ['one that makes all pods at once, with one', sleepsStatefulSet({ ...parallel, status: { replicas: 1 } }), true],
  ['one that makes all pods at once, with all', sleepsStatefulSet({ ...parallel, status: { replicas: 3 } }), false],
  ['a DaemonSet without its pods', sleepsDaemonSet({ ...object, status: { desiredNumberScheduled: 2 } }), true],
  ['a DaemonSet for no node', sleepsDaemonSet({ ...object, status: { desiredNumberScheduled: 0 } }), false],
  [
    'a DaemonSet with its pods',
    sleepsDaemonSet({ ...object, status: { desiredNumberScheduled: 2, currentNumberScheduled: 2 } }),
    false,
  ],
  ['a Job that is under way without a pod', sleepsJob({ ...object, status: condition('FailureTarget') }), true],
  ['a Job that was never begun', sleepsJob(object), true],
  ['a Job with its pod', sleepsJob({ ...object, status: { active: 1 } }), false],
  ['a Job with one of two', sleepsJob({ ...object, spec: { parallelism: 2 }, status: { active: 1 } }), true],
  [
    'a Job with the last that it needs',
    sleepsJob({ ...object, spec: { parallelism: 2, completions: 5 }, status: { active: 1, succeeded: 4 } }),
    false,
  ],
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

test('the patch holds for this object only', (t) => {
  t.deepEqual(resumePatch({ uid: 'u' }, 's1'), {
    metadata: { uid: 'u', annotations: { 'tenantry.dev/woken-at': 's1' } },
  })
})
