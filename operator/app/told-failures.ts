/**
 * Reports an error that ended a pass in the status of the object, where its cause lasts; the next good pass writes its
 * own status.
 */
import { writeStatus } from '../runtime/objects/status.ts'
import { passFailure, withPassFailure } from '../domain/pass-failure.ts'
import type { Reconciled } from '../domain/pass-failure.ts'
import type { KubeWriter, Resource } from '../kube/port.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { LostLeadership } from '../runtime/base/effect-check.ts'
import { ReportedFailure } from '../runtime/queue/reconcile.ts'
import type { Key, Reconcile } from '../runtime/queue/reconcile.ts'

export interface FailingKind {
  readonly resource: Resource<Reconciled>
  readonly cache: { readonly get: (key: Key) => Reconciled | undefined }
  /**
   * Whether its observedGeneration says only that the spec was seen. That of a TenantPlan says that the plan was tried,
   * and that of a DatabaseServer that the server was looked at: a failure leaves it as it is.
   */
  readonly isSeen: boolean
}

export interface FailurePorts {
  readonly kube: Pick<KubeWriter, 'patch'>
  readonly clock: Pick<Clock, 'now'>
}

/** `reconcile`, whose errors are thrown all the same: the loop retries, logs and counts them. */
export function reportingFailures(kind: FailingKind, reconcile: Reconcile, ports: FailurePorts): Reconcile {
  return async (key, signal) => {
    try {
      return await reconcile(key, signal)
    } catch (error) {
      const isNews = !(error instanceof ReportedFailure || error instanceof LostLeadership)
      // What keeps the failure from being reported occurs again in the next pass.
      if (isNews && !signal.aborted) await report(kind, key, error, ports).catch(() => undefined)
      throw error
    }
  }
}

/**
 * One write at the first time, and none while nothing changes. The cache may be behind what the pass has written: that is a
 * conflict, and the next attempt reports it.
 */
async function report(
  { resource, cache, isSeen }: FailingKind,
  key: Key,
  error: unknown,
  ports: FailurePorts,
): Promise<void> {
  const verdict = passFailure(error, resource.kind)
  const object = cache.get(key)
  if (verdict === undefined || object === undefined) return
  const status = withPassFailure(object, verdict, ports.clock.now())
  const { generation = 0 } = object.metadata
  await writeStatus(ports.kube, resource, object, isSeen ? { ...status, observedGeneration: generation } : status)
}
