import test from 'ava'
import {
  conditionTypes,
  findCondition,
  isTrue,
  nextConditions,
  notReady,
  removeCondition,
  setCondition,
} from '../../../operator/api/conditions.ts'
import type { Condition, NewCondition } from '../../../operator/api/conditions.ts'

const noon = Date.parse('2026-01-01T12:00:00Z')
const later = noon + 60_000

function condition(overrides: Partial<NewCondition> = {}): NewCondition {
  return {
    type: 'Ready',
    status: 'True',
    reason: 'Provisioned',
    message: 'All is in place.',
    observedGeneration: 1,
    ...overrides,
  }
}

test('a condition that is new begins now', (t) => {
  t.deepEqual(setCondition([], condition(), noon), [{ ...condition(), lastTransitionTime: '2026-01-01T12:00:00Z' }])
})

test('another reason, message or generation is no transition', (t) => {
  const before = setCondition([], condition(), noon)
  const next = condition({ reason: 'AwaitingAcceptance', message: 'Nobody accepted.', observedGeneration: 2 })
  t.deepEqual(setCondition(before, next, later), [{ ...next, lastTransitionTime: '2026-01-01T12:00:00Z' }])
})

test('another status is a transition', (t) => {
  const before = setCondition([], condition(), noon)
  const [after] = setCondition(before, condition({ status: 'False' }), later)
  t.is(after?.lastTransitionTime, '2026-01-01T12:01:00Z')
})

for (const type of ['Reconciling', 'Stalled'] as const) {
  for (const status of ['False', 'Unknown'] as const) {
    test(`${type} is not there when it would be ${status}`, (t) => {
      const before = setCondition([], condition({ type }), noon)
      t.is(before.length, 1)
      t.deepEqual(setCondition(before, condition({ type, status }), later), [])
    })
  }
}

test('conditions keep their places, and what was given is left as it was', (t) => {
  const before: readonly Condition[] = Object.freeze(
    (['Available', 'Ready'] as const).reduce<readonly Condition[]>(
      (all, type) => setCondition(all, condition({ type }), noon),
      [],
    ),
  )
  const after = setCondition(before, condition({ type: 'Available', status: 'False' }), later)
  t.deepEqual(
    after.map(({ type }) => type),
    ['Available', 'Ready'],
  )
  t.is(after[1], before[1])
  t.true(isTrue(before, 'Available'))
  t.false(isTrue(after, 'Available'))
  t.deepEqual(
    removeCondition(after, 'Available').map(({ type }) => type),
    ['Ready'],
  )
  t.is(findCondition(undefined, 'Ready'), undefined)
})

test('every kind says Ready, Reconciling and Stalled', (t) => {
  for (const [kind, types] of Object.entries(conditionTypes)) {
    for (const type of ['Ready', 'Reconciling', 'Stalled'] as const) t.true(types.includes(type), `${kind}: ${type}`)
  }
})

test('after a look: what was said is set, other conditions stay, Reconciling and Stalled go unless they were said again', (t) => {
  const before = [condition({ type: 'Available' }), condition({ type: 'Reconciling' }), condition({ type: 'Stalled' })]
  const held = before.map((each) => ({ ...each, lastTransitionTime: '2026-01-01T00:00:00Z' }))
  const refusal = { reason: 'IsolationFixed', message: 'This cannot be changed any more.' } as const
  const after = nextConditions(held, notReady('Stalled', refusal, 7), later)
  t.deepEqual(
    after.map(({ type, status }) => `${type}=${status}`),
    ['Available=True', 'Stalled=True', 'Ready=False'],
  )
  t.like(after[1], { ...refusal, observedGeneration: 7, lastTransitionTime: '2026-01-01T00:00:00Z' })
})
