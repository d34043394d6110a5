/** The decision for a Tenant that replaces an earlier one: the earlier names are released, once. Pure. */
import type { Verdict } from '../../api/verdict.ts'
import { hasStarted } from '../model/life-stage.ts'
import { stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { givesUp } from '../model/earlier-tenant.ts'

/** The earlier Tenant's names are released, once; everything else of it is left alone. */
export function decideGivingUp(snapshot: Snapshot): Decision | undefined {
  const { tenant, renaming, adoption, settings } = snapshot
  if (!givesUp(tenant) || adoption !== undefined || hasStarted(snapshot)) return undefined
  const free = renaming.earlier.filter(({ bound, handovers }) => bound === undefined && handovers.length === 0)
  if (free.length === 0) return undefined
  const verdict: Verdict = {
    reason: 'Provisioning',
    message: `Tenantry releases the names of the earlier Tenant ${free[0]?.tenant} with the uid ${free[0]?.holder}, then creates this one.`,
  }
  const lanes = free.map(({ name, holder }) => ({
    target: 'Claims' as const,
    actions: [{ kind: 'GiveUpClaim' as const, claim: name, from: holder }],
  }))
  return {
    stages: stagesOf(lanes),
    outlook: {
      phase: 'Pending',
      ready: { status: 'False', ...verdict },
      reconciling: verdict,
      stalled: undefined,
      namespace: verdict,
      database: verdict,
      fields: {},
    },
    requeueAfter: settings.pollInterval,
  }
}
