/** Who wrote a field, as managedFields tell it. */
import test from 'ava'
import type { ManagedFields } from '../../../../operator/kube/port.ts'
import { writerOf } from '../../../../operator/tenant/contests/writer.ts'

const entry = (manager: string, fieldsV1: ManagedFields['fieldsV1'], time = '2030-01-01T00:00:00Z'): ManagedFields => ({
  manager,
  operation: 'Update',
  time,
  ...(fieldsV1 === undefined ? {} : { fieldsV1 }),
})
const pods = { 'f:spec': { 'f:hard': { '.': {}, 'f:pods': {} } } }
const path = ['spec', 'hard', 'pods']

const cases: readonly (readonly [string, readonly ManagedFields[], string | undefined])[] = [
  ['nobody is recorded', [], undefined],
  ['another manager has it', [entry('kubectl-edit', pods)], 'kubectl-edit (Update)'],
  ['only ourselves have it', [entry('tenantry', pods)], undefined],
  [
    'another manager has another field',
    [entry('kubectl-edit', { 'f:spec': { 'f:hard': { 'f:secrets': {} } } })],
    undefined,
  ],
  ['somebody has all of it as a whole', [entry('argocd', { 'f:spec': { 'f:hard': {} } })], 'argocd (Update)'],
  [
    'the newest of two counts',
    [entry('old', pods, '2030-01-01T00:00:00Z'), entry('new', pods, '2030-01-01T00:00:01Z')],
    'new (Update)',
  ],
  [
    'an apply, and a subresource',
    [{ manager: 'flux', operation: 'Apply', subresource: 'status', fieldsV1: pods }],
    'flux (Apply, status)',
  ],
]

for (const [title, managedFields, writer] of cases) {
  test(title, (t) => {
    t.is(writerOf({ managedFields }, path), writer)
  })
}

test('a label with dots and slashes is one step', (t) => {
  const label = 'app.kubernetes.io/component'
  const fields = { 'f:metadata': { 'f:labels': { '.': {}, [`f:${label}`]: {} } } }
  t.is(writerOf({ managedFields: [entry('helm', fields)] }, ['metadata', 'labels', label]), 'helm (Update)')
})
