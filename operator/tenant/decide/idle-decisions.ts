/** Decisions for tenants for which nothing is made: stalled, waiting, or off before they began. Pure. */
import type { Verdict } from '../../api/verdict.ts'
import { claiming } from '../names/claiming.ts'
import { fieldsOf } from '../status/status-fields.ts'
import { unchangedPart } from '../status/unchanged-status.ts'
import { hasStarted } from '../model/life-stage.ts'
import { stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Outlook } from '../model/outlook.ts'
import type { EffectiveState } from '../model/effective-state.ts'

/** Nothing is done; a person has to change something. */
export function stall(snapshot: Snapshot, verdict: Verdict): Decision {
  const outlook: Outlook = {
    phase: hasStarted(snapshot) ? 'Provisioning' : 'Pending',
    ready: { status: 'False', ...verdict },
    reconciling: undefined,
    stalled: verdict,
    namespace: verdict,
    database: unchangedPart(snapshot, 'DatabaseReady', verdict),
    fields: {},
  }
  return { stages: [], outlook, stuck: true }
}

/** The names are claimed; the rest waits. What exists already stays as it is. */
export function waitFor(snapshot: Snapshot, verdict: Verdict, problem: Verdict | undefined): Decision {
  const forAnswer = verdict.reason === 'AwaitingAcceptance'
  const said = problem ?? verdict
  const outlook: Outlook = {
    phase: hasStarted(snapshot) ? 'Provisioning' : 'Pending',
    ready: { status: forAnswer && problem === undefined ? 'True' : 'False', ...said },
    reconciling: forAnswer || problem?.reason === verdict.reason ? undefined : verdict,
    stalled: problem,
    namespace: verdict.reason === 'NamespaceTerminating' ? verdict : unchangedPart(snapshot, 'NamespaceReady', verdict),
    database: unchangedPart(snapshot, 'DatabaseReady', verdict),
    fields: fieldsOf(snapshot, undefined),
  }
  return { stages: stagesOf(...claiming(snapshot, undefined)), outlook }
}

/** Off before anything was made: the names are claimed, and nothing else is done until the tenant is to be active. */
export function rest(snapshot: Snapshot, { phase, verdict }: EffectiveState, problem: Verdict | undefined): Decision {
  const outlook: Outlook = {
    phase,
    ready: problem === undefined ? { status: 'True', ...verdict } : { status: 'False', ...problem },
    reconciling: undefined,
    stalled: problem,
    namespace: verdict,
    database: verdict,
    off: verdict,
    fields: fieldsOf(snapshot, undefined),
    life: {},
  }
  return { stages: stagesOf(...claiming(snapshot, undefined)), outlook }
}
