/** The reconciler of claims without a holder: a decision from the cache is checked live before it is carried out. */
import { writeLine } from '../api/log-lines.ts'
import type { LineWriter } from '../api/log-lines.ts'
import { tenants } from '../api/tenant.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Kube } from '../kube/port.ts'
import { preconditionsOf } from '../kube/preconditions.ts'
import { configMaps } from '../kube/resources.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { fromKey } from '../runtime/objects/object.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Key, Reconcile } from '../runtime/queue/reconcile.ts'
import { claimView } from '../domain/caches.ts'
import type { NameClaim } from '../domain/caches.ts'
import { decide } from './decide.ts'

export interface ClaimPorts {
  readonly caches: {
    readonly claims: Pick<Cache<NameClaim>, 'get'>
    readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
  }
  readonly kube: Pick<Kube, 'get' | 'delete'>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: LineWriter
}

export function createClaimReconciler({ caches, kube, clock, log }: ClaimPorts): Reconcile {
  return async (key) => {
    const claim = caches.claims.get(key)
    if (claim === undefined) return done
    const decision = decide(claim, caches.tenants.by('uid', claim.holder).length > 0, clock.now())
    if (decision.kind === 'Wait') return { requeueAfter: decision.after }
    if (decision.kind === 'Release') await release(key, { kube, clock, log })
    return done
  }
}

/** Only at the revision that was read: a tenant that adopts it meanwhile keeps it. Throws KubeError. */
async function release(key: Key, { kube, clock, log }: Omit<ClaimPorts, 'caches'>): Promise<void> {
  const begun = clock.monotonic()
  const object = await kube.get(configMaps, fromKey(key))
  if (object === undefined) return
  const claim = claimView(object)
  const tenant = await kube.get(tenants, fromKey(claim.tenant))
  if (decide(claim, tenant?.metadata.uid === claim.holder, clock.now()).kind !== 'Release') return
  if (!(await kube.delete(configMaps, fromKey(key), preconditionsOf(object)))) return
  const durationMs = Math.round(clock.monotonic() - begun)
  const { name, holder: uid, tenant: of } = claim
  writeLine(log, 'Installation', 'FormerNameReleased', { claim: name, tenant: of, uid, why: 'expire', durationMs })
}
