/**
 * Which workloads are told that they may make pods again. Their controllers have tried in vain for as long as the tenant
 * stood still, and wait up to 16 minutes before they try again, unless the object changes. Pure.
 */
import { annotations } from '../api/names.ts'
import type { KubeObject } from '../kube/port.ts'
import type { CronJob, DaemonSet, Job, Replicated } from '../kube/resources.ts'

/** The patch that wakes; `stamp` is the same for one end of one suspension, so that twice is once. */
export function wakePatch({ metadata }: KubeObject, stamp: string): object {
  return { metadata: { uid: metadata.uid, annotations: { [annotations.wokenAt]: stamp } } }
}

/** ReplicaSets, StatefulSets and ReplicationControllers that want more pods than are ready. */
export function sleepsReplicated({ spec, status }: Replicated): boolean {
  return (spec?.replicas ?? 1) > (status?.readyReplicas ?? 0)
}

export function sleepsDaemonSet({ status }: DaemonSet): boolean {
  return (status?.desiredNumberScheduled ?? 0) > (status?.numberReady ?? 0)
}

/** A Job that has neither succeeded nor failed, and that its owner has not suspended. */
export function sleepsJob({ spec, status }: Job): boolean {
  const ended = status?.conditions?.some(
    ({ type, status: value }) => value === 'True' && (type === 'Complete' || type === 'Failed'),
  )
  return ended !== true && spec?.suspend !== true
}

/** Its Jobs were refused by the same quota, and its controller backs off in the same way. */
export function sleepsCronJob({ spec }: CronJob): boolean {
  return spec?.suspend !== true
}

export function isWoken({ metadata }: KubeObject, stamp: string): boolean {
  return metadata.annotations?.[annotations.wokenAt] === stamp
}
