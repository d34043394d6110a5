/**
 * What runs in a tenant's namespace, and how it is stopped: which pods are asked to go, which are made to, and what is told
 * of those that do not. Pure.
 */
import type { Pod } from '../../kube/resources.ts'
import type { Resource } from '../../kube/port.ts'

/** What is kept of a pod that may run. Times are milliseconds since the epoch. */
export interface RunningPod {
  readonly name: string
  readonly uid: string
  /** Undefined: it was never given to a node. */
  readonly node: string | undefined
  /** When the node has to have ended it, if it is ending. */
  readonly endsBy: number | undefined
  /** Seconds that it wants for its end. */
  readonly grace: number
  readonly finalizers: readonly string[]
}

/** What is known of the pods of a tenant that has to stand still; `Unknown`: nobody has looked. */
export type DrainState = 'Unknown' | 'Still' | { readonly left: readonly RunningPod[] }

/** Seconds that a pod may take for its end, whatever it asks for: a tenant must not run on for the days that it states. */
const longestGrace = 300

/** Milliseconds over its time after which a pod does not end by itself any more. */
const terminationGrace = 60_000

/** Pods a pass: a namespace with thousands must not keep a worker from the other tenants. */
const atOnce = 500

/**
 * The pods that run or may come to run. Those that have ended do not; a pod that is ending and was never given to a node
 * will not be; a mirror pod is the shadow of a file on a node, and not the API's to stop.
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

/** How a pod is told to end: by the Eviction API, which asks its budgets, or by DELETE, which does not. */
export interface PodStop {
  readonly how: 'Evict' | 'Delete'
  readonly name: string
  readonly uid: string
  /** Seconds that it has for its end. */
  readonly grace: number
}

/**
 * Those to be told now. Until `deadline` a PodDisruptionBudget is respected, after it not. One that is ending is left to end,
 * unless it has given itself more time than a pod may have.
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

/** Those that should have ended long ago. They are never ended by force: see docs/decisions on how workloads are stopped. */
export function hangingPods(left: readonly RunningPod[], now: number): readonly RunningPod[] {
  return left.filter(({ endsBy }) => endsBy !== undefined && endsBy + terminationGrace < now)
}

/** What is waited for, in one sentence. */
export function endingPods(left: readonly RunningPod[], deadline: string): string {
  const names = few(left.map(({ name }) => name))
  return `Pods that are left, and are deleted after ${deadline} where a PodDisruptionBudget keeps them: ${names}.`
}

/** Which pods do not end, why as far as can be seen, and what a person can do. */
export function hangingMessage(hanging: readonly RunningPod[]): string {
  const described = hanging.map(
    ({ name, node, finalizers }) =>
      `${name} on the node ${node ?? 'unknown'}${finalizers.length === 0 ? '' : ` (finalizers ${finalizers.join(', ')})`}`,
  )
  return `Some of its pods do not end: ${few(described)}. See whether their nodes are alive. Of a node that is gone for good, delete the Node, or give it the taint node.kubernetes.io/out-of-service; a finalizer has to be taken off by whoever set it.`
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and others` : shown
}

/** A workload that is to be told that it may make pods again. */
export interface StuckWorkload {
  readonly resource: Resource
  readonly name: string
  readonly uid: string
}
