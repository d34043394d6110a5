/**
 * Looks after the workloads of a tenant that came back until each has made its pods. An apiserver may refuse them by the
 * quota for a while after it is gone, its admission having a memory of its own, and whoever is refused once more rests for
 * twice as long as before; so those that have nothing yet are woken again, ever more seldom.
 */
import type { Tenant } from '../../api/tenant.ts'
import type { KubeObject, KubeReader, Resource } from '../../kube/port.ts'
import { cronJobs, daemonSets, jobs, replicaSets, replicationControllers, statefulSets } from '../../kube/resources.ts'
import type { Clock } from '../../runtime/base/clock.ts'
import { sleepsCronJob, sleepsDaemonSet, sleepsJob, sleepsReplicated, sleepsStatefulSet } from '../namespace/resume.ts'
import { isBeingDeleted } from '../removal/deletion.ts'
import { bearsMark } from '../../domain/marks.ts'
import { effectiveStateOf } from '../lifecycle/effective-state.ts'
import type { StateFacts } from '../lifecycle/effective-state.ts'
import { quotaOf } from '../namespace/suspension.ts'
import type { StuckWorkload } from '../model/workloads.ts'

export interface ResumePorts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly kube: Pick<KubeReader, 'list'>
}

/**
 * Milliseconds for which an apiserver may hold on to a quota that is gone: its admission keeps what it once read of a
 * namespace in which its watch had seen no quota for 30 s (k8s.io/apiserver, pkg/admission/plugin/resourcequota).
 */
const memory = 35_000

/** Milliseconds from the first look to the second; from then on as long as it has been. */
const firstWait = 1_000

/** Looks in which a CronJob counts as asleep, as it does not say what it lacks. */
const looksAtCronJobs = 2

interface Known {
  /** Monotonic times: when it came back, and of the next look. */
  readonly since: number
  readonly due: number
  readonly looks: number
}

/** Only a tenant that has just come back is looked at. `now`: milliseconds since the epoch. Throws KubeError. */
export async function observeResume(
  facts: StateFacts,
  watch: ResumeWatch,
  now: number,
): Promise<readonly StuckWorkload[]> {
  const { tenant, identity, namespace } = facts
  const age = backFor(tenant, now)
  const over = isBeingDeleted(facts) || effectiveStateOf(facts, now).phase !== 'Active'
  if (age >= memory || over || namespace === undefined || !bearsMark(namespace, identity)) {
    watch.forget(identity.uid)
    return []
  }
  // Whoever is woken before would be refused once more, and back off for longer.
  if (quotaOf(facts) !== undefined) return []
  return watch.look(identity.uid, namespace.name, age)
}

/** Milliseconds since it came back: 0 before that is written down, Infinity for one that was never off. */
function backFor({ status }: Tenant, now: number): number {
  const { suspendedAt, revivedAt } = status ?? {}
  if (suspendedAt !== undefined) return 0
  return revivedAt === undefined ? Infinity : now - Date.parse(revivedAt)
}

export class ResumeWatch {
  readonly #ports: ResumePorts
  readonly #known = new Map<string, Known>()

  constructor(ports: ResumePorts) {
    this.#ports = ports
  }

  /** `age`: milliseconds since it came back, as far as is written down. Throws KubeError. */
  async look(uid: string, namespace: string, age: number): Promise<readonly StuckWorkload[]> {
    const now = this.#ports.clock.monotonic()
    const { since, due, looks } = this.#known.get(uid) ?? { since: now - age, due: now, looks: 0 }
    if (now < due) return []
    const stuckWorkloads = await this.#sleepersIn(namespace, looks < looksAtCronJobs)
    const next = stuckWorkloads.length === 0 ? Infinity : now + Math.max(firstWait, now - since)
    this.#known.set(uid, { since, due: next - since > memory ? Infinity : next, looks: looks + 1 })
    return stuckWorkloads
  }

  /** Milliseconds until the next look; undefined when there is none. */
  dueIn(uid: string): number | undefined {
    const { due = Infinity } = this.#known.get(uid) ?? {}
    return due === Infinity ? undefined : Math.max(0, due - this.#ports.clock.monotonic())
  }

  /** It is suspended once more, has been back for long, or is gone. */
  forget(uid: string): void {
    this.#known.delete(uid)
  }

  async #sleepersIn(namespace: string, withCronJobs: boolean): Promise<readonly StuckWorkload[]> {
    const find = async <T extends KubeObject>(
      resource: Resource<T>,
      sleeps: (object: T) => boolean,
    ): Promise<readonly StuckWorkload[]> => {
      const found = await this.#ports.kube.list(resource, { namespace })
      return found.filter(sleeps).map(({ metadata: { name, uid = '' } }) => ({ resource, name, uid }))
    }
    const found = await Promise.all([
      find(replicaSets, sleepsReplicated),
      find(statefulSets, sleepsStatefulSet),
      find(jobs, sleepsJob),
      find(replicationControllers, sleepsReplicated),
      find(daemonSets, sleepsDaemonSet),
      withCronJobs ? find(cronJobs, sleepsCronJob) : [],
    ])
    return found.flat()
  }
}
