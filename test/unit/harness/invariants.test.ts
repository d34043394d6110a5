import test from 'ava'
import type { Stored } from '../../harness/api.ts'
import type { AuditEvent } from '../../harness/audit-log.ts'
import { leaks, logins, noise, orphans, repeatedMails, trespassers } from '../../harness/invariants.ts'
import type { Credentials, Facts } from '../../harness/invariants.ts'

const mark = (uid: string, kind: string, installation = 'test') =>
  JSON.stringify({ installation, tenant: 'home/acme', uid, kind })

const object = (kind: string, name: string, uid: string): Stored => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    name,
    uid: `uid-of-${name}`,
    resourceVersion: '1',
    labels: { 'tenantry.dev/tenant-uid': uid, 'tenantry.dev/admin-uid': 'person' },
  },
})

const tenant = (name: string, uid: string, status: Readonly<Record<string, unknown>> = {}): Stored => ({
  apiVersion: 'tenantry.dev/v1alpha1',
  kind: 'Tenant',
  metadata: { name, uid, resourceVersion: '1' },
  status: { conditions: [{ type: 'DatabaseReady', status: 'True' }], ...status },
})

const healthy: Facts = {
  installation: 'test',
  strangers: [],
  tenants: [tenant('acme', 'one', { namespace: 'tenant-acme', database: { name: 't_one' } })],
  admins: [{ ...object('TenantAdmin', 'ada', ''), metadata: { name: 'ada', uid: 'person', resourceVersion: '1' } }],
  namespaces: [object('Namespace', 'tenant-acme', 'one')],
  claims: [object('ConfigMap', 'claim-cloud-id-acme', 'one'), object('ConfigMap', 'claim-host-acme', 'one')],
  acceptances: [object('Secret', 'accept-person-1', 'one')],
  bindings: [object('Secret', 'tenantry-database', 'one')],
  roles: [
    { name: 't_one', comment: mark('one', 'owner') },
    { name: 't_one_a', comment: mark('one', 'login') },
    { name: 't_one_b', comment: mark('one', 'login') },
  ],
  databases: [{ name: 't_one', comment: mark('one', 'database') }],
  schemas: [],
}

test('I1 has nothing to say of one tenant with all that is its own', (t) => {
  t.deepEqual(orphans(healthy), [])
})

const broken: readonly (readonly [string, Partial<Facts>, RegExp])[] = [
  [
    'a role of a tenant that is gone',
    { roles: [...healthy.roles, { name: 't_x', comment: mark('x', 'login') }] },
    /role t_x is left/,
  ],
  [
    'a database of a tenant that is gone',
    { databases: [...healthy.databases, { name: 't_x', comment: mark('x', 'database') }] },
    /database t_x is left/,
  ],
  [
    'a database without a mark',
    { databases: [...healthy.databases, { name: 't_x', comment: null }] },
    /database t_x bears no mark/,
  ],
  [
    'a namespace of a tenant that is gone',
    { namespaces: [...healthy.namespaces, object('Namespace', 'tenant-x', 'x')] },
    /Namespace tenant-x is left/,
  ],
  [
    'a claim of a tenant that is gone',
    { claims: [...healthy.claims, object('ConfigMap', 'claim-x', 'x')] },
    /ConfigMap claim-x is left/,
  ],
  ['an acceptance of an admin who is gone', { admins: [] }, /Secret accept-person-1 is left of a TenantAdmin/],
  ['a tenant without its namespace', { namespaces: [] }, /acme has 0 namespaces, and should have 1/],
  ['a tenant with one claim only', { claims: healthy.claims.slice(1) }, /acme has 1 claims, and should have 2/],
  ['a schema of a tenant that is gone', { schemas: ['t_x'] }, /The schema t_x is left/],
  ['a tenant without its database', { databases: [] }, /acme has 0 databases/],
  [
    'a tenant without one of its logins',
    { roles: healthy.roles.slice(0, 2) },
    /acme has 1 login roles, and should have 2/,
  ],
  [
    'a tenant with a second database',
    { databases: [...healthy.databases, ...healthy.databases] },
    /acme has 2 databases/,
  ],
  [
    'two tenants in one namespace',
    { tenants: [...healthy.tenants, { ...tenant('bakery', 'two'), status: { namespace: 'tenant-acme' } }] },
    /acme and bakery share the namespace tenant-acme/,
  ],
]

for (const [what, change, sentence] of broken) {
  test(`I1 tells of ${what}`, (t) => {
    const found = orphans({ ...healthy, ...change })
    t.true(
      found.some((violation) => sentence.test(violation)),
      found.join('\n'),
    )
  })
}

test('I6 tells of who is accepted by what was accepted for another tenant, unless that was taken over', (t) => {
  const status = {
    tenant: { namespace: 'home', name: 'acme', uid: 'one' },
    invite: { status: 'Accepted', sequence: 1 },
  }
  const admins = healthy.admins.map((admin) => ({ ...admin, status }))
  t.deepEqual(trespassers({ ...healthy, admins }), [])
  const acceptances = [object('Secret', 'accept-person-1', 'before')]
  t.regex(trespassers({ ...healthy, admins, acceptances }).join(), /ada is Accepted by .* another tenant \(before\)/)
  const tenants = [tenant('acme', 'one', { adopted: ['before'] })]
  t.deepEqual(trespassers({ ...healthy, admins, acceptances, tenants }), [])
})

test("I1 leaves alone what is another installation's, and what was there before", (t) => {
  const roles = [
    ...healthy.roles,
    { name: 't_y', comment: mark('y', 'owner', 'other') },
    { name: 'app', comment: null },
  ]
  t.deepEqual(orphans({ ...healthy, roles, strangers: ['app'] }), [])
})

test('I1 leaves alone what stays of tenants and admins that are gone on purpose', (t) => {
  const facts = { ...healthy, tenants: [], admins: [] }
  t.true(orphans(facts).length > 0)
  t.deepEqual(orphans({ ...facts, kept: ['one', 'person'] }), [])
})

const credentials = (name: string): Credentials => ({
  tenant: name,
  database: name,
  username: name,
  password: `p-${name}`,
})
const two = [credentials('one'), credentials('two')]
const honest = async (database: string, username: string, password: string) =>
  database === username && password === `p-${username}`

test('I2 tries the whole matrix and finds who opens too much, too little, or needs no password', async (t) => {
  t.deepEqual(await logins(two, honest), [])
  t.deepEqual(
    await logins(
      two,
      async (database, user, password) => (await honest(database, user, password)) || database === 'template1',
    ),
    ['The credentials of one open the database template1.', 'The credentials of two open the database template1.'],
  )
  t.deepEqual(await logins(two, async () => false), [
    'The credentials of one do not open its own database.',
    'The credentials of two do not open its own database.',
  ])
  t.deepEqual(await logins(two, async (database, user) => database === user), [
    'Any password opens the database of one.',
    'Any password opens the database of two.',
  ])
  const off = [{ ...credentials('one'), off: true }]
  t.deepEqual(await logins(off, honest), ['The credentials of one open a database that is off.'])
  t.deepEqual(await logins(off, async () => false), [])
})

const invite = { address: 'ada@x.example', sequence: 1, messageId: '<1@x>', sent: true }
const mail = (messageId = '<1@x>', link = 'https://x/1') => ({ to: ['ada@x.example'], messageId, links: [link] })

test('I3 allows one mail a sequence, and one more per crash with the same link only', (t) => {
  t.deepEqual(repeatedMails([invite], [mail()]), [])
  t.deepEqual(repeatedMails([invite], [mail(), mail()], 1), [])
  t.deepEqual(repeatedMails([invite], [mail(), mail()]), ['ada@x.example got 2 mails for 1 invites.'])
  t.deepEqual(repeatedMails([invite], [mail(), mail('<1@x>', 'https://x/2')], 1), [
    'The mails with the Message-ID <1@x> have different links.',
  ])
  t.deepEqual(repeatedMails([invite], [mail(), mail('<2@x>')], 1), [
    'ada@x.example got 2 different mails for 1 invites.',
  ])
  const [first, second] = [mail('<expiry.1@x>'), mail('<expiry.2@x>')]
  t.deepEqual(repeatedMails([invite], [mail(), first, second]), [])
  t.deepEqual(repeatedMails([invite], [mail(), first, second, first]), ['ada@x.example got 1 warnings once more.'])
  t.deepEqual(repeatedMails([invite], []), ['ada@x.example never got the invite that was sent to it.'])
})

const write = (resource: string): AuditEvent => ({
  verb: 'patch',
  user: 'operator',
  credential: '',
  userAgent: 'tenantry',
  resource,
  subresource: '',
  namespace: 'home',
  name: 'acme',
  status: 200,
  uri: '',
  at: '',
  receivedAt: '',
})

test('I4 allows leases and what is known to be allowed, and nothing else', (t) => {
  t.deepEqual(noise({ writes: [write('leases')], statements: [] }), [])
  t.deepEqual(
    noise({ writes: [write('tenants')], statements: ['SELECT 1', 'SELECT 2'] }, (text) => text === 'SELECT 2'),
    ['Wrote without need: patch tenants home/acme', 'Ran without need: SELECT 1'],
  )
})

test('I5 finds a secret in any spelling', (t) => {
  const secrets = { 'the password': 'p4ss/w0rd+x' }
  const texts = { log: 'all is well', status: 'p4ss/w0rd+x', event: 'cDRzcy93MHJkK3g=', url: 'q=p4ss%2Fw0rd%2Bx' }
  t.deepEqual(leaks(secrets, texts), [
    'the password stands in status.',
    'the password stands in event.',
    'the password stands in url.',
  ])
})
