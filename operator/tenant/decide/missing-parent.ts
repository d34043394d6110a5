/**
 * A customer whose MSP tenant is not there: somebody undid its deletion, say, and its manifest is on the way. Who the MSP's
 * people are is not known meanwhile, so nobody loses access and no password changes. Pure.
 */
import { findCondition } from '../../api/conditions.ts'
import { parentKept } from '../validation/checks.ts'
import { kept } from '../status/unchanged-status.ts'
import { hasStarted } from '../model/stage.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** Undefined where its MSP is there, or nothing of it was made. It is woken when its MSP comes. */
export function decideAlone(snapshot: Snapshot): Decision | undefined {
  const { home, tenant } = snapshot
  if (home.kind !== 'Kept' || !hasStarted(snapshot)) return undefined
  const verdict = parentKept(home.msp)
  const available = findCondition(tenant.status?.conditions, 'Available')
  return {
    stages: [],
    outlook: {
      phase: tenant.status?.phase ?? 'Pending',
      ready: { status: 'False', ...verdict },
      reconciling: undefined,
      stalled: verdict,
      namespace: kept(snapshot, 'NamespaceReady', verdict),
      database: kept(snapshot, 'DatabaseReady', verdict),
      ...(available?.status === 'False' ? { off: available } : { usable: true }),
      fields: {},
    },
  }
}
