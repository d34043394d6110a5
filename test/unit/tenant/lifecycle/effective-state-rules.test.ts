/** Whether a tenant may be used now: which of several reasons against it is the one that counts. */
import test from 'ava'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import { effectiveStateOf } from '../../../../operator/tenant/lifecycle/effective-state-rules.ts'
import { tenant } from '../../../gen.ts'
import { northwind, now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

type Row = readonly [sentence: string, known: SnapshotOver, expected: string]

const home = (spec: object) => ({ spec })
const second = (seconds: number) => new Date(now + seconds * 1000).toISOString()
const archived = home({ state: 'Archived' })
const live = { deletionCause: undefined, namespace: undefined, claims: [] }

function below(...ancestors: readonly [Tenant, ...Tenant[]]) {
  return { kind: 'Msp' as const, parent: ancestors[0], ancestors }
}

const rows: readonly Row[] = [
  ['nothing against it', {}, 'Active Provisioned'],
  ['its own state', { tenant: home({ state: 'Deactivated' }) }, 'Deactivated Deactivated'],
  ['its own archive', { tenant: archived }, 'Archived Archived'],

  ['an expiry in a second', { tenant: home({ expiresAt: second(1) }) }, 'Active Provisioned'],
  ['an expiry at this very moment', { tenant: home({ expiresAt: second(0) }) }, 'Expired Expired'],
  [
    'its own state before its expiry',
    { tenant: home({ state: 'Deactivated', expiresAt: second(-1) }) },
    'Deactivated Deactivated',
  ],
  [
    'a license that has ended, whatever spec.expiresAt says',
    {
      tenant: home({ license: { key: 'key' }, expiresAt: second(9) }),
      license: { valid: false, reason: 'LicenseExpired', message: '', granted: { id: '1', expiresAt: second(-1) } },
    },
    'Expired Expired',
  ],
  [
    'what the MSP allows its customers is over',
    { parent: { customers: { latestExpiry: second(-1) } } },
    'Expired Expired',
  ],

  ['an MSP that is active', { parent: {} }, 'Active Provisioned'],
  ['an MSP that is deactivated', { parent: { state: 'Deactivated' } }, 'Deactivated ParentSuspended'],
  [
    'an MSP that is archived, which does not archive the customer',
    { parent: { state: 'Archived' } },
    'Deactivated ParentSuspended',
  ],
  ['an MSP that has expired', { parent: { expiresAt: second(-1) } }, 'Deactivated ParentSuspended'],
  [
    'an ancestor further up that is deactivated',
    { home: below(northwind(), tenant({ name: 'top', uid: 'uid-top', spec: { type: 'MSP', state: 'Deactivated' } })) },
    'Deactivated ParentSuspended',
  ],
  [
    'its own archive before the state of its MSP, as it ends in a purge',
    { tenant: archived, parent: { state: 'Deactivated' } },
    'Archived Archived',
  ],
  [
    'the state of its MSP before its own expiry',
    { tenant: home({ expiresAt: second(-1) }), parent: { state: 'Deactivated' } },
    'Deactivated ParentSuspended',
  ],

  [
    'a purge that has begun is not taken back by its state',
    { status: { purge: { startedAt: second(-9) } } },
    'Purged Purged',
  ],
  [
    'the time to revive is over, and nothing keeps the data',
    { tenant: archived, status: { purgeAfter: second(-1) }, live },
    'Archived Archived',
  ],
  [
    'the time to revive is over, and the Tenant is protected',
    { tenant: home({ state: 'Archived', deletion: { protected: true } }), status: { purgeAfter: second(-1) }, live },
    'Archived PurgeProtected',
  ],
  [
    'the Tenant is protected, and the time to revive is not over',
    { tenant: home({ state: 'Archived', deletion: { protected: true } }), status: { purgeAfter: second(1) } },
    'Archived Archived',
  ],
  [
    'the time to revive of an MSP is over, and it has customers',
    {
      tenant: home({ type: 'MSP', state: 'Archived' }),
      status: { purgeAfter: second(0) },
      customers: [tenant({ name: 'globex', uid: 'uid-globex' })],
      live,
    },
    'Archived HasCustomers',
  ],
  [
    'a longer retention than the recorded one postpones the purge, and the Tenant is protected',
    {
      tenant: home({ state: 'Archived', archive: { retention: '2d' }, deletion: { protected: true } }),
      status: { archivedAt: second(-86_400), purgeAfter: second(-1) },
    },
    'Archived Archived',
  ],
]

for (const [sentence, known, expected] of rows) {
  test(`${expected}: ${sentence}`, (t) => {
    const { phase, verdict } = effectiveStateOf(snapshot(known), now)
    t.is(`${phase} ${verdict.reason}`, expected)
  })
}

test('what is said of an expired MSP names it, and says that it has expired', (t) => {
  const { verdict } = effectiveStateOf(snapshot({ parent: { expiresAt: second(-1) } }), now)
  t.true(verdict.message.includes('northwind has expired'), verdict.message)
})
