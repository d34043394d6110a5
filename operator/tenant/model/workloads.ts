/**
 * The pods in a tenant's namespace and how they are stopped: which are evicted, which are deleted, and what is reported
 * of those that do not end. Pure.
 */
import type { Pod } from '../../kube/resources.ts'
import type { Resource } from '../../kube/port.ts'

/** What is kept of a pod that may run. Times are milliseconds since the epoch. */
export interface RunningPod {
  readonly name: string
  readonly uid: string
  /** Undefined: the pod was never scheduled. */
  readonly node: string | undefined
  /** When the node has to have ended the pod, if it is ending. */
  readonly endsBy: number | undefined
  /** Seconds that the pod asks for its end. */
  readonly grace: number
  readonly finalizers: readonly string[]
}

/** What is known of the pods of a tenant that must have none; `Unknown`: the pods were not listed. */
export type DrainState = 'Unknown' | 'Drained' | { readonly left: readonly RunningPod[] }

/** Seconds that a pod gets for its end, whatever it asks for: a tenant must not run on for the days that it states. */
const longestGrace = 300

/** Milliseconds past its time after which a pod counts as hanging. */
const terminationGrace = 60_000

/** Pods a pass: a namespace with thousands must not keep a worker from the other tenants. */
const atOnce = 500

/**
 * The pods that run or may come to run: no ended pod; no ending pod that was never scheduled; no mirror pod, which is
 * the shadow of a file on a node, and which the API cannot stop.
 */
export function runningPods(pods: readonly Pod[]): readonly RunningPod[] {
  return pods.filter(mayRun).map(runningPod).toSorted(byName)
}

function mayRun({ metadata, spec, status }: Pod): boolean {
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  const neverBegins = metadata.deletionTimestamp !== undefined && (spec?.nodeName ?? '') === ''
  return !ended && !neverBegins && metadata.annotations?.[mirrorAnnotation] === undefined
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-config-mirror */
const mirrorAnnotation = 'kubernetes.io/config.mirror'

function runningPod({ metadata, spec }: Pod): RunningPod {
  const { name, uid = '', deletionTimestamp, finalizers = [] } = metadata
  return {
    name,
    uid,
    node: spec?.nodeName,
    endsBy: deletionTimestamp === undefined ? undefined : Date.parse(deletionTimestamp),
    grace: spec?.terminationGracePeriodSeconds ?? 30,
    finalizers,
  }
}

function byName({ name: one }: RunningPod, { name: other }: RunningPod): number {
  return one < other ? -1 : 1
}

/** How a pod is told to end: by the Eviction API, which respects its budgets, or by DELETE, which does not. */
export interface PodStop {
  readonly how: 'Evict' | 'Delete'
  readonly name: string
  readonly uid: string
  /** Seconds that the pod gets for its end. */
  readonly grace: number
}

/**
 * The pods to be told now. Until `deadline` a PodDisruptionBudget is respected, after it not. An ending pod is left to
 * end, unless it has given itself more time than a pod may have.
 */
export function podStops(left: readonly RunningPod[], deadline: number, now: number): readonly PodStop[] {
  return left
    .flatMap((pod): PodStop[] => {
      const { name, uid, endsBy } = pod
      const grace = Math.min(pod.grace, longestGrace)
      if (endsBy === undefined) return [{ how: now < deadline ? 'Evict' : 'Delete', name, uid, grace }]
      return endsBy > now + longestGrace * 1000 ? [{ how: 'Delete', name, uid, grace }] : []
    })
    .slice(0, atOnce)
}

/**
 * The pods that should have ended long ago. They are never ended by force:
 * docs/decisions/0010-how-workloads-are-stopped.md.
 */
export function hangingPods(left: readonly RunningPod[], now: number): readonly RunningPod[] {
  return left.filter(({ endsBy }) => endsBy !== undefined && endsBy + terminationGrace < now)
}

/** What the suspension waits for, in one sentence. */
export function endingPods(left: readonly RunningPod[], deadline: string): string {
  const names = few(left.map(({ name }) => name))
  return `These pods are left, and Tenantry deletes them after ${deadline} where a PodDisruptionBudget keeps them: ${names}.`
}

/** Which pods do not end, why (as far as the API shows), and what an administrator can do. */
export function hangingMessage(hanging: readonly RunningPod[]): string {
  const described = hanging.map(
    ({ name, node, finalizers }) =>
      `${name} on the node ${node ?? 'unknown'}${finalizers.length === 0 ? '' : ` (finalizers ${finalizers.join(', ')})`}`,
  )
  return `Some of its pods do not end: ${few(described)}. Check whether their nodes are alive. If a node is gone for good, delete the Node or give it the taint node.kubernetes.io/out-of-service; a finalizer has to be removed by the controller that set it.`
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and others` : shown
}

/** A workload whose controller is to be told that it may create pods again. */
export interface StuckWorkload {
  readonly resource: Resource
  readonly name: string
  readonly uid: string
}
