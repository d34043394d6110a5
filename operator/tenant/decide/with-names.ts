/** A decision with the actions on the tenant's names, beside its last stage, as nothing there depends on them. Pure. */
import type { Stage } from '../model/action.ts'
import { nameFields } from '../status/status-fields.ts'
import type { NamesWork } from '../names/name-actions.ts'
import { requeue } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Outlook } from '../model/outlook.ts'

export function withNames(decision: Decision, snapshot: Snapshot, work: NamesWork): Decision {
  const { outlook } = decision
  if (outlook === undefined || !snapshot.names.recorded) return decision
  const fields = { ...outlook.fields, ...nameFields(snapshot, work.aliases) }
  return {
    ...decision,
    stages: withLane(decision.stages, work),
    outlook: { ...saying(outlook, work.verdict), fields },
    ...requeue(decision.requeueAfter, work.requeueAfter),
  }
}

function withLane(stages: readonly Stage[], { actions }: NamesWork): readonly Stage[] {
  if (actions.length === 0) return stages
  const last = stages.at(-1) ?? []
  return [...stages.slice(0, -1), [...last, { target: 'Names', actions }]]
}

/** Another verdict is reported first. */
function saying(outlook: Outlook, verdict: Verdict | undefined): Outlook {
  if (verdict === undefined || outlook.stalled !== undefined) return outlook
  const reconciling = outlook.reconciling ?? verdict
  return {
    ...outlook,
    reconciling,
    ready: outlook.ready.status === 'True' ? { status: 'False', ...verdict } : outlook.ready,
  }
}
