/** The Events of an access that is no longer in force. */
import test from 'ava'
import type { AccessGrantStatus } from '../../../operator/api/accessgrant.ts'
import { eventsOf } from '../../../operator/accessgrant/events.ts'
import type { Reason } from '../../../operator/api/reasons.ts'
import { accessGrant, condition, tenant } from '../../gen.ts'

const startedAt = '2026-11-09T12:00:00Z'
const active: AccessGrantStatus = { observedGeneration: 1, phase: 'Active', startedAt }
const ended: AccessGrantStatus = { observedGeneration: 1, phase: 'Ended', startedAt }
const not = (reason: Reason): AccessGrantStatus => ({
  observedGeneration: 1,
  startedAt,
  conditions: [condition('Ready', 'True', reason)],
})
const neverBegun = ({ startedAt: _startedAt, ...status }: AccessGrantStatus): AccessGrantStatus => status

type Row = readonly [
  sentence: string,
  type: 'Delegation' | 'Masquerade',
  before: AccessGrantStatus,
  after: AccessGrantStatus,
  expected?: string,
]

const rows: readonly Row[] = [
  [
    'while the tenant is deactivated it is paused',
    'Delegation',
    active,
    not('Deactivated'),
    'AccessPaused PauseAccess',
  ],
  ['so is a masquerade', 'Masquerade', active, not('Deactivated'), 'MasqueradePaused PauseAccess'],
  ['what is paused is not paused again', 'Delegation', not('Deactivated'), not('Archived')],
  ['after a purge nothing can be resumed: it has ended', 'Delegation', active, not('Purged'), 'AccessEnded EndAccess'],
  ['so has a masquerade', 'Masquerade', active, not('Purged'), 'MasqueradeEnded EndAccess'],
  ['so has what was paused', 'Delegation', not('Archived'), not('Purged'), 'AccessEnded EndAccess'],
  ['what never began has no end by a purge', 'Delegation', neverBegun(not('Archived')), neverBegun(not('Purged'))],
  ['the time that is over after the purge is no second end', 'Delegation', not('Purged'), ended],
  [
    'the time that is over while it is paused is its end',
    'Delegation',
    not('Archived'),
    ended,
    'AccessEnded EndAccess',
  ],
]

for (const [sentence, type, before, after, expected] of rows)
  test(sentence, (t) => {
    const events = eventsOf({ ...accessGrant({ spec: { type } }), status: before }, tenant(), after)
    t.deepEqual(
      events.map((event) => `${event.reason} ${event.action}`),
      expected === undefined ? [] : [expected, expected],
    )
  })
