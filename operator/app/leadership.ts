/**
 * The leader election, and the ports of the leader: reads go through, and each effect first checks that this process
 * leads. What begins and ends with it: leader-change.ts; when a Lease may be taken: runtime/leadership/lease.ts.
 */
import type { Adapters } from './ports.ts'
import type { Config } from '../config/config.ts'
import type { Kube } from '../kube/port.ts'
import { withBreaker } from '../mail/breaker.ts'
import type { GuardedMailer } from '../mail/breaker.ts'
import { createMailMetrics } from '../mail/metrics.ts'
import { assertLeader, fence, fenced } from '../runtime/leadership/fence.ts'
import type { Leadership } from '../runtime/leadership/fence.ts'
import { LeaseElection } from '../runtime/leadership/lease.ts'

export const leaseName = 'tenantry-leader'

export function createElection(
  { lease, namespace, pod }: Config,
  { kube, clock, random, log, metrics }: Adapters,
  on: { readonly onLeading: () => void; readonly onLost: () => void },
): LeaseElection {
  const options = {
    namespace,
    name: leaseName,
    identity: pod.uid,
    leaseDuration: lease.duration,
    renewDeadline: lease.renewDeadline,
    retryPeriod: lease.retryPeriod,
  }
  const onLeading = () => {
    metrics.leader(leaseName, true)
    on.onLeading()
  }
  const onLost = () => {
    metrics.leader(leaseName, false)
    on.onLost()
  }
  return new LeaseElection(options, { kube, watcher: kube, clock, random, log, onLeading, onLost })
}

export function leadersKube(kube: Kube, leadership: Leadership): Kube {
  const { create, replace, patch, delete: remove, createSubresource } = fenced(kube, leadership)
  const { get, list, dryRun } = kube
  return { get, list, dryRun, create, replace, patch, delete: remove, createSubresource }
}

export function leadersMailer({ mailer, clock, random, metrics }: Adapters, leadership: Leadership): GuardedMailer {
  const { send } = fence(mailer, () => assertLeader(leadership))
  return withBreaker({ send, close: mailer.close }, { clock, random, metrics: createMailMetrics(metrics.registry) })
}
