import test from 'ava'
import { deleting, outlookOf, wait } from '../../../../operator/tenant/status/deletion-outlook.ts'
import { unchangedPart } from '../../../../operator/tenant/status/unchanged-status.ts'
import { condition } from '../../../gen.ts'
import { snapshot } from '../snapshot.ts'

const verdict = deleting('The database is being removed.')

test('a deletion in progress is Reconciling, and no part of the tenant is there', (t) => {
  t.like(outlookOf(verdict, undefined), {
    phase: 'Deleting',
    ready: { status: 'False', reason: 'Deleting' },
    reconciling: verdict,
    stalled: undefined,
    namespace: verdict,
    database: verdict,
  })
})

test('a deletion that needs a person is Stalled, and not Reconciling', (t) => {
  const decision = wait(verdict, true)
  t.like(decision.outlook, { stalled: verdict, reconciling: undefined })
  t.is(wait(verdict, false).outlook?.stalled, undefined)
})

test('a deletion that waits does nothing, and is looked at at growing intervals', (t) => {
  t.like(wait(verdict, false), { stages: [], stuck: true })
})

for (const [before, expected] of [
  [[condition('NamespaceReady', 'True', 'Provisioned')], 'Done'],
  [[condition('NamespaceReady', 'False', 'Provisioning')], verdict],
  [[], verdict],
] as const)
  test(`a part that cannot be judged now stays as it was told: ${before[0]?.status ?? 'not told'}`, (t) => {
    const known = snapshot({ status: { conditions: [...before] } })
    t.is(unchangedPart(known, 'NamespaceReady', verdict), expected)
  })
