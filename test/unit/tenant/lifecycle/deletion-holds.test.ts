/** A deletion that waits: for an administrator after the brake, or for the end of its grace period. */
import test from 'ava'
import { annotations, finalizer } from '../../../../operator/api/names.ts'
import { heldVerdict } from '../../../../operator/tenant/lifecycle/deletion-brake.ts'
import { isReleasedByName, postponed, postponedVerdict } from '../../../../operator/tenant/lifecycle/deletion-grace.ts'
import { holdsOn, isUndecided } from '../../../../operator/tenant/lifecycle/deletion-holds.ts'
import { isDumpSkipped } from '../../../../operator/tenant/lifecycle/skipped-dump.ts'
import type { Decision } from '../../../../operator/tenant/model/decision.ts'
import { tenant, tenantPlan, tenantSettings } from '../../../gen.ts'
import { outlook as inOrder } from '../outlook.ts'
import { begun, now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const grace = { until: '2030-01-01T02:00:00Z', in: 7_200_000, by: 'settings.deletion.grace' }
const held = {
  kind: 'Hold',
  because: '5 deletions within 10m',
  heldAt: '2030-01-01T00:00:00Z',
  released: undefined,
} as const

const verdicts: readonly (readonly [string, string, RegExp])[] = [
  [
    'the brake holds it, until an administrator decides',
    heldVerdict(tenant(), held).message,
    /5 deletions within 10m.*release-deletion: acme.*undo-deletion: acme[^:]*$/,
  ],
  [
    'the brake holds it until a time',
    heldVerdict(tenant(), { ...held, released: { at: '2030-01-02T00:00:00Z', in: 1 } }).message,
    /2030-01-02T00:00:00Z\.$/,
  ],
  [
    'a grace period, and the setting that gives it',
    postponedVerdict(tenant(), grace).message,
    /before 2030-01-01T02:00:00Z, as settings\.deletion\.grace says.*undo-deletion: acme.*release-deletion: acme/,
  ],
  [
    'a grace period that was told before another setting gave it',
    postponedVerdict(tenant(), { ...grace, by: undefined }).message,
    /before 2030-01-01T02:00:00Z\. /,
  ],
]
for (const [sentence, message, expected] of verdicts) test(sentence, (t) => t.regex(message, expected))

const verdict = postponedVerdict(tenant(), grace)
const outlook = inOrder({
  ready: { status: 'False', reason: 'DeletionPostponed', message: '' },
  stalled: verdict,
  fields: { cloudId: 'acme' },
})
const decision: Decision = { stages: [], outlook }

test('a postponed deletion needs no person: Reconciling says it, not Stalled', (t) => {
  const { outlook: after } = postponed(decision, outlook, tenant(), grace)
  t.is(after?.stalled, undefined)
  t.is(after?.reconciling, verdict)
})

test('another problem of the tenant stays Stalled', (t) => {
  const stalled = { reason: 'PlanNotFound', message: '' } as const
  const { outlook: after } = postponed(decision, { ...outlook, stalled }, tenant(), grace)
  t.is(after?.stalled, stalled)
  t.is(after?.reconciling, undefined)
})

test('the status records the end, beside what it has of the deletion', (t) => {
  const { tenant: told } = snapshot({ status: { deletion: { heldAt: '2030-01-01T00:00:00Z', because: 'x' } } })
  t.deepEqual(postponed(decision, outlook, told, grace).outlook?.fields, {
    cloudId: 'acme',
    deletion: { heldAt: '2030-01-01T00:00:00Z', because: 'x', notBefore: grace.until },
  })
})

for (const [before, after] of [
  [undefined, grace.in],
  [1000, 1000],
  [grace.in + 1, grace.in],
] as const)
  test(`the next look is due at the end of the grace period, or earlier: ${before} → ${after}`, (t) => {
    const due = before === undefined ? decision : { ...decision, requeueAfter: before }
    t.is(postponed(due, outlook, tenant(), grace).requeueAfter, after)
  })

const confirmed: readonly (readonly [string, string | undefined, boolean])[] = [
  ['without the annotation', undefined, false],
  ['with the name of the Tenant', 'acme', true],
  ['with another name', 'other', false],
  ['with true', 'true', false],
]
for (const [sentence, value, expected] of confirmed)
  test(`${sentence}: ${expected ? 'released, and the dump is skipped' : 'nothing is confirmed'}`, (t) => {
    const of = (name: string) => tenant(value === undefined ? {} : { annotations: { [name]: value } })
    t.is(isReleasedByName(of(annotations.releaseDeletion)), expected)
    t.is(isDumpSkipped(of(annotations.skipFinalDump)), expected)
  })

const hour = 3_600_000
const deletedAt = '2030-01-01T00:00:00Z'
const at = (hours: number) => new Date(now + hours * hour).toISOString().replace('.000Z', 'Z')
const limits = { installation: 1, msp: 0, window: hour, releaseAfter: undefined }
const braked = (over: object = {}) => ({ ...tenantSettings, deletionBrake: { ...limits, ...over } })
const plans = [tenantPlan({ spec: { deletion: { grace: '2h' } } })]
const live = { deletionCause: undefined, namespace: undefined, claims: [] }
const earlier = { uid: 'uid-earlier', tenant: 'home/earlier', deletedAt, begunAt: deletedAt, msp: undefined }

interface Given extends SnapshotOver {
  readonly annotated?: Readonly<Record<string, string>>
  readonly spec?: object
  readonly recent?: Partial<NonNullable<Parameters<typeof holdsOn>[1]>>
  /** Hours since the deletion. */
  readonly after?: number
}

/** The Tenant acme, which was made and then deleted: `grace until … / Hold until …`. */
function holds({ annotated = {}, spec = {}, recent = {}, after = 0, ...known }: Given): string {
  const metadata = { deletionTimestamp: deletedAt, finalizers: [finalizer], annotations: annotated }
  const facts = snapshot({ claims: begun, live, tenant: { ...metadata, spec }, ...known })
  const time = now + after * hour
  const none = { begun: [], asked: [], gone: new Set<string>() }
  const { brake, grace: waits } = holdsOn(facts, { ...none, ...recent }, { now: time, steady: time })
  const told = brake?.kind === 'Hold' ? `Hold until ${brake.released?.at ?? 'released'}` : (brake?.kind ?? 'no brake')
  return `${told}, ${waits === undefined ? 'no grace' : `grace until ${waits.until} by ${waits.by ?? 'what was told'}`}`
}

const byPlan = 'spec.deletion.grace of the TenantPlan standard'
const rows: readonly (readonly [string, string, Given])[] = [
  ['nothing is set', 'no brake, no grace', {}],
  ['the plan gives two hours', `no brake, grace until ${at(2)} by ${byPlan}`, { plans }],
  ['the two hours are over', 'no brake, no grace', { plans, after: 2 }],
  [
    'a longer time was told than the plan gives now',
    `no brake, grace until ${at(3)} by what was told`,
    { plans, status: { deletion: { notBefore: at(3) } } },
  ],
  [
    'a shorter time was told: it is put off',
    `no brake, grace until ${at(2)} by ${byPlan}`,
    { plans, status: { deletion: { notBefore: at(1) } } },
  ],
  [
    'a time was told, and nothing gives one now',
    `no brake, grace until ${at(3)} by what was told`,
    { status: { deletion: { notBefore: at(3) } } },
  ],
  [
    'an administrator released the Tenant by name',
    'no brake, no grace',
    { plans, annotated: { [annotations.releaseDeletion]: 'acme' } },
  ],
  [
    'a release of all deletions does not shorten the grace period',
    `no brake, grace until ${at(2)} by ${byPlan}`,
    { plans, deletionsReleased: true },
  ],
  ['nothing was made', 'no brake, no grace', { plans, claims: [] }],
  [
    'the Tenant keeps its data by policy Retain',
    'no brake, no grace',
    { plans, spec: { deletion: { policy: 'Retain' } } },
  ],
  ['a purge has removed the data', 'no brake, no grace', { plans, status: { purge: { startedAt: deletedAt } } }],
  ['the Tenant is protected', 'no brake, no grace', { plans, spec: { deletion: { protected: true } } }],
  [
    'an MSP still has customers',
    'no brake, no grace',
    { plans, spec: { type: 'MSP' }, customers: [tenant({ name: 'globex' })] },
  ],
  ['the Tenant is not checked live yet', 'no brake, no grace', { plans, live: undefined }],

  ['the first deletion within the window', 'Permit, no grace', { settings: braked() }],
  [
    'the second deletion within the window',
    'Hold until released, no grace',
    { settings: braked(), recent: { begun: [earlier] } },
  ],
  [
    'with a time after which it is released',
    `Hold until ${at(4)}, no grace`,
    { settings: braked({ releaseAfter: 4 * hour }), recent: { begun: [earlier] } },
  ],
  [
    'that time is over',
    'no brake, no grace',
    {
      settings: braked({ releaseAfter: 4 * hour }),
      status: { deletion: { heldAt: deletedAt, because: '1 deletion' } },
      after: 4,
    },
  ],
  [
    'it is held already, although nothing counts any more',
    'Hold until released, no grace',
    { settings: braked(), status: { deletion: { heldAt: deletedAt, because: '1 deletion' } }, after: 9 },
  ],
  [
    'it is recorded as begun',
    'no brake, no grace',
    { settings: braked(), recent: { begun: [{ ...earlier, uid: 'uid-acme' }, earlier] } },
  ],
  [
    'all deletions are released',
    'no brake, no grace',
    { settings: braked(), recent: { begun: [earlier] }, deletionsReleased: true },
  ],
  [
    'the Tenant is released by name while it is held',
    'no brake, no grace',
    {
      settings: braked(),
      status: { deletion: { heldAt: deletedAt, because: '1 deletion' } },
      annotated: { [annotations.releaseDeletion]: 'acme' },
    },
  ],
  [
    'both hold it',
    `Hold until released, grace until ${at(2)} by ${byPlan}`,
    { settings: braked(), plans, recent: { begun: [earlier] } },
  ],
]
for (const [sentence, expected, given] of rows) test(`${expected}: ${sentence}`, (t) => t.is(holds(given), expected))

test('an entry goes only when it counts no longer, and its Tenant is gone', (t) => {
  const facts = snapshot({
    claims: begun,
    live,
    settings: braked(),
    tenant: { deletionTimestamp: at(2), finalizers: [finalizer] },
  })
  const old = [earlier, { ...earlier, uid: 'uid-waits' }]
  const { brake } = holdsOn(
    facts,
    { begun: old, asked: [], gone: new Set(['uid-earlier']) },
    { now: now + 2 * hour, steady: now },
  )
  t.deepEqual(brake?.kind === 'Permit' ? brake.over : [], ['uid-earlier'])
})

const undecided: readonly (readonly [string, boolean, SnapshotOver])[] = [
  ['made, and deleted', true, { status: { namespace: 'tenant-acme' } }],
  ['nothing was made', false, {}],
  ['held already', false, { status: { namespace: 'tenant-acme', deletion: { heldAt: deletedAt, because: '' } } }],
  ['an MSP with customers', false, { status: { namespace: 'tenant-acme' }, customers: [tenant({ name: 'globex' })] }],
]
for (const [sentence, expected, known] of undecided)
  test(`another deletion ${expected ? 'takes' : 'takes no'} place before the brake: ${sentence}`, (t) => {
    const { tenant: other, customers } = snapshot({
      ...known,
      tenant: { deletionTimestamp: deletedAt, finalizers: [finalizer] },
    })
    t.is(isUndecided(other, customers), expected)
  })
