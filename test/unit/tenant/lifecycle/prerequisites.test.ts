/** What must be there before anything is made for a tenant; what was begun is never held up. */
import test from 'ava'
import type { Check, Verdict } from '../../../../operator/api/verdict.ts'
import {
  awaitingAcceptance,
  parentDeleted,
  recordAway,
  renamesFirst,
} from '../../../../operator/tenant/lifecycle/prerequisites.ts'
import type { Snapshot } from '../../../../operator/tenant/model/snapshot.ts'
import { condition, tenant, tenantAdmin } from '../../../gen.ts'
import { begun, nameClaim, namespaceView, northwind, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

type Row = readonly [
  sentence: string,
  rule: Check<Snapshot>,
  known: SnapshotOver,
  reason: Verdict['reason'] | undefined,
]

const deleted = tenant({
  name: 'top',
  uid: 'uid-top',
  spec: { type: 'MSP' },
  deletionTimestamp: '2030-01-01T00:00:00Z',
})
const parent = northwind()
const underDeleted = { home: { kind: 'Msp' as const, parent, ancestors: [parent, deleted] } }
const onAccept = { spec: { provisioning: 'OnAccept' } }
const claimed = [nameClaim('acme'), nameClaim('acme.example.com')]
const handover = {
  claim: 'claim-cloud-id-initech',
  cloudId: 'initech',
  data: { uid: 'uid-acme', kind: 'CloudId', value: 'initech', tenant: 'home/acme' },
}
const globex = { holder: 'uid-globex', tenant: 'home/globex' }
const placed = { ...handover, data: { ...handover.data, server: 'main' } }
const placedSwap = [nameClaim('globex', { ...globex, handovers: [placed] })]
const swapped = [nameClaim('globex', { ...globex, handovers: [handover] })]

const rows: readonly Row[] = [
  ['an MSP further up is being deleted', parentDeleted, underDeleted, 'ParentDeleted'],
  ['the same, and the tenant was begun', parentDeleted, { ...underDeleted, claims: begun }, undefined],
  ['the MSP lives', parentDeleted, { parent: {} }, undefined],
  ['the tenant is in a home namespace', parentDeleted, {}, undefined],

  ['a swap was decided before the server was recorded', recordAway, { claims: swapped }, 'Renaming'],
  ['a swap was decided, and the server is recorded', recordAway, { claims: placedSwap }, undefined],
  ['no swap', recordAway, { claims: claimed }, undefined],

  ['made at once', awaitingAcceptance, {}, undefined],
  ['made on acceptance, and nobody has accepted', awaitingAcceptance, { tenant: onAccept }, 'AwaitingAcceptance'],
  [
    'an invite is pending',
    awaitingAcceptance,
    { tenant: onAccept, admins: [tenantAdmin({ invite: 'Pending' })] },
    'AwaitingAcceptance',
  ],
  ['an admin has accepted', awaitingAcceptance, { tenant: onAccept, admins: [tenantAdmin()] }, undefined],
  [
    'an admin had accepted once, and is deleted',
    awaitingAcceptance,
    { tenant: onAccept, status: { conditions: [condition('AdminAccepted', 'True', 'Accepted')] } },
    undefined,
  ],
  ['the tenant was begun: its server is recorded', awaitingAcceptance, { tenant: onAccept, claims: begun }, undefined],
  [
    'the tenant was begun: its namespace is there',
    awaitingAcceptance,
    { tenant: onAccept, namespace: namespaceView() },
    undefined,
  ],

  [
    'another Cloud ID is wanted than was claimed',
    renamesFirst,
    { tenant: { spec: { cloudId: 'initech' } }, claims: claimed },
    'Renaming',
  ],
  ['another host is wanted', renamesFirst, { tenant: { spec: { subdomain: 'shop' } }, claims: claimed }, 'Renaming'],
  ['the names are those that are wanted', renamesFirst, { claims: claimed }, undefined],
  ['no name was claimed yet', renamesFirst, { tenant: { spec: { cloudId: 'initech' } } }, undefined],
  ['only a host was claimed so far', renamesFirst, { claims: [nameClaim('shop.example.com')] }, undefined],
  ['the tenant was begun', renamesFirst, { tenant: { spec: { cloudId: 'initech' } }, claims: begun }, undefined],
]
for (const [sentence, rule, known, reason] of rows)
  test(`${reason ?? 'nothing'}: ${sentence}`, (t) => t.is(rule(snapshot(known))?.reason, reason))

const invites: readonly (readonly [Parameters<typeof tenantAdmin>[0] | undefined, RegExp])[] = [
  [undefined, /no admin.*spec\.tenantRef\.name: acme/],
  [{ invite: 'Expired' }, /jane has expired.*resend-requested-at/],
  [{ invite: 'EmailSendingFailed' }, /jane could not be sent/],
  [{ invite: 'NotYetActive' }, /not been sent yet/],
  [{ invite: 'Pending' }, /accepts the invite\.$/],
]
for (const [admin, message] of invites)
  test(`the message says what to do about the invite: ${admin?.invite ?? 'no admin'}`, (t) => {
    const admins = admin === undefined ? [] : [tenantAdmin(admin)]
    t.regex(awaitingAcceptance(snapshot({ tenant: onAccept, admins }))?.message ?? '', message)
  })
