/** A deletion that waits: for an administrator after the brake, or for the end of its grace period. */
import test from 'ava'
import { annotations } from '../../../../operator/api/names.ts'
import { heldVerdict } from '../../../../operator/tenant/lifecycle/deletion-brake.ts'
import { isReleasedByName, postponed, postponedVerdict } from '../../../../operator/tenant/lifecycle/deletion-grace.ts'
import { isDumpSkipped } from '../../../../operator/tenant/lifecycle/skipped-dump.ts'
import type { Decision } from '../../../../operator/tenant/model/decision.ts'
import type { Outlook } from '../../../../operator/tenant/model/outlook.ts'
import { tenant } from '../../../gen.ts'
import { snapshot } from '../snapshot.ts'

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
const outlook: Outlook = {
  phase: 'Active',
  ready: { status: 'False', reason: 'DeletionPostponed', message: '' },
  reconciling: undefined,
  stalled: verdict,
  namespace: 'Done',
  database: 'Done',
  fields: { cloudId: 'acme' },
}
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
