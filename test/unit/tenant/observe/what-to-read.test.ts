/** What is read live, where the purge of an archived tenant is near. */
import test from 'ava'
import { whatToReadLive } from '../../../../operator/tenant/observe/what-to-read.ts'
import { tenantPlan } from '../../../gen.ts'
import { now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const over = { archivedAt: '2029-11-01T00:00:00Z', purgeAfter: '2029-12-01T00:00:00Z' }
const archived = (spec: object = {}) => ({ spec: { state: 'Archived', deletion: { protected: false }, ...spec } })
const longer = { archive: { retention: '90d' } }

const rows: readonly (readonly [what: string, known: SnapshotOver, ends: boolean])[] = [
  ['the retention is over', { tenant: archived(), status: over }, true],
  ['a longer retention of the Tenant postpones the purge', { tenant: archived(longer), status: over }, false],
  [
    'a longer retention of the plan postpones the purge',
    { tenant: archived(), status: over, plans: [tenantPlan({ spec: longer })] },
    false,
  ],
  [
    'the removal has begun before the retention was made longer',
    { tenant: archived(longer), status: { ...over, purge: { startedAt: over.purgeAfter } } },
    true,
  ],
]

for (const [what, known, ends] of rows)
  test(`${ends ? 'what is removed' : 'what stays'} is looked at: ${what}`, (t) => {
    const { database, orphanedData } = whatToReadLive(snapshot(known), now)
    t.deepEqual({ database, orphanedData }, { database: ends ? 'lookLive' : 'look', orphanedData: !ends })
  })
