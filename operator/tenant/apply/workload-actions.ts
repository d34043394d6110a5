/**
 * The actions that stop the pods of a suspended tenant, and start the workloads of a resumed one. Neither waits for the
 * end.
 */
import { KubeError } from '../../kube/port.ts'
import type { Kube } from '../../kube/port.ts'
import { pods } from '../../kube/resources.ts'
import { mapConcurrently } from '../../runtime/base/concurrency.ts'
import { resumePatch } from '../namespace/stuck-workloads.ts'
import type { PodStop, StuckWorkload } from '../model/workloads.ts'
import type { ApplyContext } from './apply-context.ts'

/** Requests at a time for one tenant. */
const width = 8

/** A pod that may not end yet is told again in the next pass. Throws KubeError. */
export async function stopPods(
  namespace: string,
  stops: readonly PodStop[],
  { signal }: Pick<ApplyContext, 'signal'>,
  kube: Kube,
): Promise<void> {
  await mapConcurrently(stops, width, (stop) => stopPod(namespace, stop, kube), signal)
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
 * 429: a budget keeps the pod, or the server is busy. 500: several budgets keep it, which the Eviction API cannot
 * distinguish. 404, 409: it is gone, or another one has its name.
 */
function isLeftForLater(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false
  return ['TooManyRequests', 'NotFound', 'Conflict'].includes(error.reason) || error.status === 500
}

/** Touches the workloads; one that is gone meanwhile is skipped. Throws KubeError. */
export async function resumeWorkloads(
  namespace: string,
  stuckWorkloads: readonly StuckWorkload[],
  stamp: string,
  { signal }: Pick<ApplyContext, 'signal'>,
  kube: Kube,
): Promise<void> {
  await mapConcurrently(stuckWorkloads, width, (workload) => wake(namespace, workload, stamp, kube), signal)
}

async function wake(namespace: string, workload: StuckWorkload, stamp: string, kube: Kube): Promise<void> {
  try {
    await kube.patch(workload.resource, { namespace, name: workload.name }, resumePatch(workload, stamp))
  } catch (error) {
    if (!(error instanceof KubeError && ['NotFound', 'Conflict'].includes(error.reason))) throw error
  }
}
