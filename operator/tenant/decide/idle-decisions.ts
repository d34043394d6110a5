/** Plans of tenants for whom nothing is made: refused, waiting for something, or off before it began. Pure. */
import type { Verdict } from '../../api/verdict.ts'
import { claiming } from '../names/claiming.ts'
import { fieldsOf } from '../status/fields.ts'
import { kept } from '../status/unchanged-status.ts'
import { hasStarted } from '../model/stage.ts'
import { stagesOf } from '../model/decision.ts'
import type { Plan } from '../model/decision.ts'
import type { Seen } from '../model/snapshot.ts'
import type { Outlook } from '../model/outlook.ts'
import type { Standing } from '../model/standing.ts'

/** Nothing is done; a person has to change something. */
export function refuse(seen: Seen, verdict: Verdict): Plan {
  const outlook: Outlook = {
    phase: hasStarted(seen) ? 'Provisioning' : 'Pending',
    ready: { status: 'False', ...verdict },
    reconciling: undefined,
    stalled: verdict,
    namespace: verdict,
    database: kept(seen, 'DatabaseReady', verdict),
    fields: {},
  }
  return { stages: [], outlook, stuck: true }
}

/** The names are claimed; the rest has to wait for something. What is there already stays as it is. */
export function waitFor(seen: Seen, verdict: Verdict, refusal: Verdict | undefined): Plan {
  const forAnswer = verdict.reason === 'AwaitingAcceptance'
  const said = refusal ?? verdict
  const outlook: Outlook = {
    phase: hasStarted(seen) ? 'Provisioning' : 'Pending',
    ready: { status: forAnswer && refusal === undefined ? 'True' : 'False', ...said },
    reconciling: forAnswer || refusal?.reason === verdict.reason ? undefined : verdict,
    stalled: refusal,
    namespace: verdict.reason === 'NamespaceTerminating' ? verdict : kept(seen, 'NamespaceReady', verdict),
    database: kept(seen, 'DatabaseReady', verdict),
    fields: fieldsOf(seen, undefined),
  }
  return { stages: stagesOf(...claiming(seen, undefined)), outlook }
}

/** Off before anything was made: the names are claimed, and nothing else is done until it is to be active. */
export function rest(seen: Seen, { phase, verdict }: Standing, refusal: Verdict | undefined): Plan {
  const outlook: Outlook = {
    phase,
    ready: refusal === undefined ? { status: 'True', ...verdict } : { status: 'False', ...refusal },
    reconciling: undefined,
    stalled: refusal,
    namespace: verdict,
    database: verdict,
    off: verdict,
    fields: fieldsOf(seen, undefined),
    life: {},
  }
  return { stages: stagesOf(...claiming(seen, undefined)), outlook }
}
