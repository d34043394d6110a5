/** Which grace period and which last dump a deletion has: by the plan in effect, or else by the installation. */
import test from 'ava'
import { deletionTerms } from '../../../../operator/tenant/lifecycle/deletion-terms.ts'
import type { DeletionTerms } from '../../../../operator/tenant/lifecycle/deletion-terms.ts'
import { tenantPlan, tenantSettings } from '../../../gen.ts'
import { snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const hour = 3_600_000
const plan = (deletion: object) => tenantPlan({ spec: { deletion } })
const other = tenantPlan({ name: 'other', spec: { default: false, deletion: { grace: '9h', finalDump: true } } })
const installation = (grace: number, finalDump = false) => ({ ...tenantSettings, deletion: { grace, finalDump } })

const rows: readonly (readonly [string, SnapshotOver, Partial<DeletionTerms>])[] = [
  ['nothing is declared: no grace period, no dump', {}, { grace: 0, finalDump: false }],
  [
    'the installation declares both',
    { settings: installation(hour, true) },
    { grace: hour, graceBy: 'settings.deletion.grace', finalDump: true },
  ],
  [
    'the plan declares a grace period',
    { plans: [plan({ grace: '2h' })] },
    { grace: 2 * hour, graceBy: 'spec.deletion.grace of the TenantPlan standard' },
  ],
  [
    'the plan declares more than the installation',
    { plans: [plan({ grace: '2h' })], settings: installation(hour) },
    { grace: 2 * hour },
  ],
  ['the plan declares none', { plans: [plan({ grace: '0s' })], settings: installation(hour) }, { grace: 0 }],
  [
    'the plan wants no dump',
    { plans: [plan({ finalDump: false })], settings: installation(0, true) },
    { finalDump: false },
  ],
  ['the plan wants a dump', { plans: [plan({ finalDump: true })] }, { finalDump: true }],
  [
    'each of the two has its own source',
    { plans: [plan({ finalDump: true })], settings: installation(hour) },
    { grace: hour, graceBy: 'settings.deletion.grace', finalDump: true },
  ],
  [
    'the plan in effect counts, not the one that the spec names',
    { plans: [plan({ grace: '2h' }), other], status: { plan: 'other' } },
    { grace: 9 * hour, finalDump: true },
  ],
  [
    'the plan in effect is gone: the one that the spec names',
    { plans: [plan({ grace: '2h' })], status: { plan: 'gone' } },
    { grace: 2 * hour },
  ],
  ['no plan is left', { plans: [], status: { plan: 'gone' }, settings: installation(hour) }, { grace: hour }],
]
for (const [sentence, known, expected] of rows) test(sentence, (t) => t.like(deletionTerms(snapshot(known)), expected))
