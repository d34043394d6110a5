/**
 * When a pass over a tenant may begin: once its DatabaseServer was looked at since the last edit, and its turn in a
 * rollout has come.
 */
import type { TenantCaches } from '../domain/caches.ts'
import type { Reconcile } from '../runtime/queue/reconcile.ts'
import type { Memory } from './memory.ts'
import type { TenantSettings } from './model/settings.ts'
import { isServerUnseen } from './validation/server-watch.ts'

/** `reconcile`, put off while it is not the tenant's turn. */
export function postponeUntilDue(
  reconcile: Reconcile,
  caches: TenantCaches,
  { rollouts, writes }: Pick<Memory, 'rollouts' | 'writes'>,
  { retryInterval }: Pick<TenantSettings, 'retryInterval'>,
): Reconcile {
  return async (key, signal) => {
    const tenant = writes.newest(key, caches.tenants.get(key))
    // The look at the server wakes the tenant.
    if (isServerUnseen(tenant, caches)) return { requeueAfter: retryInterval }
    const wait = rollouts.delay(tenant, () => [...caches.plans.values()])
    return wait === undefined ? reconcile(key, signal) : { requeueAfter: wait }
  }
}
