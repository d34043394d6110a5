/** What becomes of a deleted Tenant, and of one that is not deleted yet, and which of several rules is told. */
import test from 'ava'
import { annotations, finalizer } from '../../../../operator/api/names.ts'
import type { Reason } from '../../../../operator/api/reasons.ts'
import type { Brake, Grace, RecentDeletions } from '../../../../operator/tenant/model/deletion-hold.ts'
import { askedDeletion, begin } from '../../../../operator/tenant/lifecycle/deletion-brake.ts'
import { holdsOn, isCounted } from '../../../../operator/tenant/lifecycle/deletion-holds.ts'
import {
  deletionBlocker,
  deletionFate,
  isBeingDeleted,
  keepsData,
} from '../../../../operator/tenant/lifecycle/deletion-rules.ts'
import { tenant, tenantPlan, tenantSettings } from '../../../gen.ts'
import { begun, northwind, now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const live = { deletionCause: undefined, namespace: undefined, claims: [] }
const withCause = (deletionCause: 'CustomResourceDefinition' | 'Namespace') => ({ live: { ...live, deletionCause } })
const held: Brake = {
  kind: 'Hold',
  because: '5 deletions within 10m',
  heldAt: '2030-01-01T00:00:00Z',
  released: undefined,
}
const grace: Grace = { until: '2030-01-02T00:00:00Z', in: 86_400_000, by: 'settings.deletion.grace' }

interface Over {
  readonly deletion?: object
  readonly annotation?: string
  readonly status?: SnapshotOver['status']
}

const declared = ({ deletion = {}, annotation, status }: Over = {}): SnapshotOver => ({
  claims: begun,
  live,
  tenant: {
    spec: { deletion },
    finalizers: [finalizer],
    ...(annotation === undefined ? {} : { annotations: { [annotation]: 'acme' } }),
  },
  status: { namespace: 'tenant-acme', ...status },
})

const deleted = (over: Over = {}): SnapshotOver => {
  const known = declared(over)
  return { ...known, tenant: { ...known.tenant, deletionTimestamp: '2030-01-01T00:00:00Z' } }
}

type Row = readonly [what: string, known: SnapshotOver, outcome: string, blocker?: Reason | undefined]

const all = { customers: [northwind()], brake: held, grace }
const retain = { deletion: { policy: 'Retain' } }
const guarded = { deletion: { protected: true } }
const undo = { annotation: annotations.undoDeletion }

const rows: readonly Row[] = [
  ['nothing keeps it', deleted(), 'Removed'],
  ['before a deletion, nothing keeps it', declared(), 'Removed'],
  ['its namespace is deleted, before all', { ...deleted(guarded), ...all, ...withCause('Namespace') }, 'Kept'],
  ['the CRD is deleted, before all', { ...deleted(guarded), ...all, ...withCause('CustomResourceDefinition') }, 'Kept'],
  ['it is undone, before what refuses it', { ...deleted({ ...guarded, ...undo }), ...all }, 'Kept'],
  [
    'it is undone after the removal began',
    deleted({ ...undo, status: { deletion: { startedAt: '2030-01-01T00:00:00Z' } } }),
    'Removed',
  ],
  [
    'policy Retain, before what refuses it',
    { ...deleted({ deletion: { policy: 'Retain', protected: true } }), ...all },
    'Kept',
  ],
  ['protection, before the customers', { ...deleted(guarded), ...all }, 'Refused', 'DeletionProtected'],
  ['the customers, before the brake', { ...deleted(), ...all }, 'Refused', 'HasCustomers'],
  ['the brake, before the grace period', { ...deleted(), brake: held, grace }, 'Refused', 'DeletionHeld'],
  ['the grace period', { ...deleted(), grace }, 'Postponed', 'DeletionPostponed'],
  [
    'before a deletion, protection comes before policy Retain',
    declared({ deletion: { policy: 'Retain', protected: true } }),
    'Refused',
  ],
  ['before a deletion, policy Retain', declared(retain), 'Kept'],
  ['before a deletion, the customers', { ...declared(), ...all }, 'Refused'],
  ['before a deletion, the brake', { ...declared(), brake: held, grace }, 'Refused'],
]

for (const [what, known, outcome, blocker] of rows)
  test(`the fate of a Tenant: ${what}`, (t) => {
    const facts = snapshot(known)
    t.is(deletionFate(facts).outcome, outcome as never)
    t.is(deletionBlocker(facts)?.reason, blocker)
    t.is(keepsData(facts), outcome === 'Kept')
    const isDeleted = facts.tenant.metadata.deletionTimestamp !== undefined
    t.is(isBeingDeleted(facts), isDeleted && blocker === undefined)
  })

const limits = { installation: 1, msp: 0, window: 600_000, releaseAfter: undefined }
const braked = { ...tenantSettings, deletionBrake: limits }
const withGrace = [tenantPlan({ spec: { deletion: { grace: '1h' } } })]
const another = begin(askedDeletion(tenant({ name: 'other', uid: 'uid-other' }), undefined), now)
const own = begin(askedDeletion(tenant(), undefined), now)
const none: RecentDeletions = { begun: [], asked: [], gone: new Set() }
const one: RecentDeletions = { ...none, begun: [{ ...another, deletedAt: another.begunAt }] }
const isHeld = { deletion: { heldAt: '2030-01-01T00:00:00Z', because: 'x' } }

type HoldRow = readonly [
  what: string,
  known: SnapshotOver,
  recent: RecentDeletions | undefined,
  brake: Brake['kind'] | undefined,
  graceIn: number | undefined,
]

const hour = 3_600_000

const holdRows: readonly HoldRow[] = [
  ['one within the limit is permitted', deleted(), none, 'Permit', hour],
  ['one beyond the limit is held', deleted(), one, 'Hold', hour],
  ['one that is recorded is not judged again', deleted(), { ...one, begun: [...one.begun, own] }, undefined, hour],
  ['one that is held stays held, without the record', deleted({ status: isHeld }), undefined, 'Hold', hour],
  [
    'released by name: neither brake nor grace period',
    deleted({ annotation: annotations.releaseDeletion }),
    one,
    undefined,
    undefined,
  ],
  [
    'one released by name that was held',
    deleted({ annotation: annotations.releaseDeletion, status: isHeld }),
    one,
    undefined,
    undefined,
  ],
  [
    'released by the namespace: the grace period stays',
    { ...deleted(), deletionsReleased: true },
    one,
    undefined,
    hour,
  ],
  ['one that loses nothing, as its data is kept', deleted(retain), one, undefined, undefined],
  ['one that was not meant for the data', { ...deleted(), ...withCause('Namespace') }, one, undefined, undefined],
  ['one that is protected, until it is not', deleted(guarded), one, undefined, undefined],
  [
    'one whose removal has begun',
    deleted({ status: { deletion: { startedAt: '2030-01-01T00:00:00Z' } } }),
    one,
    undefined,
    undefined,
  ],
  ['a Tenant for which nothing was made', { ...deleted(), claims: [], status: {} }, one, undefined, undefined],
  ['a Tenant that is not deleted', declared(), one, undefined, undefined],
  ['a deletion that is not checked live', { ...deleted(), live: undefined }, one, undefined, undefined],
  [
    'a time that was told is not brought forward',
    deleted({ status: { deletion: { notBefore: '2030-01-01T02:00:00Z' } } }),
    none,
    'Permit',
    2 * hour,
  ],
]

for (const [what, known, recent, brake, graceIn] of holdRows)
  test(`what holds a deletion: ${what}`, (t) => {
    const facts = snapshot({ ...known, settings: braked, plans: withGrace })
    const holds = holdsOn(facts, recent, { now, steady: now })
    t.is(holds.brake?.kind, brake)
    t.is(holds.grace?.in, graceIn)
  })

test('the record of deletions is required where the brake counts, and only there', (t) => {
  const facts = snapshot({ ...deleted(), settings: braked })
  t.true(isCounted(facts))
  t.throws(() => holdsOn(facts, undefined, { now, steady: now }), { instanceOf: TypeError })
  const off = { ...tenantSettings, deletionBrake: { ...limits, installation: 0 } }
  t.false(isCounted(snapshot({ ...deleted(), settings: off })))
  t.is(holdsOn(snapshot({ ...deleted(), settings: off }), undefined, { now, steady: now }).brake, undefined)
})
