/** Pods of a suspended tenant are told to end; workloads of a revived one that they may begin. Both return at once. */
import { KubeError } from '../kube/port.ts'
import type { Kube, KubeObject, Resource } from '../kube/port.ts'
import {
  cronJobs,
  daemonSets,
  jobs,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../kube/resources.ts'
import { spread } from '../runtime/spread.ts'
import type { Pass } from './apply.ts'
import { isWoken, sleepsCronJob, sleepsDaemonSet, sleepsJob, sleepsReplicated, wakePatch } from './awakening.ts'
import type { PodStop } from './workloads.ts'

/** Requests at a time for one tenant. */
const width = 8

/** Whoever may not end yet is told again in the next pass. Throws KubeError. */
export async function stopPods(
  namespace: string,
  stops: readonly PodStop[],
  { signal }: Pick<Pass, 'signal'>,
  kube: Kube,
): Promise<void> {
  await spread(stops, width, (stop) => stopPod(namespace, stop, kube), signal)
}

async function stopPod(namespace: string, { how, name, uid, grace }: PodStop, kube: Kube): Promise<void> {
  const key = { namespace, name }
  try {
    if (how === 'Delete') await kube.delete(pods, key, { uid }, grace)
    else await kube.createSubresource(pods, key, 'eviction', eviction(key, uid, grace))
  } catch (error) {
    if (!isLeftForLater(error)) throw error
  }
}

function eviction(metadata: { readonly namespace: string; readonly name: string }, uid: string, grace: number): object {
  const deleteOptions = { preconditions: { uid }, gracePeriodSeconds: grace }
  return { apiVersion: 'policy/v1', kind: 'Eviction', metadata, deleteOptions }
}

/**
 * 429: a budget keeps the pod, or the server is busy. 500: several budgets keep it, which the Eviction API cannot tell
 * apart. 404, 409: it is gone, or another one has its name.
 */
function isLeftForLater(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false
  return ['TooManyRequests', 'NotFound', 'Conflict'].includes(error.reason) || error.status === 500
}

/** Touches what has fewer pods than it wants. What has been touched with this stamp is left alone. Throws KubeError. */
export async function wakeWorkloads(
  namespace: string,
  stamp: string,
  { signal }: Pick<Pass, 'signal'>,
  kube: Kube,
): Promise<void> {
  const wake = async <T extends KubeObject>(resource: Resource<T>, sleeps: (object: T) => boolean) => {
    const found = await kube.list(resource, { namespace })
    const sleeping = found.filter((object) => sleeps(object) && !isWoken(object, stamp))
    await spread(sleeping, width, (object) => wakeOne(resource, object, stamp, kube), signal)
  }
  await wake(replicaSets, sleepsReplicated)
  await wake(statefulSets, sleepsReplicated)
  await wake(jobs, sleepsJob)
  await wake(replicationControllers, sleepsReplicated)
  await wake(daemonSets, sleepsDaemonSet)
  await wake(cronJobs, sleepsCronJob)
}

async function wakeOne<T extends KubeObject>(
  resource: Resource<T>,
  object: T,
  stamp: string,
  kube: Kube,
): Promise<void> {
  const { namespace = '', name } = object.metadata
  try {
    await kube.patch(resource, { namespace, name }, wakePatch(object, stamp))
  } catch (error) {
    if (!(error instanceof KubeError && ['NotFound', 'Conflict'].includes(error.reason))) throw error
  }
}
