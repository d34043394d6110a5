/** What a change of the status makes people read in Events. */
import test from 'ava'
import type { TenantStatus } from '../../../../operator/api/tenant.ts'
import { eventsOf } from '../../../../operator/tenant/status/events.ts'
import { condition, tenant } from '../../../gen.ts'

const status = (over: Partial<TenantStatus> = {}): TenantStatus => ({ observedGeneration: 1, ...over })
const made = { database: { binding: { name: 'database' } } }
const can = { conditions: [condition('Available', 'True', 'Provisioned')] }
const cannot = { conditions: [condition('Available', 'False', 'DatabaseUnavailable', 'The server does not answer.')] }
const stalled = (reason: 'PlanNotAllowed' | 'HasCustomers') => ({
  conditions: [condition('Stalled', 'True', reason, 'Do this.')],
})
const warned = (daysBefore: number, expiresAt: string) => ({ daysBefore, expiresAt, sentAt: '2030-01-01T00:00:00Z' })
const [soon, later] = ['2030-01-08T00:00:00Z', '2031-01-08T00:00:00Z']

const table: readonly (readonly [string, TenantStatus | undefined, TenantStatus, readonly string[]])[] = [
  ['a first look', undefined, status({ phase: 'Pending' }), []],
  ['all is made', status({ phase: 'Pending' }), status({ phase: 'Active', ...made }), ['Normal Provisioned']],
  ['nothing new', status({ phase: 'Active' }), status({ phase: 'Active' }), []],
  ['deactivated', status({ phase: 'Active' }), status({ phase: 'Deactivated' }), ['Normal Deactivated']],
  ['activated', status({ phase: 'Deactivated', ...made }), status({ phase: 'Active' }), ['Normal Activated']],
  ['archived', status({ phase: 'Deactivated' }), status({ phase: 'Archived' }), ['Normal Archived']],
  ['revived', status({ phase: 'Archived', ...made }), status({ phase: 'Active' }), ['Normal Revived']],
  ['expired', status({ phase: 'Active' }), status({ phase: 'Expired' }), ['Warning Expired']],
  ['renewed', status({ phase: 'Expired', ...made }), status({ phase: 'Active' }), ['Normal Activated']],
  ['purged', status({ phase: 'Archived' }), status({ phase: 'Purged' }), ['Normal Purged']],
  [
    'the server goes away',
    status({ phase: 'Active', ...can }),
    status({ phase: 'Provisioning', ...cannot }),
    ['Warning DatabaseUnavailable'],
  ],
  ['it stays away', status({ phase: 'Provisioning', ...cannot }), status({ phase: 'Provisioning', ...cannot }), []],
  [
    'it comes back',
    status({ phase: 'Provisioning', ...made, ...cannot }),
    status({ phase: 'Active', ...can }),
    ['Normal Available'],
  ],
  [
    'it cannot be carried out',
    status({ phase: 'Active' }),
    status({ phase: 'Active', ...stalled('PlanNotAllowed') }),
    ['Warning PlanNotAllowed'],
  ],
  [
    'it still cannot',
    status({ phase: 'Active', ...stalled('PlanNotAllowed') }),
    status({ phase: 'Active', ...stalled('PlanNotAllowed') }),
    [],
  ],
  [
    'another thing cannot',
    status({ phase: 'Active', ...stalled('PlanNotAllowed') }),
    status({ phase: 'Deleting', ...stalled('HasCustomers') }),
    ['Normal Deleting', 'Warning HasCustomers'],
  ],
  ['renamed', status({ cloudId: 'acme' }), status({ cloudId: 'zenith' }), ['Normal Renamed']],
  ['a warning', status(), status({ warnings: [warned(7, soon)] }), ['Warning ExpiresSoon']],
  ['the same warning', status({ warnings: [warned(7, soon)] }), status({ warnings: [warned(7, soon)] }), []],
  [
    'a warning of another date',
    status({ warnings: [warned(7, soon)] }),
    status({ warnings: [warned(7, later)] }),
    ['Warning ExpiresSoon'],
  ],
]

for (const [what, before, after, expected] of table)
  test(`${what}: ${expected.join(', ') || 'no Event'}`, (t) => {
    const spec = after.phase === 'Deactivated' ? { state: 'Deactivated' } : {}
    const told = eventsOf(tenant({ spec }), before, after)
    t.deepEqual(
      told.map(({ type, reason }) => `${type} ${reason}`),
      expected,
    )
    t.true(told.every(({ note }) => note.length > 0 && note.length < 1024))
  })

test('a customer of an MSP that is not active is told why', (t) => {
  const told = eventsOf(tenant(), status({ phase: 'Active' }), status({ phase: 'Deactivated' }))
  t.deepEqual(
    told.map(({ reason }) => reason),
    ['ParentSuspended'],
  )
})
