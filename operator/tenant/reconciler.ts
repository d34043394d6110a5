/**
 * The reconciler of Tenants: observes, decides by one pure function, carries the decision out, and reports the status.
 */
import { SteadyClock } from '../runtime/base/steady-clock.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Reconcile } from '../runtime/queue/reconcile.ts'
import { carryOut } from './carry-out.ts'
import type { CarryOutPorts } from './carry-out.ts'
import { decide } from './decide/decide.ts'
import { createMemory } from './memory.ts'
import type { MemoryPorts } from './memory.ts'
import type { TenantSettings } from './model/settings.ts'
import { observe } from './observe/observe.ts'
import type { OutsidePorts } from './observe/ports.ts'
import { staleReadPause } from './report/next-look.ts'
import { report } from './report/report.ts'
import type { ReportPorts } from './report/report.ts'
import { postponeUntilDue } from './postpone-until-due.ts'

export type TenantPorts = OutsidePorts & CarryOutPorts & ReportPorts & Omit<MemoryPorts, 'steady'>

export function createTenantReconciler(outside: TenantPorts, settings: TenantSettings): Reconcile {
  const ports = { ...outside, steady: new SteadyClock(outside.clock) }
  const memory = createMemory(ports, settings.probeInterval)
  const observing = { ...ports, ...memory }

  async function reconcile(key: string, signal: AbortSignal) {
    const now = ports.clock.now()
    const snapshot = await observe(key, observing, settings, now, signal)
    if (snapshot === undefined) return done
    const decision = decide(snapshot, now)
    const applied = await carryOut(snapshot, decision, memory, ports, signal)
    if (applied === undefined) return { requeueAfter: staleReadPause }
    return report({ snapshot, decision, now, ...applied }, memory, ports)
  }
  return postponeUntilDue(reconcile, ports.caches, memory, settings)
}
