/** The reconciler of TenantAdmins: sends invites by mail, and carries acceptances over into the status. */
import { done } from '../runtime/queue/reconcile.ts'
import type { Reconcile } from '../runtime/queue/reconcile.ts'
import { createAdminMemory } from './admin-memory.ts'
import { report } from './admin-report.ts'
import { withAllowance } from './allowance.ts'
import { apply } from './apply.ts'
import { decide } from './decide.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import { observe } from './observe.ts'
import type { TenantAdminPorts } from './ports.ts'

export function createTenantAdminReconciler(ports: TenantAdminPorts, settings: TenantAdminSettings): Reconcile {
  const memory = createAdminMemory(ports, settings)
  const { writes, issuing, pace } = memory
  return async (key, signal) => {
    const admin = writes.newest(key, ports.caches.admins.get(key))
    if (admin === undefined) {
      issuing.forget(key)
      return done
    }
    const context = { ports, settings, writes, issuing, signal }
    const gathered = await observe(admin, ports, settings, issuing)
    const now = ports.clock.now()
    const snapshot = withAllowance(gathered, { caches: ports.caches, issuing, pace }, now, settings)
    const decision = decide(snapshot, now, settings)
    using attempt = memory.begin(snapshot, decision)
    const applied = await apply(snapshot, decision, context)
    attempt.conclude(applied.outcome)
    return await report(snapshot, decision, applied, context)
  }
}
