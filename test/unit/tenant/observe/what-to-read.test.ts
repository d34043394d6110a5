/** What is read live about a tenant: no more than it needs, and before a removal no less. */
import test from 'ava'
import { annotations, finalizer, suspensionQuotaName } from '../../../../operator/api/names.ts'
import { identityOf } from '../../../../operator/domain/marks.ts'
import type { Fingerprint } from '../../../../operator/domain/fingerprint.ts'
import { whatToReadLive } from '../../../../operator/tenant/observe/what-to-read.ts'
import type { LiveReads } from '../../../../operator/tenant/observe/what-to-read.ts'
import { condition, databaseServer, tenant, tenantPlan } from '../../../gen.ts'
import { begun, namespaceView, northwind, now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const { uid, installation } = identityOf(tenant(), 'main')

function child(name: string, over: Partial<Fingerprint> = {}): Fingerprint {
  const marks = { tenantUid: uid, tenant: 'home/acme', installation }
  return {
    namespace: 'tenant-acme',
    name,
    uid: name,
    resourceVersion: '1',
    digest: '',
    deleting: false,
    ...marks,
    ...over,
  }
}

const ago = (milliseconds: number) => new Date(now - milliseconds).toISOString()

const secret = { 'Secret/acme-db': child('acme-db', { password: 'digest' }) }
const quota = { [`ResourceQuota/${suspensionQuotaName}`]: child(suspensionQuotaName) }
const database = { binding: { name: 'acme-db' } }
const whole: SnapshotOver = { claims: begun, namespace: namespaceView(), children: secret, status: { database } }

const deletedTenant = (spec: object = {}) => ({ deletionTimestamp: ago(0), finalizers: [finalizer], spec })
const going: SnapshotOver = { ...whole, tenant: deletedTenant() }
const past = '2029-12-01T00:00:00Z'
const archived = (status: object, deletion: object = {}): SnapshotOver => ({
  ...whole,
  tenant: { spec: { state: 'Archived', deletion } },
  status: { database, suspendedAt: past, ...status },
})

type Row = readonly [what: string, known: SnapshotOver, reads: { readonly [K in keyof LiveReads]?: unknown }]

/** What is removed, as far as the date of the purge says. */
const retention = { archivedAt: '2029-11-01T00:00:00Z', purgeAfter: past }
const longer = { archive: { retention: '90d' } }
const postponed: SnapshotOver = { tenant: { spec: { state: 'Archived', ...longer } }, status: retention }
const removed = { database: 'lookLive', orphanedData: false }
const stays = { database: 'look', orphanedData: true }

const retentionRows: readonly Row[] = [
  ['it is over', archived(retention), removed],
  ['a longer retention of the Tenant postpones the purge', postponed, stays],
  [
    'a longer retention of the plan postpones the purge',
    { ...archived(retention), plans: [tenantPlan({ spec: longer })] },
    stays,
  ],
  [
    'the removal has begun before the retention was made longer',
    { ...postponed, status: { ...retention, purge: { startedAt: past } } },
    removed,
  ],
]

const main = databaseServer()
const spare = databaseServer({ name: 'spare' })
const broken = databaseServer({ name: 'broken', reason: 'DatabaseUnavailable' })
const another = databaseServer({ reason: 'AnotherServer' })

const databaseRows: readonly Row[] = [
  ['the last knowledge of a tenant that stays', whole, { database: 'look' }],
  ['a deleted tenant is asked for now', going, { database: 'lookLive' }],
  ['also where its deletion is refused', { ...going, customers: [northwind()] }, { database: 'lookLive' }],
  ['an archived tenant before its date is not', archived({ purgeAfter: '2030-06-01T00:00:00Z' }), { database: 'look' }],
  ['one whose retention is over is', archived({ purgeAfter: past }), { database: 'lookLive' }],
  ['unless its purge is blocked', archived({ purgeAfter: past }, { protected: true }), { database: 'look' }],
  ['one whose purge has begun is', archived({ purge: { startedAt: past } }), { database: 'lookLive' }],
  ['one that is purged is not', archived({ purge: { startedAt: past, finishedAt: past } }), { database: 'look' }],
]

const authorityRows: readonly Row[] = [
  [
    'the servers that are ready, before one is chosen',
    { servers: [main, spare, broken] },
    { authorities: ['main', 'spare'] },
  ],
  [
    'its own server, also one that is not ready',
    { ...whole, servers: [databaseServer({ reason: 'DatabaseUnavailable' })] },
    { authorities: ['main'] },
  ],
  [
    'not of its own server while another answers there',
    { ...whole, servers: [another, spare] },
    { authorities: ['spare'] },
  ],
  ['of none for a tenant that is being removed', going, { authorities: [] }],
  ['of none once a purge has begun', archived({ purge: { startedAt: past } }), { authorities: [] }],
  [
    'still before a purge begins, as drift is repaired first',
    archived({ purgeAfter: past }),
    { authorities: ['main'] },
  ],
  ['still where the deletion is refused', { ...going, customers: [northwind()] }, { authorities: ['main'] }],
]

const orphanRows: readonly Row[] = [
  ['a tenant that stays', whole, { orphanedData: true }],
  ['a deleted one is not asked about', going, { orphanedData: false }],
  ['nor where its deletion is refused', { ...going, customers: [northwind()] }, { orphanedData: false }],
  ['nor one whose retention is over', archived({ purgeAfter: past }), { orphanedData: false }],
]

const login = {
  uid: 'uid-acme',
  server: 'main',
  secret: { namespace: 'tenant-acme', name: 'acme-db' },
  password: 'digest',
}

const loginRows: readonly Row[] = [
  ['with complete credentials', whole, { login: login }],
  ['not without a Secret', { ...whole, children: {} }, { login: undefined }],
  ['not before the credentials were complete', { ...whole, status: {} }, { login: undefined }],
  ['not while the tenant is off', { ...whole, status: { database, suspendedAt: past } }, { login: undefined }],
  [
    'not while its data is too large',
    { ...whole, status: { database, conditions: [condition('Available', 'False', 'DatabaseOverSize')] } },
    { login: undefined },
  ],
  ['not of a tenant that is being removed', going, { login: undefined }],
  ['of one whose deletion is refused', { ...going, customers: [northwind()] }, { login: login }],
  ['not of one that has no server', { ...whole, claims: [] }, { login: undefined }],
]

const off = { ...whole, tenant: { spec: { state: 'Deactivated' } } }

const podRows: readonly Row[] = [
  [
    'the pods of a tenant that is off',
    off,
    { drain: { uid, namespace: 'tenant-acme', quota: undefined, settled: false } },
  ],
  [
    'of one that is archived',
    archived({}),
    { drain: { uid, namespace: 'tenant-acme', quota: undefined, settled: false } },
  ],
  ['not of one that is active', whole, { drain: undefined, backFor: undefined }],
  [
    'not of one that is being removed',
    { ...off, ...going, tenant: deletedTenant({ state: 'Deactivated' }) },
    { drain: undefined },
  ],
  [
    'of one whose deletion is refused',
    { ...off, tenant: deletedTenant({ state: 'Deactivated' }), customers: [northwind()] },
    { drain: { uid, namespace: 'tenant-acme', quota: undefined, settled: false } },
  ],
  ['not once a purge has begun', archived({ purge: { startedAt: past } }), { drain: undefined }],
]

const workloadRows: readonly Row[] = [
  ['when it has just come back', { ...whole, status: { suspendedAt: past } }, { backFor: 0 }],
  ['a while later', { ...whole, status: { revivedAt: ago(5_000) } }, { backFor: 5_000 }],
  ['while a controller may still wait', { ...whole, status: { revivedAt: ago(40_000) } }, { backFor: 40_000 }],
  ['not after that', { ...whole, status: { revivedAt: ago(1_036_000) } }, { backFor: undefined }],
  [
    'while the quota admits no pods: later',
    { ...whole, status: { suspendedAt: past }, children: quota },
    { backFor: 'Later' },
  ],
  [
    'not in a foreign namespace',
    { ...whole, status: { suspendedAt: past }, namespace: namespaceView({ labels: {} }) },
    { backFor: undefined },
  ],
  ['not of one that is being removed', { ...going, status: { suspendedAt: past } }, { backFor: undefined }],
]

const asks = { tenant: { annotations: { [annotations.previewDeletion]: 'once' } } }
const answered = {
  ...database,
  deletionPreview: { request: 'once', at: past, outcome: 'Removed' as const, summary: '' },
}

const previewRows: readonly Row[] = [
  ['not without a request', whole, { preview: undefined }],
  ['for a request', { ...whole, ...asks }, { preview: 'once' }],
  ['not after the answer', { ...whole, ...asks, status: answered }, { preview: undefined }],
  ['not of a deleted tenant', { ...whole, tenant: { ...asks.tenant, ...deletedTenant() } }, { preview: undefined }],
]

const tables = {
  'a preview of the deletion': previewRows,
  'the database': databaseRows,
  'the retention of an archived tenant': retentionRows,
  certificates: authorityRows,
  'orphaned data': orphanRows,
  'a test login': loginRows,
  'pods that have to end': podRows,
  'workloads that come back': workloadRows,
}

for (const [title, rows] of Object.entries(tables))
  for (const [what, known, reads] of rows)
    test(`${title}: ${what}`, (t) => {
      const found = whatToReadLive(snapshot(known), now)
      t.like({ ...found }, reads)
    })
