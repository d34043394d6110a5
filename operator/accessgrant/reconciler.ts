/** The reconciler of AccessGrants. This version gives nobody access by them, and says so. */
import { accessGrants } from '../api/accessgrant.ts'
import type { AccessGrant, AccessGrantStatus } from '../api/accessgrant.ts'
import { nextConditions, notReady } from '../api/conditions.ts'
import type { KubeWriter } from '../kube/port.ts'
import type { Cache } from '../runtime/cache.ts'
import type { Clock } from '../runtime/clock.ts'
import { done } from '../runtime/reconcile.ts'
import type { Reconcile } from '../runtime/reconcile.ts'
import { writeStatus } from '../runtime/status.ts'

export interface AccessGrantPorts {
  readonly caches: { readonly grants: Pick<Cache<AccessGrant>, 'get'> }
  readonly kube: Pick<KubeWriter, 'patch'>
  readonly clock: Pick<Clock, 'now'>
}

export function createAccessGrantReconciler({ caches, kube, clock }: AccessGrantPorts): Reconcile {
  return async (key) => {
    const grant = caches.grants.get(key)
    if (grant === undefined || grant.metadata.deletionTimestamp !== undefined) return done
    await writeStatus(kube, accessGrants, grant, decide(grant, clock.now()))
    return done
  }
}

/** `now`: milliseconds since the epoch. */
export function decide({ metadata, spec, status }: AccessGrant, now: number): AccessGrantStatus {
  const observedGeneration = metadata.generation ?? 0
  const refusal = {
    reason: 'NotImplemented',
    message: `This version of Tenantry does not grant access yet: spec.type: ${spec.type}. Nobody has got any access by this AccessGrant; delete it.`,
  } as const
  const conditions = nextConditions(status?.conditions, notReady('Stalled', refusal, observedGeneration), now)
  return { ...status, observedGeneration, phase: 'Refused', conditions }
}
