/** The Events of an access that is no longer in force. */
import test from 'ava'
import { eventsOf } from '../../../operator/accessgrant/events.ts'
import type { Reason } from '../../../operator/api/reasons.ts'
import { accessGrant, condition, tenant } from '../../gen.ts'

const rows: readonly (readonly [sentence: string, Reason, 'Delegation' | 'Masquerade', expected: string])[] = [
  ['while the tenant is deactivated it is paused', 'Deactivated', 'Delegation', 'AccessPaused PauseAccess'],
  ['so is a masquerade', 'Deactivated', 'Masquerade', 'MasqueradePaused PauseAccess'],
  ['after a purge nothing can be resumed: it has ended', 'Purged', 'Delegation', 'AccessEnded EndAccess'],
  ['so has a masquerade', 'Purged', 'Masquerade', 'MasqueradeEnded EndAccess'],
]

for (const [sentence, reason, type, expected] of rows)
  test(sentence, (t) => {
    const active = { observedGeneration: 1, phase: 'Active' as const }
    const after = { observedGeneration: 1, conditions: [condition('Ready', 'True', reason)] }
    const events = eventsOf({ ...accessGrant({ spec: { type } }), status: active }, tenant(), after)
    t.deepEqual(
      events.map((event) => `${event.reason} ${event.action}`),
      [expected, expected],
    )
  })
