/** Whole lives of an invite: what happens, and what the status says then. */
import test from 'ava'
import { findCondition } from '../../../operator/api/conditions.ts'
import { condition, tenant, tenantAdmin } from './gen.ts'
import { day, invited, minute, resend, story, token } from './story.ts'
import { World } from './world.ts'

test('Invited, and accepted a day later', async (t) => {
  const world = await invited()
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
  await world.pass(day)
  world.accept({ consent: { digest: 'ab' } })
  await world.settle()
  t.is(story(world), 'Accepted · #1 Accepted · Ready: Accepted · 1 mails')
  const { status } = world.admin()
  t.deepEqual(status?.consent, { given: true, at: status?.invite?.acceptedAt ?? '', digest: 'ab' })
  await world.pass(30 * day)
  t.is(story(world), 'Accepted · #1 Accepted · Ready: Accepted · 1 mails')
  t.deepEqual(world.events, ['InviteSent', 'InviteAccepted'])
  t.like(status, { user: 'oidc:jane@example.com', tenant: { namespace: 'home', name: 'acme' } })
})

test('Nothing is written once nothing changes', async (t) => {
  const world = await invited()
  const { writes } = world
  await world.settle()
  await world.pass(6 * day)
  t.is(world.writes, writes)
})

test('An invite takes the finalizer, the record of the attempt and its outcome, and no other write', async (t) => {
  const world = await invited()
  // And one for the keys, made once for all.
  t.is(world.writes, 1 + 3)
})

test('Expired after seven days to the second, and resent', async (t) => {
  const world = await invited()
  await world.pass(7 * day - 1000)
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
  await world.pass(3000)
  t.is(story(world), 'Expired · #1 Expired · Stalled: InviteExpired · 1 mails')
  world.edit({ metadata: resend('2030-01-08T10:00:00Z') })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
  t.is(world.admin().status?.invite?.lastHandledResend, '2030-01-08T10:00:00Z')
  t.not(token(world.mails[0]), token(world.mails[1]))
  t.not(world.mails[0]?.messageId, world.mails[1]?.messageId)
  await world.pass(6 * day)
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
})

test('A resend after the acceptance is refused with the reason, for as long as it is asked for', async (t) => {
  const world = await invited()
  world.accept()
  await world.settle()
  world.edit({ metadata: resend('2030-01-01T10:00:00Z') })
  await world.settle()
  t.is(story(world), 'Accepted · #1 Accepted · Ready: Accepted · 1 mails')
  t.is(findCondition(world.admin().status?.conditions, 'InviteDelivered')?.reason, 'ResendRefused')
  world.edit({ metadata: { annotations: {} } })
  await world.settle()
  t.is(findCondition(world.admin().status?.conditions, 'InviteDelivered')?.reason, 'Delivered')
})

test('A new address before the acceptance: the old link dies, the new address is invited', async (t) => {
  const world = await invited()
  await world.pass(minute)
  world.edit({ spec: { email: 'john@example.com' } })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
  t.is(world.admin().status?.invite?.address, 'john@example.com')
  world.accept({ sequence: 1, address: 'Jane@example.com' })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
})

test('The same address in other letters is the same address', async (t) => {
  const world = await invited()
  world.edit({ spec: { email: 'JANE@EXAMPLE.COM' } })
  await world.settle()
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('A new address after the acceptance: the accepted one counts, and the status says so', async (t) => {
  const world = await invited()
  world.accept()
  await world.settle()
  world.edit({ spec: { email: 'john@example.com' } })
  await world.settle()
  t.is(story(world), 'Accepted · #1 Accepted · Stalled: AddressChanged · 1 mails')
  t.is(world.admin().status?.user, 'oidc:jane@example.com')
})

test('A link accepted in the very moment of a resend counts', async (t) => {
  const world = await invited()
  await world.pass(minute)
  world.edit({ metadata: resend('2030-01-01T10:00:00Z') })
  await world.settle()
  world.accept({ sequence: 1 })
  await world.settle()
  t.is(story(world), 'Accepted · #1 Accepted · Ready: Accepted · 2 mails')
})

test('A dropped key: its invites are sent anew', async (t) => {
  const world = await invited()
  const secret = world.all('Secret')[0]
  world.remove('Secret', 'tenantry-system-web/tenantry-signing-keys')
  await world.settle()
  t.truthy(secret)
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
})

test('A key that was lost is told to whoever was invited with it, and in the log, once and without a name', async (t) => {
  const world = await invited()
  const said = () => world.lines.splice(0).map(({ message }) => message)
  t.deepEqual(said(), ['signing key made', 'invite handed over'])
  world.remove('Secret', 'tenantry-system-web/tenantry-signing-keys')
  await world.settle()
  t.deepEqual(world.events, ['InviteSent', 'InviteSent', 'InviteKeyLost'])
  const { lines } = world
  t.deepEqual(
    lines.map(({ message }) => message),
    [
      'signing keys made anew, pending invites go out again',
      'invite handed over',
      'invite issued anew, its key is gone',
    ],
  )
  const { email, username } = world.admin().spec
  for (const never of [email, `"${username}"`]) t.false(JSON.stringify(lines).includes(never))
  t.like(lines[1]?.fields, { admin: 'home/jane', tenant: 'home/acme', why: 'invite', sequence: 2 })
})

test('notBefore: the invite goes out then', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin({ spec: { notBefore: '2030-01-03T08:00:00Z' } }))
  await world.settle()
  t.is(story(world), 'NotYetActive · #0 NotYetActive · Ready: NotYetActive · 0 mails')
  await world.pass(3 * day)
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
  t.is(world.admin().status?.invite?.issuedAt, '2030-01-03T08:00:00Z')
})

test('tenantRef never falls back to the owner of the namespace, nor the other way round', async (t) => {
  const world = new World()
  const active = {
    phase: 'Active',
    namespace: 'tenant-acme',
    conditions: [condition('Ready', 'True', 'Provisioned')],
  } as const
  world.put(tenant({ spec: { type: 'MSP' }, status: active }))
  world.put(tenantAdmin({ namespace: 'tenant-acme' }))
  await world.settle('tenant-acme/jane')
  t.is(story(world, 'tenant-acme/jane'), 'NotYetActive · #0 NotYetActive · Reconciling: TenantNotFound · 0 mails')
  const { tenantRef: _ref, ...withoutRef } = tenantAdmin().spec
  world.put({ ...tenantAdmin({ name: 'own', namespace: 'tenant-acme' }), spec: withoutRef })
  await world.settle('tenant-acme/own')
  t.like(world.admin('tenant-acme/own').status?.tenant, { namespace: 'home', name: 'acme' })
  world.put({ ...tenantAdmin({ name: 'stray' }), spec: withoutRef })
  await world.settle('home/stray')
  t.is(story(world, 'home/stray'), 'NotYetActive · #0 NotYetActive · Reconciling: TenantNotFound · 1 mails')
})

test('Deleted: the record of the acceptance goes too, with those of earlier sequences', async (t) => {
  const world = await invited()
  world.accept()
  await world.settle()
  world.accept({ sequence: 7 })
  world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  world.put({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'tenantadmins.tenantry.dev' },
  })
  world.edit({ metadata: { deletionTimestamp: '2030-01-02T00:00:00Z' } })
  await world.settle()
  t.deepEqual(
    world.all('Secret').map(({ metadata }) => metadata.name),
    ['tenantry-signing-keys'],
  )
  t.is(world.all('TenantAdmin').length, 0)
})

for (const [title, prepare] of [
  [
    'the definition of the kind',
    (world: World) => {
      world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
    },
  ],
  [
    'the namespace',
    (world: World) => {
      world.put({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'home', deletionTimestamp: '2030-01-02T00:00:00Z' },
      })
      world.put({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'tenantadmins.tenantry.dev' },
      })
    },
  ],
] as const) {
  test(`Deleted with ${title}: what was accepted is kept`, async (t) => {
    const world = await invited()
    world.accept()
    await world.settle()
    prepare(world)
    world.edit({ metadata: { deletionTimestamp: '2030-01-02T00:00:00Z' } })
    await world.settle()
    t.is(world.all('TenantAdmin').length, 0)
    t.is(world.all('Secret').length, 2)
  })
}

for (const [what, ask] of [
  ['A resend', () => ({ metadata: resend(String(Math.random())) })],
  ['Another address', (turn: number) => ({ spec: { email: `john${turn}@example.com` } })],
] as const)
  test(`${what} that is asked for again and again: one mail a minute, and the last request counts`, async (t) => {
    const world = await invited()
    for (let turn = 1; turn <= 60; turn += 1) {
      world.edit(ask(turn))
      await world.settle()
      await world.pass(5_000)
    }
    await world.pass(2 * minute)
    t.is(story(world), 'Pending · #6 Pending · Ready: AwaitingAnswer · 6 mails')
    const { spec, metadata, status } = world.admin()
    t.is(status?.invite?.address, spec.email)
    t.is(status?.invite?.lastHandledResend, metadata.annotations?.['tenantry.dev/resend-requested-at'])
  })

test('No status, Event or log line of a whole life holds the token', async (t) => {
  const world = await invited()
  world.accept()
  await world.settle()
  const secret = token(world.mails[0]) ?? ''
  t.true(secret.length > 100)
  t.false(JSON.stringify([world.all('TenantAdmin'), world.events, world.all('Secret')]).includes(secret))
})
