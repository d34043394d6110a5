/** What a decision says of the tenant: the conditions and fields of its status. */
import test from 'ava'
import type { Verdict } from '../../../../operator/api/verdict.ts'
import type { Outlook } from '../../../../operator/tenant/model/outlook.ts'
import { statusOf } from '../../../../operator/tenant/status/status.ts'
import { condition, tenant, tenantAdmin } from '../../../gen.ts'
import { outlook as inOrder } from '../outlook.ts'
import { now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const verdict = (reason: Verdict['reason']): Verdict => ({ reason, message: '' })
const notReady = (reason: Verdict['reason']) => ({ ready: { status: 'False' as const, ...verdict(reason) } })

type Row = readonly [sentence: string, outlook: Partial<Outlook>, expected: readonly string[], known?: SnapshotOver]

/** The conditions that the row is about; these only are compared. */
const rows: readonly Row[] = [
  [
    'all is there',
    {},
    [
      'Ready=True Provisioned',
      'Available=True Provisioned',
      'NamespaceReady=True Provisioned',
      'DatabaseReady=True Provisioned',
    ],
  ],
  [
    'what is under way is told beside Ready',
    { ...notReady('Updating'), reconciling: verdict('Updating') },
    ['Ready=False Updating', 'Reconciling=True Updating', 'Available=True Provisioned'],
  ],
  [
    'what a person has to mend takes nothing from what is there',
    { ...notReady('PlanNotAllowed'), stalled: verdict('PlanNotAllowed') },
    ['Ready=False PlanNotAllowed', 'Stalled=True PlanNotAllowed', 'Available=True Provisioned'],
  ],
  [
    'a part that is missing: it cannot be used',
    { namespace: verdict('NamespaceTerminating') },
    [
      'Available=False NamespaceTerminating',
      'NamespaceReady=False NamespaceTerminating',
      'DatabaseReady=True Provisioned',
    ],
  ],
  [
    'both parts are missing: the namespace is told first',
    { namespace: verdict('NamespaceTerminating'), database: verdict('DatabaseMissing') },
    ['Available=False NamespaceTerminating'],
  ],
  [
    'a record is missing, and not what was made',
    { usable: true, database: verdict('PlanNotFound') },
    ['Available=True Provisioned', 'DatabaseReady=False PlanNotFound'],
  ],
  [
    'a part that is contested was made all the same',
    { namespace: verdict('Contested') },
    ['Available=True Provisioned', 'NamespaceReady=False Contested'],
  ],
  [
    'the operator cannot use the server, and the tenant could be used before',
    { database: verdict('DatabaseServerNotReady'), wasUsable: true },
    ['Available=True Provisioned', 'DatabaseReady=False DatabaseServerNotReady'],
  ],
  [
    'the operator cannot use the server, and the tenant could not be used before',
    { database: verdict('DatabaseServerNotReady') },
    ['Available=False DatabaseServerNotReady'],
  ],
  [
    'it is off although everything is there',
    { phase: 'Deactivated', off: verdict('Deactivated') },
    ['Available=False Deactivated', 'NamespaceReady=True Provisioned', 'DatabaseReady=True Provisioned'],
  ],
  [
    'its data is too large: logins are off',
    { size: verdict('DatabaseOverSize'), closed: verdict('DatabaseOverSize') },
    ['Available=False DatabaseOverSize', 'DatabaseOverSize=True DatabaseOverSize'],
  ],
  ['nothing is told of a size within its bound', { size: 'Within' }, ['DatabaseOverSize']],
  [
    'what was told of the size stays where nobody has looked',
    {},
    ['DatabaseOverSize=True DatabaseOverSize'],
    { status: { conditions: [condition('DatabaseOverSize', 'True', 'DatabaseOverSize')] } },
  ],
  [
    'a purged tenant has no size',
    { phase: 'Purged', off: verdict('Purged') },
    ['DatabaseOverSize'],
    { status: { conditions: [condition('DatabaseOverSize', 'True', 'DatabaseOverSize')] } },
  ],
  ['nobody was invited', {}, ['AdminAccepted=False AwaitingAnswer']],
  ['an admin has accepted', {}, ['AdminAccepted=True Accepted'], { admins: [tenantAdmin()] }],
  [
    'an admin had accepted once, and is deleted',
    {},
    ['AdminAccepted=True Accepted'],
    { status: { conditions: [condition('AdminAccepted', 'True', 'Accepted')] } },
  ],
  ['no license is needed', {}, ['LicenseValid=True NoLicense']],
  [
    'a license for fewer customers than there are',
    {},
    ['LicenseValid=False LicenseExceeded'],
    {
      tenant: { spec: { type: 'MSP' } },
      customerCount: 2,
      license: {
        valid: true,
        ...verdict('Valid'),
        granted: { id: '1', expiresAt: '2031-01-01T00:00:00Z', customers: 1 },
      },
    },
  ],
]

for (const [sentence, outlook, expected, known = {}] of rows) {
  test(`${expected.join(', ')}: ${sentence}`, (t) => {
    const { conditions = [] } = statusOf(snapshot(known), inOrder(outlook), now)
    const types = expected.map((each) => each.split('=')[0])
    const found = conditions.filter(({ type }) => types.includes(type))
    t.deepEqual(
      found.map(({ type, status, reason }) => `${type}=${status} ${reason}`).toSorted(),
      expected.filter((each) => each.includes('=')).toSorted(),
    )
  })
}

test('a condition that did not change keeps its time, one that did has the time of now', (t) => {
  const before = [condition('Ready', 'True', 'Provisioned'), condition('Available', 'False', 'Deactivated')]
  const { conditions = [] } = statusOf(snapshot({ status: { conditions: before } }), inOrder(), now + 5000)
  const times = Object.fromEntries(conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]))
  t.is(times['Ready'], '2030-01-01T00:00:00Z')
  t.is(times['Available'], '2030-01-01T00:00:05Z')
})

test('a Tenant that is being deleted is Deleting, whatever else is told', (t) => {
  const known = snapshot({ tenant: { deletionTimestamp: '2030-01-01T00:00:00Z' } })
  t.is(statusOf(known, inOrder(), now).phase, 'Deleting')
})

test('the record of a deletion goes once the deletion is taken back', (t) => {
  const deletion = { heldAt: '2030-01-01T00:00:00Z', because: 'a person' }
  const deleted = { tenant: { deletionTimestamp: '2030-01-01T00:00:00Z' } }
  t.deepEqual(statusOf(snapshot({ ...deleted, status: { deletion } }), inOrder(), now).deletion, deletion)
  t.is(statusOf(snapshot({ status: { deletion } }), inOrder(), now).deletion, undefined)
})

test('the state is the strictest of its own and those above', (t) => {
  t.is(statusOf(snapshot({ parent: { state: 'Deactivated' } }), inOrder(), now).state, 'Deactivated')
  const archived = { spec: { state: 'Archived' } }
  t.is(statusOf(snapshot({ tenant: archived, parent: { state: 'Deactivated' } }), inOrder(), now).state, 'Archived')
})

test('an MSP tells how many customers it has, a Customer does not', (t) => {
  const customers = [tenant({ name: 'globex' })]
  t.is(statusOf(snapshot({ tenant: { spec: { type: 'MSP' } }, customers }), inOrder(), now).customers, 1)
  t.is(statusOf(snapshot(), inOrder(), now).customers, undefined)
})

test('the first admin who has accepted is told, with the number of all', (t) => {
  const admins = [tenantAdmin({ invite: 'Pending' }), tenantAdmin({ name: 'sue', spec: { username: 'sue' } })]
  const status = statusOf(snapshot({ admins }), inOrder(), now)
  t.deepEqual(status.admin, { name: 'sue', username: 'sue', email: 'Jane@example.com' })
  t.is(status.invite, 'Accepted')
  t.is(status.admins, 2)
})

test('fields of a part of a life that is over are taken away, other fields stay', (t) => {
  const known = snapshot({ status: { suspendedAt: '2029-01-01T00:00:00Z', cloudId: 'acme' } })
  const status = statusOf(known, inOrder({ life: {} }), now)
  t.is(status.suspendedAt, undefined)
  t.is(status.cloudId, 'acme')
  t.is(statusOf(known, inOrder(), now).suspendedAt, '2029-01-01T00:00:00Z')
})
