/** The outlook of a deletion in progress. Pure. */
import type { Verdict } from '../../api/verdict.ts'
import type { Decision } from '../model/decision.ts'
import type { Outlook } from '../model/outlook.ts'

export function deleting(message: string): Verdict {
  return { reason: 'Deleting', message }
}

export function outlookOf(verdict: Verdict, stalled: Verdict | undefined): Outlook {
  const reconciling: Verdict | undefined = stalled === undefined ? verdict : undefined
  return {
    phase: 'Deleting',
    ready: { status: 'False', ...verdict },
    reconciling,
    stalled,
    namespace: verdict,
    database: verdict,
    fields: {},
  }
}

export function wait(verdict: Verdict, stalled: boolean): Decision {
  return {
    stages: [],
    outlook: outlookOf(verdict, stalled ? verdict : undefined),
    stuck: true,
  }
}
