/** What blocks the purge of an archived tenant whose retention is over, and which of several blockers is told. */
import test from 'ava'
import type { Verdict } from '../../../../operator/api/verdict.ts'
import { purgeBlocker } from '../../../../operator/tenant/lifecycle/purge-blockers.ts'
import { northwind, now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

type Reason = Verdict['reason']

const past = '2029-12-01T00:00:00Z'
const due = { purgeAfter: past }
const archived = (deletion: object = {}) => ({ spec: { state: 'Archived', deletion } })
const live = { deletionCause: 'Namespace' as const, namespace: undefined, claims: [] }

const rows: readonly (readonly [what: string, known: SnapshotOver, reason: Reason | undefined])[] = [
  ['nothing', { tenant: archived(), status: due }, undefined],
  ['nothing before the retention is over', { tenant: archived({ protected: true }), status: {} }, undefined],
  ['protection', { tenant: archived({ protected: true }), status: due }, 'PurgeProtected'],
  ['policy Retain', { tenant: archived({ policy: 'Retain' }), status: due }, 'PurgeProtected'],
  [
    'a parent MSP that does not exist',
    { tenant: archived(), status: due, home: { kind: 'Kept', msp: 'home/northwind' } },
    'Misplaced',
  ],
  ['customers', { tenant: archived(), status: due, customers: [northwind()] }, 'HasCustomers'],
  [
    'customers are told before protection',
    { tenant: archived({ protected: true }), status: due, customers: [northwind()] },
    'HasCustomers',
  ],
  [
    'a deletion of the namespace of the Tenant, before all',
    { tenant: archived(), status: due, live, customers: [northwind()] },
    'PurgeHeld',
  ],
  [
    'nothing while a longer retention postpones it',
    {
      tenant: { spec: { state: 'Archived', archive: { retention: '60d' }, deletion: { protected: true } } },
      status: { ...due, archivedAt: past },
    },
    undefined,
  ],
  [
    'nothing once the purge has begun',
    { tenant: archived({ protected: true }), status: { ...due, purge: { startedAt: past } } },
    undefined,
  ],
]

for (const [what, known, reason] of rows)
  test(`a purge is blocked by: ${what}`, (t) => t.is(purgeBlocker(snapshot(known), now)?.reason, reason))
