/**
 * The workloads of a resumed tenant that wait for their controllers. These have retried in vain during the suspension,
 * and wait up to 16 minutes before the next try unless the object changes. Pure.
 */
import { annotations } from '../../api/names.ts'
import type { CronJob, DaemonSet, Job, Replicated } from '../../kube/resources.ts'
import type { StuckWorkload } from '../model/workloads.ts'

/** The patch that makes a controller look again; `stamp`: the time of the look that found the workload, RFC 3339. */
export function resumePatch({ uid }: Pick<StuckWorkload, 'uid'>, stamp: string): object {
  return { metadata: { uid, annotations: { [annotations.wokenAt]: stamp } } }
}

/** A ReplicaSet or ReplicationController with fewer pods than it wants, ready or not. */
export function isStuckReplicated({ spec, status }: Replicated): boolean {
  return (spec?.replicas ?? 1) > (status?.replicas ?? 0)
}

/**
 * Unless it is Parallel, a StatefulSet makes a pod only when those before it are ready; while they are not, it is not
 * stuck.
 */
export function isStuckStatefulSet(set: Replicated): boolean {
  const { replicas = 0, readyReplicas = 0 } = set.status ?? {}
  return isStuckReplicated(set) && (set.spec?.podManagementPolicy === 'Parallel' || readyReplicas >= replicas)
}

export function isStuckDaemonSet({ status }: DaemonSet): boolean {
  return (status?.desiredNumberScheduled ?? 0) > (status?.currentNumberScheduled ?? 0)
}

/** A Job that has neither succeeded nor failed, that its owner has not suspended, and that lacks pods. */
export function isStuckJob({ spec, status }: Job): boolean {
  const ended = status?.conditions?.some(
    ({ type, status: value }) => value === 'True' && (type === 'Complete' || type === 'Failed'),
  )
  const { parallelism = 1, completions = Infinity, suspend = false } = spec ?? {}
  const wanted = Math.min(parallelism, completions - (status?.succeeded ?? 0))
  return ended !== true && !suspend && wanted > (status?.active ?? 0)
}

/** The same quota refused its Jobs, and its controller backs off in the same way; what it lacks cannot be seen. */
export function isStuckCronJob({ spec }: CronJob): boolean {
  return spec?.suspend !== true
}
