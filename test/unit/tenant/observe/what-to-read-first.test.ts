/** What is read live first about a tenant: no read for one that is as it should be, and all that a removal depends on. */
import test from 'ava'
import { annotations, finalizer } from '../../../../operator/api/names.ts'
import { whatToReadFirst } from '../../../../operator/tenant/observe/what-to-read-first.ts'
import type { FirstReads } from '../../../../operator/tenant/observe/what-to-read-first.ts'
import { tenantSettings } from '../../../gen.ts'
import { northwind, begun, now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const limits = { installation: 5, msp: 3, window: 600_000, releaseAfter: undefined }
const settings = { ...tenantSettings, deletionBrake: limits }
const past = '2029-12-01T00:00:00Z'
const fingerprint = { namespace: 'tenant-acme', name: 'acme-db', uid: 'uid', resourceVersion: '1', digest: '' }
const unmarked = { tenantUid: undefined, tenant: undefined, installation: undefined, deleting: false }
const cached = { 'Secret/acme-db': { ...fingerprint, ...unmarked, password: 'digest' } }
const status = { namespace: 'tenant-acme', database: { binding: { name: 'acme-db' } } }
const whole: SnapshotOver = { claims: begun, children: cached, status }

interface Over {
  readonly deletion?: object
  readonly annotation?: string
  readonly status?: SnapshotOver['status']
}

const deleted = ({ deletion = {}, annotation, status: told }: Over = {}): SnapshotOver => ({
  ...whole,
  tenant: {
    deletionTimestamp: '2030-01-01T00:00:00Z',
    finalizers: [finalizer],
    spec: { deletion },
    ...(annotation === undefined ? {} : { annotations: { [annotation]: 'acme' } }),
  },
  status: { ...status, ...told },
})

const archived = (purge: object = {}, purgeAfter = past): SnapshotOver => ({
  ...whole,
  tenant: { spec: { state: 'Archived' } },
  status: { ...status, archivedAt: '2029-11-01T00:00:00Z', purgeAfter, purge },
})

const dump = 'home/acme/uid-acme/last.dump'
const nothing: FirstReads = { secret: undefined, cluster: false, dump: undefined, deletions: false }
const removal: FirstReads = { ...nothing, cluster: true, deletions: true }
const skip = { annotation: annotations.skipFinalDump }

const rows: readonly (readonly [what: string, known: SnapshotOver, reads: FirstReads])[] = [
  ['nothing for a tenant that is as it should be', whole, nothing],
  ['nothing for one that is new', {}, nothing],
  ['the Secret that no cache has', { ...whole, children: {} }, { ...nothing, secret: 'acme-db' }],
  ['the cluster and the record for a deleted one', deleted(), removal],
  ['its last dump', deleted({ status: { deletion: { dump } } }), { ...removal, dump }],
  ['not a last dump that is skipped', deleted({ ...skip, status: { deletion: { dump } } }), removal],
  [
    'not the record where its data is kept',
    deleted({ deletion: { policy: 'Retain' } }),
    { ...removal, deletions: false },
  ],
  [
    'not the record where its deletion is refused',
    { ...deleted(), customers: [northwind()] },
    { ...removal, deletions: false },
  ],
  [
    'not the record where it is released',
    deleted({ annotation: annotations.releaseDeletion }),
    { ...removal, deletions: false },
  ],
  [
    'not the record where all deletions are',
    { ...deleted(), deletionsReleased: true },
    { ...removal, deletions: false },
  ],
  [
    'not the record where it is held',
    deleted({ status: { deletion: { heldAt: past } } }),
    { ...removal, deletions: false },
  ],
  [
    'not the record where the removal has begun',
    deleted({ status: { deletion: { startedAt: past } } }),
    { ...removal, deletions: false },
  ],
  ['nothing for an archived one before its date', archived({}, '2030-06-01T00:00:00Z'), nothing],
  ['the cluster once the retention is over', archived(), { ...nothing, cluster: true }],
  ['and the last dump', archived({ dump }), { ...nothing, cluster: true, dump }],
  ['nothing for one that is purged', archived({ dump, startedAt: past, finishedAt: past }), nothing],
]

for (const [what, known, reads] of rows)
  test(`read first: ${what}`, (t) => t.deepEqual(whatToReadFirst(snapshot({ ...known, settings }), now), reads))
