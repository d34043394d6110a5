/** Whole lives of an invite: what happens, and what the status says then. */
import test from 'ava'
import { findCondition } from '../../../operator/api/conditions.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import { MailError } from '../../../operator/mail/port.ts'
import { condition, tenant, tenantAdmin } from './gen.ts'
import { World } from './world.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const down = new MailError('transient', 'The connection to the mail relay failed.', undefined, 'relay')
const greylisted = new MailError('transient', 'The mail relay put the mail off.', 450)
const nobody = new MailError('permanent', 'The mail relay refused the address.', 550)
const noLogin = new MailError('configuration', 'The mail relay refused the credentials.', 535, 'relay')
const resend = (at: string) => ({ annotations: { 'tenantry.dev/resend-requested-at': at } })

/** `phase · invite status · kstatus word: reason · mails`. */
function story(world: World, key?: string): string {
  const { status } = world.admin(key)
  const said = ['Stalled', 'Reconciling', 'Ready'] as const
  const found = said.map((type) => findCondition(status?.conditions, type)).find((each) => each !== undefined)
  const { invite } = status ?? {}
  return `${status?.phase} · #${invite?.sequence ?? 0} ${invite?.status} · ${found?.type}: ${found?.reason} · ${world.mails.length} mails`
}

async function invited(): Promise<World> {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  await world.settle()
  return world
}

const token = (mail: { text: string } | undefined) => /token=([A-Za-z0-9_-]+)/.exec(mail?.text ?? '')?.[1]

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

test('A relay that puts the mail off is tried again, with the same link and Message-ID', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = greylisted
  await world.settle()
  t.is(story(world), 'EmailSendingFailed · #1 EmailSendingFailed · Reconciling: MailTransientError · 0 mails')
  await world.pass(10 * minute)
  const { attempts = 0, messageId } = world.admin().status?.invite ?? {}
  t.true(attempts > 2 && attempts < 10, String(attempts))
  world.relay = undefined
  await world.pass(20 * minute)
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
  t.is(world.mails[0]?.messageId, messageId)
  t.is(world.admin().status?.invite?.lastError, undefined)
})

test('An address that is refused for good is not tried again until it is corrected', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = nobody
  await world.settle()
  t.is(story(world), 'EmailSendingFailed · #1 EmailSendingFailed · Stalled: MailPermanentError · 0 mails')
  world.relay = undefined
  await world.pass(30 * day)
  t.is(story(world), 'EmailSendingFailed · #1 EmailSendingFailed · Stalled: MailPermanentError · 0 mails')
  world.edit({ spec: { email: 'jane.doe@example.com' } })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 1 mails')
  t.is(world.mails[0]?.to, 'jane.doe@example.com')
})

test('Wrong mail settings stall the invite, which goes out by itself once they are right', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = noLogin
  await world.settle()
  t.is(story(world), 'EmailSendingFailed · #1 EmailSendingFailed · Stalled: MailConfigurationError · 0 mails')
  world.relay = undefined
  await world.pass(hour)
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('While the relay is dead invites wait without counting attempts, and go out when it lives', async (t) => {
  const world = new World()
  world.put(tenant())
  world.relay = down
  for (let i = 0; i < 6; i += 1) {
    world.put(tenantAdmin({ name: `jane${i}`, spec: { username: `jane${i}` } }))
    await world.settle(`home/jane${i}`)
  }
  t.is(
    story(world, 'home/jane4'),
    'EmailSendingFailed · #1 EmailSendingFailed · Reconciling: RelayUnavailable · 0 mails',
  )
  t.is(story(world, 'home/jane5'), 'Pending · #1 Pending · Reconciling: RelayUnavailable · 0 mails')
  t.is(world.admin('home/jane5').status?.invite?.attempts, 0)
  await world.pass(hour, 'home/jane5')
  // Each probe was an attempt of the one invite that made it.
  const attempts = world.admin('home/jane5').status?.invite?.attempts ?? 0
  t.true(attempts < 20, String(attempts))
  world.relay = undefined
  await world.pass(hour, 'home/jane5')
  t.is(story(world, 'home/jane5'), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('An invite that no relay took in seven days gets a new time, as nobody has held its link', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = greylisted
  await world.settle()
  await world.pass(7 * day + hour)
  t.is(story(world), 'EmailSendingFailed · #2 EmailSendingFailed · Reconciling: MailTransientError · 0 mails')
})

test('A crash between the record and the mail: the next process sends, with the same link', async (t) => {
  const world = await invited()
  const { invite, ...status } = world.admin().status ?? { observedGeneration: 1 }
  const { sentAt: _sent, ...interrupted } = invite ?? {}
  world.put({ ...world.admin(), status: { ...status, invite: interrupted } })
  await world.settle()
  t.is(world.mails.length, 2)
  t.is(token(world.mails[0]), token(world.mails[1]))
  t.is(world.mails[0]?.messageId, world.mails[1]?.messageId)
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
  world.remove('Secret', 'tenantry-system/tenantry-signing-keys')
  await world.settle()
  t.truthy(secret)
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
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

test('The tenant is declared after its admin, comes into order, is deactivated, revived', async (t) => {
  const world = new World()
  world.put(tenantAdmin())
  await world.settle()
  t.is(story(world), 'NotYetActive · #0 NotYetActive · Reconciling: TenantNotFound · 0 mails')
  const fresh = tenant()
  world.put({ ...fresh, status: { observedGeneration: -1 } })
  await world.settle()
  t.is(story(world), 'NotYetActive · #0 NotYetActive · Reconciling: NotYetActive · 0 mails')
  world.put(fresh)
  await world.settle()
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
  world.put({ ...fresh, spec: { ...fresh.spec, state: 'Deactivated' } })
  await world.settle()
  t.is(story(world), 'NotYetActive · #1 NotYetActive · Ready: NotYetActive · 1 mails')
  world.put(fresh)
  await world.settle()
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('The MSP tenant above is suspended: its customer invites nobody', async (t) => {
  const world = new World()
  const active = {
    phase: 'Active',
    namespace: 'tenant-msp',
    conditions: [condition('Ready', 'True', 'Provisioned')],
  } as const
  const msp = world.put(tenant({ name: 'msp', spec: { type: 'MSP', displayName: 'The MSP' }, status: active }))
  world.put(tenant({ namespace: 'tenant-msp' }))
  world.put(tenantAdmin({ namespace: 'tenant-msp' }))
  world.put({ ...msp, spec: { ...msp.spec, state: 'Deactivated' } })
  await world.settle('tenant-msp/jane')
  t.is(story(world, 'tenant-msp/jane'), 'NotYetActive · #0 NotYetActive · Ready: ParentSuspended · 0 mails')
  world.put(msp)
  await world.settle('tenant-msp/jane')
  t.is(world.mails[0]?.subject, 'The MSP invites you to Acme')
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

test('Another tenant under the same name: nobody has accepted for that one', async (t) => {
  const world = await invited()
  world.accept()
  await world.settle()
  world.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(story(world), 'Accepted · #1 Accepted · Reconciling: TenantNotFound · 1 mails')
  const again: Tenant = tenant()
  world.put({ ...again, metadata: { ...again.metadata, uid: '11111111-2222-3333-4444-555555555555' } })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
  t.is(world.admin().status?.consent, undefined)
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

test('Of two with one username the accepted one holds it, whichever is older', async (t) => {
  const world = await invited()
  world.put(
    tenantAdmin({ name: 'older', created: '2029-01-01T00:00:00Z', spec: { email: 'o@example.com', username: 'JANE' } }),
  )
  await world.settle('home/older')
  t.is(story(world, 'home/older'), 'Pending · #1 Pending · Ready: AwaitingAnswer · 2 mails')
  await world.settle()
  t.is(story(world), 'Pending · #1 Pending · Stalled: UsernameTaken · 2 mails')
  world.accept()
  await world.settle()
  t.is(story(world), 'Accepted · #1 Accepted · Ready: Accepted · 2 mails')
  await world.settle('home/older')
  t.regex(story(world, 'home/older'), /Stalled: UsernameTaken/)
})

for (const [state, reason] of [
  ['Deactivated', 'Deactivated'],
  ['Archived', 'Archived'],
] as const) {
  test(`spec.state ${state} shows in the phase; Active again, it is as before`, async (t) => {
    const world = await invited()
    world.accept()
    await world.settle()
    world.edit({ spec: { state } })
    await world.settle()
    t.is(story(world), `${state} · #1 Accepted · Ready: ${reason} · 1 mails`)
    world.edit({ spec: { state: 'Active' } })
    await world.settle()
    t.is(story(world), 'Accepted · #1 Accepted · Ready: Accepted · 1 mails')
  })
}

for (const [state, spec] of [
  ['Deactivated', { state: 'Deactivated' }],
  ['Archived', { state: 'Archived' }],
] as const)
  test(`spec.state ${state} by a GitOps tool while the invite is open: nothing is sent, and the status says why`, async (t) => {
    const world = await invited()
    world.edit({ spec, metadata: resend('2030-01-02T00:00:00Z') })
    await world.settle()
    t.is(story(world), `${state} · #1 NotYetActive · Stalled: StateNotAllowed · 1 mails`)
    world.edit({ spec: { state: 'Active' } })
    await world.pass(2 * minute)
    await world.settle()
    t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
  })

test('Declared as Archived and never invited: accepted as it is, and nothing is sent', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin({ spec: { state: 'Archived' } }))
  await world.settle()
  t.is(story(world), 'Archived · #0 NotYetActive · Ready: Archived · 0 mails')
})

test('An admin who is turned off and on again: each is told once', async (t) => {
  const world = await invited()
  world.accept()
  await world.settle()
  for (const state of ['Deactivated', 'Archived', 'Active'] as const) {
    world.edit({ spec: { state } })
    await world.settle()
  }
  t.deepEqual(world.events, ['InviteSent', 'InviteAccepted', 'Deactivated', 'Archived', 'Activated'])
})

for (const [what, ask] of [
  ['A resend', () => ({ metadata: resend(String(Math.random())) })],
  ['Another address', (turn: number) => ({ spec: { email: `john${turn}@example.com` } })],
] as const)
  test(`${what} that is asked for again and again: one mail a minute, and the last wish counts`, async (t) => {
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

test('A resend too soon says when it goes out; nothing is written meanwhile', async (t) => {
  const world = await invited()
  await world.pass(20_000)
  world.edit({ metadata: resend('2030-01-01T00:00:20Z') })
  await world.settle()
  t.is(story(world), 'Pending · #1 Pending · Reconciling: ResendPostponed · 1 mails')
  t.regex(
    findCondition(world.admin().status?.conditions, 'Reconciling')?.message ?? '',
    /it goes out at 2030-01-01T00:01:00Z\.$/,
  )
  const { writes } = world
  await world.pass(30_000)
  t.is(world.writes, writes)
  await world.pass(15_000)
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
})

test('An address that the relay refused can be corrected at once', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = nobody
  await world.settle()
  world.relay = undefined
  world.edit({ spec: { email: 'john@example.com' } })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('A clock that was set back holds no resend up', async (t) => {
  const world = await invited()
  world.clock.setWall(world.clock.now() - 10 * day)
  world.edit({ metadata: resend('2029-12-22T00:00:00Z') })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
})

test('No status, Event or log line of a whole life holds the token', async (t) => {
  const world = await invited()
  world.accept()
  await world.settle()
  const secret = token(world.mails[0]) ?? ''
  t.true(secret.length > 100)
  t.false(JSON.stringify([world.all('TenantAdmin'), world.events, world.all('Secret')]).includes(secret))
})
