/**
 * Watches whether a suspended tenant has pods left. They are listed until none is left, and then rarely: the quota
 * admits none, and a watch shows whether the quota itself exists.
 */
import { findCondition } from '../../api/conditions.ts'
import { suspensionQuotaName } from '../../api/names.ts'
import type { TenantStatus } from '../../api/tenant.ts'
import type { KubeReader } from '../../kube/port.ts'
import { pods } from '../../kube/resources.ts'
import type { Clock, Random } from '../../runtime/base/clock.ts'
import { childDigest } from '../../domain/fingerprint.ts'
import { bearsMark } from '../../domain/marks.ts'
import { suspensionQuota } from '../namespace/objects.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { runningPods } from '../model/workloads.ts'
import type { DrainState } from '../model/workloads.ts'

/** The facts that a look at one tenant needs. */
export interface DrainFacts {
  readonly uid: string
  /** The tenant's namespace; undefined where there is none, and nothing can run. */
  readonly namespace: string | undefined
  /** The uid of the quota that admits no pods; undefined while it is missing or not as it should be. */
  readonly quota: string | undefined
  /** Whether the status says that no pods are left, and has said so for a while. */
  readonly settled: boolean
}

interface DrainPorts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly random: Pick<Random, 'fraction'>
  readonly kube: Pick<KubeReader, 'list'>
}

/** For a tenant that is off. `now`: milliseconds since the epoch. */
export function drainFacts(facts: Facts, now: number): DrainFacts {
  const { tenant, identity, namespace } = facts
  return {
    uid: identity.uid,
    namespace: namespace !== undefined && bearsMark(namespace, identity) ? namespace.name : undefined,
    quota: quotaInPlace(facts),
    settled: hasSettled(tenant.status, now),
  }
}

type Facts = Pick<Snapshot, 'tenant' | 'identity' | 'namespace' | 'names' | 'children'>

/** Milliseconds. The second check may have failed at first, and another process's clock may have dated the status. */
const believedAfter = 60_000

/** Whether the status has reported no pods long enough for a second check. */
function hasSettled(status: TenantStatus | undefined, now: number): boolean {
  const ready = findCondition(status?.conditions, 'Ready')
  if (status?.suspendedAt === undefined || ready?.status !== 'True') return false
  return now - Date.parse(ready.lastTransitionTime) >= believedAfter
}

function quotaInPlace({ identity, names, children }: Facts): string | undefined {
  const quota = children[childId('ResourceQuota', suspensionQuotaName)]
  const wanted = childDigest('ResourceQuota', suspensionQuota(identity, names.namespace))
  return quota?.digest === wanted && !quota.deleting ? quota.uid : undefined
}

interface Known {
  readonly quota: string | undefined
  /** Monotonic time of the next look; undefined while pods are left, as each pass looks then. */
  readonly due: number | undefined
}

/**
 * Milliseconds from the first look that found nothing to the next: an apiserver may learn of the quota a moment late.
 */
const confirmation = 5_000

/** Pods that have ended need not be sent. */
const notEnded = 'status.phase!=Succeeded,status.phase!=Failed'

export class DrainWatch {
  readonly #ports: DrainPorts
  readonly #interval: number
  readonly #known = new Map<string, Known>()

  /** `interval`: milliseconds between two looks at a tenant without pods. */
  constructor(ports: DrainPorts, interval: number) {
    this.#ports = ports
    this.#interval = interval
  }

  /** For a suspended tenant only. Throws KubeError. */
  readonly look = async ({ uid, namespace, quota, settled }: DrainFacts): Promise<DrainState> => {
    if (namespace === undefined) return 'Drained'
    const now = this.#ports.clock.monotonic()
    const known = this.#known.get(uid)
    const same = known?.due !== undefined && known.quota === quota
    if (same && now < known.due) return 'Drained'
    if (known === undefined && settled && quota !== undefined) {
      this.#known.set(uid, { quota, due: now + this.#ports.random.fraction() * this.#interval })
      return 'Drained'
    }
    const left = runningPods(await this.#ports.kube.list(pods, { namespace, fieldSelector: notEnded }))
    if (left.length === 0 && quota !== undefined) {
      this.#known.set(uid, { quota, due: now + (same ? this.#interval : confirmation) })
      return 'Drained'
    }
    this.#known.set(uid, { quota, due: undefined })
    return left.length === 0 ? 'Unknown' : { left }
  }

  /** Milliseconds until the next look; undefined when nothing is known of the tenant. */
  dueIn(uid: string): number | undefined {
    const known = this.#known.get(uid)
    return known?.due === undefined ? undefined : Math.max(0, known.due - this.#ports.clock.monotonic())
  }

  /** The tenant is no longer suspended, or gone. */
  forget(uid: string): void {
    this.#known.delete(uid)
  }
}
