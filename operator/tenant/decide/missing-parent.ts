/**
 * The decision for a customer whose MSP does not exist, for example while its manifest is applied again. The
 * MSP's admins are unknown meanwhile, so no admin loses access and no password changes. Pure.
 */
import { findCondition } from '../../api/conditions.ts'
import { parentKept } from '../lifecycle/prerequisites.ts'
import { unchangedPart } from '../status/unchanged-status.ts'
import { hasStarted } from '../model/life-stage.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** Undefined where the MSP exists, or nothing of the customer was made. The MSP's arrival wakes the customer. */
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
      namespace: unchangedPart(snapshot, 'NamespaceReady', verdict),
      database: unchangedPart(snapshot, 'DatabaseReady', verdict),
      ...(available?.status === 'False' ? { off: available } : { usable: true }),
      fields: {},
    },
  }
}
