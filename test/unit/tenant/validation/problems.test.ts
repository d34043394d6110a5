/** The rules in validation/problems.ts: what each finds, and what is just allowed. */
import test from 'ava'
import type { Reason } from '../../../../operator/api/reasons.ts'
import { firstOf } from '../../../../operator/api/verdict.ts'
import { namespaceForeign, problems } from '../../../../operator/tenant/validation/problems.ts'
import { tenant, tenantPlan } from '../../../gen.ts'
import { begun, nameClaim, namespaceView, northwind, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

type Row = readonly [sentence: string, known: SnapshotOver, reason: Reason | undefined]

const theirs = { holder: 'uid-globex', tenant: 'home/globex' }
const sibling = (name: string) => tenant({ name, uid: `uid-${name}`, namespace: 'tenant-northwind' })
const acme = { namespace: 'tenant-northwind' }
const license = (reason: 'LicenseInvalid' | 'LicenseForeign' | 'LicenseExpired' | 'SecretNotFound') => ({
  license: { valid: false, reason, message: '' },
})
const second = tenantPlan({ name: 'gold', uid: 'uid-gold' })

const rows: readonly Row[] = [
  ['a Tenant in a home namespace', {}, undefined],
  ['a customer in the namespace of an MSP', { parent: {} }, undefined],
  ['an MSP in a home namespace', { tenant: { spec: { type: 'MSP' } } }, undefined],
  ['an MSP in the namespace of an MSP', { parent: {}, tenant: { spec: { type: 'MSP' } } }, 'Misplaced'],
  ['a namespace that is no home', { home: { kind: 'NotAHome' } }, 'Misplaced'],
  ['a namespace whose MSP is gone', { home: { kind: 'Kept', msp: 'home/northwind' } }, 'Misplaced'],

  ['a Cloud ID of ten letters', { tenant: { spec: { cloudId: 'abcdefghij' } } }, undefined],
  [
    'a Cloud ID of eleven letters, without a subdomain',
    { tenant: { spec: { cloudId: 'abcdefghijk' } } },
    'SubdomainMissing',
  ],
  [
    'a Cloud ID of eleven letters, with a subdomain',
    { tenant: { spec: { cloudId: 'abcdefghijk', subdomain: 'abc' } } },
    undefined,
  ],

  ['a reserved subdomain', { tenant: { spec: { subdomain: 'www' } } }, 'SubdomainReserved'],
  ['a reserved subdomain below an MSP', { parent: {}, tenant: { spec: { subdomain: 'www' } } }, undefined],
  ['the host name of the pages', { tenant: { spec: { subdomain: 'accept' } } }, 'SubdomainReserved'],
  [
    'a host name above that of the pages',
    {
      tenant: { spec: { subdomain: 'accept' } },
      settings: { ...snapshot().settings, pagesHost: 'x.accept.example.com' },
    },
    'SubdomainReserved',
  ],
  [
    'a subdomain that was reserved after the tenant was begun',
    {
      tenant: { spec: { subdomain: 'www' } },
      claims: [nameClaim('acme', { server: 'main' }), nameClaim('www.example.com')],
    },
    undefined,
  ],

  ['a Cloud ID and a host name that it holds', { claims: begun }, undefined],
  ['a Cloud ID that another Tenant holds', { claims: [nameClaim('acme', theirs)] }, 'CloudIdConflict'],
  ['a host name that another Tenant holds', { claims: [nameClaim('acme.example.com', theirs)] }, 'HostConflict'],
  [
    'a rename to a Cloud ID that another Tenant holds',
    { tenant: { spec: { cloudId: 'globex', subdomain: 'acme' } }, claims: [...begun, nameClaim('globex', theirs)] },
    'CloudIdConflict',
  ],
  [
    'a rename to a free Cloud ID',
    { tenant: { spec: { cloudId: 'initech', subdomain: 'acme' } }, claims: begun },
    undefined,
  ],

  ['a license that is damaged', license('LicenseInvalid'), 'LicenseInvalid'],
  ['a license for another Cloud ID', license('LicenseForeign'), 'LicenseForeign'],
  ['a license that has expired, which ends the tenant by its expiry', license('LicenseExpired'), undefined],
  ['a license whose Secret is not there yet', license('SecretNotFound'), undefined],

  ['no plan at all, which is waited for', { plans: [] }, undefined],
  ['two default plans', { plans: [tenantPlan(), second] }, 'MultipleDefaultPlans'],
  ['two default plans and a choice', { plans: [tenantPlan(), second], tenant: { spec: { plan: 'gold' } } }, undefined],
  ['a plan that the MSP may give', { parent: { customers: { plans: ['standard'] } } }, undefined],
  ['a plan that the MSP may not give', { parent: { customers: { plans: ['gold'] } } }, 'PlanNotAllowed'],

  [
    'a server that the MSP may use',
    { parent: { customers: { servers: ['main'] } }, tenant: { spec: { database: { server: 'main' } } } },
    undefined,
  ],
  [
    'a server that the MSP may not use',
    { parent: { customers: { servers: ['other'] } }, tenant: { spec: { database: { server: 'main' } } } },
    'DatabaseServerNotAllowed',
  ],

  [
    'the last customer that the MSP may have',
    { parent: { customers: { max: 2 } }, siblings: [sibling('globex'), tenant(acme)] },
    undefined,
  ],
  [
    'one customer too many',
    { parent: { customers: { max: 1 } }, siblings: [sibling('globex'), tenant(acme)] },
    'CustomerLimitReached',
  ],
  [
    'an elder customer, where a younger one is too many',
    { parent: { customers: { max: 1 } }, siblings: [tenant(acme), sibling('globex')] },
    undefined,
  ],
  [
    'one customer too many, as one that was deleted and retained has its place',
    { parent: { customers: { max: 1 } }, siblings: [tenant(acme)], seatsTaken: new Set(['uid-gone']) },
    'CustomerLimitReached',
  ],
  [
    'one customer too many by the license of the MSP',
    {
      home: licensed(1),
      tenant: acme,
      siblings: [sibling('globex'), tenant(acme)],
    },
    'CustomerLimitReached',
  ],
  [
    'a customer that was begun before the limit was lowered',
    { parent: { customers: { max: 0 } }, siblings: [tenant(acme)], claims: begun },
    undefined,
  ],

  [
    'an expiry as late as the MSP allows',
    {
      parent: { customers: { latestExpiry: '2031-01-01T00:00:00Z' } },
      tenant: { spec: { expiresAt: '2031-01-01T00:00:00Z' } },
    },
    undefined,
  ],
  [
    'an expiry later than the MSP allows',
    {
      parent: { customers: { latestExpiry: '2031-01-01T00:00:00Z' } },
      tenant: { spec: { expiresAt: '2031-01-01T00:00:01Z' } },
    },
    'ExpiryNotAllowed',
  ],

  [
    'more connections than the plan gives, below an MSP',
    { parent: {}, tenant: { spec: { database: { connectionLimit: 9999 } } } },
    'ConnectionLimitNotAllowed',
  ],
  [
    'more connections than the plan gives, in a home namespace',
    { tenant: { spec: { database: { connectionLimit: 9999 } } } },
    undefined,
  ],

  ['the server that its data is on', { claims: begun, tenant: { spec: { database: { server: 'main' } } } }, undefined],
  [
    'another server than its data is on',
    { claims: begun, tenant: { spec: { database: { server: 'other' } } } },
    'DatabaseServerFixed',
  ],
  [
    'another isolation than its data has',
    { claims: begun, tenant: { spec: { database: { isolation: 'Schema' } } } },
    'IsolationFixed',
  ],
]

/** A home in the namespace of an MSP whose license is for so many customers. */
function licensed(customers: number) {
  const msp = northwind({ license: { key: 'key' } })
  const granted = { id: 'license', expiresAt: '2031-01-01T00:00:00Z', customers }
  const parent = { ...msp, status: { observedGeneration: 1, ...msp.status, license: granted } }
  return { kind: 'Msp' as const, parent, ancestors: [parent] }
}

for (const [sentence, known, reason] of rows) {
  test(`${reason === undefined ? 'allowed' : `refused as ${reason}`}: ${sentence}`, (t) => {
    t.is(firstOf(problems, snapshot(known))?.reason, reason)
  })
}

test('of several reasons to refuse, the one about the place is told before that about names', (t) => {
  const known = snapshot({ home: { kind: 'NotAHome' }, claims: [nameClaim('acme', theirs)] })
  t.is(firstOf(problems, known)?.reason, 'Misplaced')
})

test('the message about a taken name does not say whose it is', (t) => {
  const taken = nameClaim('acme', { holder: 'uid-s', tenant: 'home/secret-customer' })
  const verdict = firstOf(problems, snapshot({ claims: [taken] }))
  t.is(verdict?.reason, 'CloudIdConflict')
  t.false(verdict?.message.includes('secret'))
})

test('a namespace without the mark of the tenant is somebody else’s', (t) => {
  t.is(namespaceForeign(snapshot()), undefined)
  t.is(namespaceForeign(snapshot({ namespace: namespaceView() })), undefined)
  const foreign = namespaceView({ labels: {} })
  t.is(namespaceForeign(snapshot({ namespace: foreign }))?.reason, 'NamespaceConflict')
})
