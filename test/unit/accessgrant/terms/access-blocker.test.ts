/** Why a user who is entitled has no access now: the tenant is off, or is not there yet. */
import test from 'ava'
import { accessBlocker } from '../../../../operator/accessgrant/terms/access-blocker.ts'
import type { TenantStatus } from '../../../../operator/api/tenant.ts'
import type { Home } from '../../../../operator/domain/hierarchy.ts'
import { condition, tenant } from '../../../gen.ts'

const now = Date.parse('2030-01-01T00:00:00Z')
const there: TenantStatus = { observedGeneration: 1, namespace: 'tenant-globex', state: 'Active' }
const deleted = { deletionTimestamp: '2030-01-01T00:00:00Z' }

interface Given {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Partial<TenantStatus>
  readonly metadata?: object
  readonly home?: Home
  readonly bound?: boolean
}

function blocker({ spec = {}, status = {}, metadata = {}, home = { kind: 'Home' }, bound = true }: Given): string {
  const facts = { tenant: { ...tenant({ spec, ...metadata }), status: { ...there, ...status } }, home, bound }
  const found = accessBlocker(facts, now)
  return found === undefined ? 'none' : `${found.kind} ${found.reason}`
}

function under(spec: Readonly<Record<string, unknown>>): Home {
  const parent = tenant({ name: 'msp', spec: { type: 'MSP', ...spec } })
  return { kind: 'Msp', parent, ancestors: [parent] }
}

const rows: readonly (readonly [string, string, Given])[] = [
  ['an active tenant, and the user is bound', 'none', {}],
  ['the user is not bound yet', 'Reconciling Provisioning', { bound: false }],
  ['the tenant has no namespace yet', 'Reconciling Provisioning', { status: { namespace: undefined } }],
  [
    'the tenant waits for its first admin',
    'Ready AwaitingAcceptance',
    { status: { conditions: [condition('Ready', 'False', 'AwaitingAcceptance')] } },
  ],
  ['the tenant is being deleted', 'Reconciling TenantDeleting', { metadata: deleted }],
  [
    'its deletion is refused: it lives on',
    'none',
    { metadata: deleted, status: { conditions: [condition('Stalled', 'True', 'DeletionProtected')] } },
  ],
  [
    'its deletion waits for the end of the grace period: it lives on',
    'none',
    { metadata: deleted, status: { conditions: [condition('Reconciling', 'True', 'DeletionPostponed')] } },
  ],
  ['its data was purged', 'Ready Purged', { status: { purge: { startedAt: '2030-01-01T00:00:00Z' } } }],
  ['it is deactivated', 'Ready Deactivated', { spec: { state: 'Deactivated' } }],
  ['it is archived', 'Ready Archived', { spec: { state: 'Archived' } }],
  ['its MSP is deactivated', 'Ready ParentSuspended', { home: under({ state: 'Deactivated' }) }],
  ['its MSP has expired', 'Ready ParentSuspended', { home: under({ expiresAt: '2029-12-31T00:00:00Z' }) }],
  ['its MSP expires later', 'none', { home: under({ expiresAt: '2030-01-02T00:00:00Z' }) }],
  ['it has expired', 'Ready Expired', { status: { phase: 'Expired' } }],
  [
    'its time is over, and its own pass has not come yet',
    'Ready Expired',
    { status: { expiresAt: '2030-01-01T00:00:00Z' } },
  ],
]
for (const [sentence, expected, given] of rows) test(`${expected}: ${sentence}`, (t) => t.is(blocker(given), expected))
