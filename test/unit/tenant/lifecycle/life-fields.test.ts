/** The times of a tenant's life: when it was suspended, archived and revived, and when its data may go. */
import test from 'ava'
import { isEnding, isPurging, nextLifeFields, purgeIn } from '../../../../operator/tenant/lifecycle/life-fields.ts'
import type { TenantStatus } from '../../../../operator/api/tenant.ts'
import type { TenantPlan } from '../../../../operator/api/tenantplan.ts'
import type { EffectiveState } from '../../../../operator/tenant/model/effective-state.ts'
import { tenant, tenantPlan } from '../../../gen.ts'
import { now, snapshot } from '../snapshot.ts'

const hour = 3_600_000
const day = 24 * hour
/** As the status writes it: whole seconds. */
const at = (days: number) => new Date(now + days * day).toISOString().replace('.000Z', 'Z')
const today = at(0)

const having = (status: Partial<TenantStatus>, spec: object = {}) => ({
  ...tenant({ spec }),
  status: { observedGeneration: 1, ...status },
})
const plan = tenantPlan({ spec: { archive: { retention: '30d' } } })

type Next = readonly [
  what: string,
  phase: EffectiveState['phase'],
  before: Partial<TenantStatus>,
  after: object,
  spec?: object,
  plan?: TenantPlan | undefined,
]

const next: readonly Next[] = [
  ['a tenant that was never suspended has no times', 'Active', {}, {}],
  ['it is suspended now', 'Deactivated', {}, { suspendedAt: today }],
  ['it stays suspended since then', 'Deactivated', { suspendedAt: at(-3) }, { suspendedAt: at(-3) }],
  ['an expiry suspends as well', 'Expired', {}, { suspendedAt: today }],
  ['it comes back now', 'Active', { suspendedAt: at(-3) }, { revivedAt: today }],
  ['it came back then', 'Active', { revivedAt: at(-2) }, { revivedAt: at(-2) }],
  ['a new suspension forgets the revival', 'Deactivated', { revivedAt: at(-2) }, { suspendedAt: today }],
  [
    'it is archived now, for as long as the plan says',
    'Archived',
    {},
    { suspendedAt: today, archivedAt: today, purgeAfter: at(30) },
  ],
  [
    'its own retention counts before that of the plan',
    'Archived',
    {},
    { suspendedAt: today, archivedAt: today, purgeAfter: at(5) },
    { archive: { retention: '5d' } },
  ],
  [
    'a shorter retention does not bring the date forward',
    'Archived',
    { suspendedAt: at(-1), archivedAt: at(-1), purgeAfter: at(29) },
    { suspendedAt: at(-1), archivedAt: at(-1), purgeAfter: at(29) },
    { archive: { retention: '5d' } },
  ],
  [
    'a longer retention puts it off, counted from the archiving',
    'Archived',
    { suspendedAt: at(-1), archivedAt: at(-1), purgeAfter: at(29) },
    { suspendedAt: at(-1), archivedAt: at(-1), purgeAfter: at(59) },
    { archive: { retention: '60d' } },
  ],
  [
    'archived after a suspension: the two times stay apart',
    'Archived',
    { suspendedAt: at(-9) },
    { suspendedAt: at(-9), archivedAt: today, purgeAfter: at(30) },
  ],
  [
    'what the purge recorded is kept',
    'Archived',
    { suspendedAt: at(-40), archivedAt: at(-40), purgeAfter: at(-10), purge: { startedAt: at(-10) } },
    { suspendedAt: at(-40), archivedAt: at(-40), purgeAfter: at(-10), purge: { startedAt: at(-10) } },
  ],
  [
    'without a plan and a retention of its own there is no date',
    'Archived',
    {},
    { suspendedAt: today, archivedAt: today },
    {},
    undefined,
  ],
  [
    'without a plan its own retention counts',
    'Archived',
    {},
    { suspendedAt: today, archivedAt: today, purgeAfter: at(5) },
    { archive: { retention: '5d' } },
    undefined,
  ],
  [
    'archived no more, it forgets the date',
    'Deactivated',
    { suspendedAt: at(-1), archivedAt: at(-1), purgeAfter: at(29) },
    { suspendedAt: at(-1) },
  ],
]

for (const [what, phase, before, after, spec, ...plans] of next)
  test(`next times: ${what}`, (t) => {
    const state = { phase } as EffectiveState // the other fields decide nothing here
    t.deepEqual(nextLifeFields(having(before, spec), state, plans.length === 0 ? plan : plans[0], now), after)
  })

type Purge = readonly [
  what: string,
  status: Partial<TenantStatus>,
  state: string,
  left: number | undefined,
  is: boolean,
  /** Of its own, before that of the plan (30d). */
  retention?: string | undefined,
  plans?: readonly TenantPlan[],
]

const longer = tenantPlan({ spec: { archive: { retention: '60d' } } })
const due = { archivedAt: at(-31), purgeAfter: at(-1) }

const purges: readonly Purge[] = [
  ['a tenant that is not archived', { purgeAfter: at(-1) }, 'Active', undefined, false],
  ['an archived tenant without a date yet', {}, 'Archived', undefined, false],
  ['a date that lies ahead', { purgeAfter: at(2) }, 'Archived', 2 * day, false],
  ['a date that is now', { purgeAfter: today }, 'Archived', 0, true],
  ['a date that is over', { purgeAfter: at(-2) }, 'Archived', 0, true],
  [
    'a purge that has begun, though the date was put off',
    { purgeAfter: at(2), purge: { startedAt: at(-1) } },
    'Archived',
    2 * day,
    true,
  ],
  ['a purge that has begun, though it is to be active', { purge: { startedAt: at(-1) } }, 'Active', undefined, true],
  [
    'a purge that is finished',
    { purgeAfter: at(-2), purge: { startedAt: at(-1), finishedAt: today } },
    'Archived',
    0,
    false,
  ],
  ['a longer retention of its own that is not recorded yet', due, 'Archived', 29 * day, false, '60d'],
  ['a longer retention of its plan that is not recorded yet', due, 'Archived', 29 * day, false, undefined, [longer]],
  ['a longer retention of its own without a plan', due, 'Archived', 29 * day, false, '60d', []],
  ['no plan, which could have a longer retention', due, 'Archived', 0, true, undefined, []],
  ['a longer retention that is over too', due, 'Archived', 0, true, '30d12h'],
  ['a shorter retention than the recorded one', { ...due, purgeAfter: at(2) }, 'Archived', 2 * day, false, '1d'],
  [
    'a longer retention after the purge has begun',
    { ...due, purge: { startedAt: at(-1) } },
    'Archived',
    29 * day,
    true,
    '60d',
  ],
]

for (const [what, status, state, left, is, retention, plans = [plan]] of purges)
  test(`a purge: ${what}`, (t) => {
    const facts = snapshot({ tenant: { spec: { state, archive: { retention } } }, status, plans })
    t.is(purgeIn(facts, now), left)
    t.is(isPurging(facts, now), is)
  })

test('a Tenant that is deleted, or whose purge has begun, is ending', (t) => {
  t.false(isEnding(having({ purgeAfter: at(-2) }, { state: 'Archived' })))
  t.true(isEnding(having({ purge: { startedAt: today } })))
  const { metadata, ...rest } = having({})
  t.true(isEnding({ ...rest, metadata: { ...metadata, deletionTimestamp: today } }))
})
