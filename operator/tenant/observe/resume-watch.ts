/**
 * Watches the workloads of a tenant that came back until each has made its pods. An apiserver may refuse them by the
 * quota for a while after it is gone, as its admission has a memory of its own, and a controller that is refused once
 * more waits twice as long as before; so workloads without pods are resumed again, ever more rarely, and for the last
 * time when no apiserver can remember the quota.
 */
import type { KubeObject, KubeReader, Resource } from '../../kube/port.ts'
import { cronJobs, daemonSets, jobs, replicaSets, replicationControllers, statefulSets } from '../../kube/resources.ts'
import type { Clock } from '../../runtime/base/clock.ts'
import {
  isStuckCronJob,
  isStuckDaemonSet,
  isStuckJob,
  isStuckReplicated,
  isStuckStatefulSet,
} from '../namespace/stuck-workloads.ts'
import type { StuckWorkload } from '../model/workloads.ts'

interface ResumePorts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly kube: Pick<KubeReader, 'list'>
}

/**
 * Milliseconds for which an apiserver may hold on to a quota that is gone: its admission keeps what it once read of a
 * namespace in which its watch had seen no quota for 30 s (k8s.io/apiserver, pkg/admission/plugin/resourcequota).
 */
export const resumeWindow = 35_000

/**
 * Milliseconds in which whoever begins to lead looks once: a controller that was refused for the last time waits up to
 * 1,000 s before it tries again, and nobody may have looked since.
 */
export const longestWait = resumeWindow + 1_000_000

/** Milliseconds from the first look to the second; from then on the time since the return. */
const firstWait = 1_000

/** Looks in which a CronJob counts as stuck, as it does not say what it lacks. */
const looksAtCronJobs = 2

interface Known {
  /** Monotonic times: when it came back, and of the next look. */
  readonly since: number
  readonly due: number
  readonly looks: number
}

export class ResumeWatch {
  readonly #ports: ResumePorts
  readonly #known = new Map<string, Known>()

  constructor(ports: ResumePorts) {
    this.#ports = ports
  }

  /** `age`: milliseconds since the return, as far as recorded. Throws KubeError. */
  async look(uid: string, namespace: string, age: number): Promise<readonly StuckWorkload[]> {
    const now = this.#ports.clock.monotonic()
    const { since, due, looks } = this.#known.get(uid) ?? { since: now - age, due: now, looks: 0 }
    if (now < due) return []
    const stuckWorkloads = await this.#stuckWorkloadsIn(namespace, looks < looksAtCronJobs)
    const isLast = stuckWorkloads.length === 0 || now - since >= resumeWindow
    const next = Math.min(now + Math.max(firstWait, now - since), since + resumeWindow)
    this.#known.set(uid, { since, due: isLast ? Infinity : next, looks: looks + 1 })
    return stuckWorkloads
  }

  /** Milliseconds until the next look; undefined when there is none. */
  dueIn(uid: string): number | undefined {
    const { due = Infinity } = this.#known.get(uid) ?? {}
    return due === Infinity ? undefined : Math.max(0, due - this.#ports.clock.monotonic())
  }

  /** The tenant is suspended once more, has been back for long, or is gone. */
  forget(uid: string): void {
    this.#known.delete(uid)
  }

  async #stuckWorkloadsIn(namespace: string, withCronJobs: boolean): Promise<readonly StuckWorkload[]> {
    const find = async <T extends KubeObject>(
      resource: Resource<T>,
      isStuck: (object: T) => boolean,
    ): Promise<readonly StuckWorkload[]> => {
      const found = await this.#ports.kube.list(resource, { namespace })
      return found.filter(isStuck).map(({ metadata: { name, uid = '' } }) => ({ resource, name, uid }))
    }
    const found = await Promise.all([
      find(replicaSets, isStuckReplicated),
      find(statefulSets, isStuckStatefulSet),
      find(jobs, isStuckJob),
      find(replicationControllers, isStuckReplicated),
      find(daemonSets, isStuckDaemonSet),
      withCronJobs ? find(cronJobs, isStuckCronJob) : [],
    ])
    return found.flat()
  }
}
