/**
 * A customer whose MSP tenant is not there: somebody undid its deletion, say, and its manifest is on the way. Who the MSP's
 * people are is not known meanwhile, so nobody loses access and no password changes. Pure.
 */
import { findCondition } from '../../api/conditions.ts'
import { parentKept } from '../validation/checks.ts'
import { kept } from '../status/unchanged-status.ts'
import { hasStarted } from '../model/stage.ts'
import type { Plan } from '../model/decision.ts'
import type { Seen } from '../model/snapshot.ts'

/** Undefined where its MSP is there, or nothing of it was made. It is woken when its MSP comes. */
export function decideAlone(seen: Seen): Plan | undefined {
  const { home, tenant } = seen
  if (home.kind !== 'Kept' || !hasStarted(seen)) return undefined
  const verdict = parentKept(home.msp)
  const available = findCondition(tenant.status?.conditions, 'Available')
  return {
    stages: [],
    outlook: {
      phase: tenant.status?.phase ?? 'Pending',
      ready: { status: 'False', ...verdict },
      reconciling: undefined,
      stalled: verdict,
      namespace: kept(seen, 'NamespaceReady', verdict),
      database: kept(seen, 'DatabaseReady', verdict),
      ...(available?.status === 'False' ? { off: available } : { usable: true }),
      fields: {},
    },
  }
}
