/** Which annotations ask for something that is not done yet. */
import test from 'ava'
import { asksForInvite, hasOpenRequest } from '../../../operator/app/open-requests.ts'
import { annotations } from '../../../operator/api/names.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import { condition, tenant, tenantAdmin } from '../../gen.ts'

type Row = readonly [
  what: string,
  said: Partial<Record<keyof typeof annotations, string>>,
  isOpen: boolean,
  status?: Partial<Tenant['status']>,
  deleted?: true,
]

const place = { server: 'main', name: 'd', isolation: 'Database' } as const
const stalled = (reason: 'DumpFailed' | 'DatabaseMissing' | 'PlanNotAllowed') => ({
  conditions: [condition('Stalled', 'True', reason)],
})

const rows: readonly Row[] = [
  ['no annotation', {}, false],
  ['a rotation', { rotateRequestedAt: 'now' }, true, { database: { ...place, lastHandledRotation: 'then' } }],
  [
    'a rotation that is done',
    { rotateRequestedAt: 'now' },
    false,
    { database: { ...place, lastHandledRotation: 'now' } },
  ],
  ['a rehearsal', { dumpRehearsalRequestedAt: 'now' }, true],
  ['a rehearsal that is done', { dumpRehearsalRequestedAt: 'now' }, false, { lastHandledDumpRehearsal: 'now' }],
  ['a preview', { previewDeletion: 'now' }, true],
  [
    'an empty database in place of a lost one',
    { beginEmpty: 'd' },
    true,
    { database: { ...place, missingSince: 't' } },
  ],
  [
    'an empty database in place of a lost one that the status does not name',
    { beginEmpty: 'd' },
    true,
    { database: { server: 'main', isolation: 'Database', missingSince: 't' } },
  ],
  [
    'an empty database in place of another one',
    { beginEmpty: 'e' },
    false,
    { database: { ...place, missingSince: 't' } },
  ],
  ['an empty database, and none is lost', { beginEmpty: 'd' }, false, { database: place }],
  ['an adoption', { adopt: 'uid' }, true],
  ['an adoption that is done', { adopt: 'uid' }, false, { adopted: ['uid'] }],
  ['the names of an earlier tenant', { giveUp: 'acme' }, true],
  ['the names of an earlier tenant, and it was begun', { giveUp: 'acme' }, false, { namespace: 'tenant-acme' }],
  ['the release of a deletion', { releaseDeletion: 'acme' }, true, {}, true],
  ['the undoing of a deletion', { undoDeletion: 'acme' }, true, {}, true],
  ['the undoing of one that has begun', { undoDeletion: 'acme' }, false, { deletion: { startedAt: 't' } }, true],
  ['the undoing, and it is not deleted', { undoDeletion: 'acme' }, false],
  ['the end without a dump that fails', { skipFinalDump: 'acme' }, true, stalled('DumpFailed')],
  ['the end without a dump of lost data', { skipFinalDump: 'acme' }, true, stalled('DatabaseMissing')],
  ['the end without a dump, which nothing waits for', { skipFinalDump: 'acme' }, false, stalled('PlanNotAllowed')],
]

for (const [what, said, isOpen, status = {}, deleted] of rows)
  test(`${what}: ${isOpen ? 'open' : 'not open'}`, (t) => {
    const names = Object.keys(said) as (keyof typeof said)[] // the keys of the row
    const given = names.map((name): [string, string] => [annotations[name], said[name] ?? ''])
    const made = tenant({
      annotations: Object.fromEntries(given),
      ...(deleted === undefined ? {} : { deletionTimestamp: '2030-01-01T00:00:00Z' }),
    })
    t.is(hasOpenRequest({ ...made, status: { observedGeneration: 1, ...status } }), isOpen)
  })

const invites: readonly (readonly [string, object, boolean])[] = [
  ['a resend', {}, true],
  ['a resend that was handled', { lastHandledResend: 'now' }, false],
  ['a resend of an invite that was accepted', { acceptedAt: '2030-01-01T00:00:00Z' }, false],
]

for (const [what, invite, isOpen] of invites)
  test(`${what}: ${isOpen ? 'open' : 'not open'}`, (t) => {
    const made = tenantAdmin({ annotations: { [annotations.resendRequestedAt]: 'now' } })
    t.is(
      asksForInvite({ ...made, status: { observedGeneration: 1, invite: { status: 'Pending', ...invite } } }),
      isOpen,
    )
  })
