/** A Tenant is deleted and another of the same name created: what was given for the one opens no other. */
import test from 'ava'
import { findCondition } from '../../../operator/api/conditions.ts'
import { annotations } from '../../../operator/api/names.ts'
import type { Tenant, TenantStatus } from '../../../operator/api/tenant.ts'
import { adminFor } from '../../../operator/domain/ownership.ts'
import { verifyToken } from '../../../operator/tenantadmin/invite/token.ts'
import { condition, tenant, tenantAdmin } from './gen.ts'
import { day, invited, minute, resend, story, token } from './story.ts'
import type { World } from './world.ts'
import { isInForce } from '../../../operator/domain/admin-state.ts'

const second = '11111111-2222-3333-4444-555555555555'
const third = '66666666-7777-8888-9999-000000000000'

/** Another Tenant of the same name. */
function another(
  uid: string,
  status: Partial<TenantStatus> = {},
  marks: Tenant['metadata']['annotations'] = {},
): Tenant {
  const made = tenant({ status })
  return { ...made, metadata: { ...made.metadata, uid, annotations: marks ?? {} } }
}

const notInOrder: Partial<TenantStatus> = {
  phase: 'Provisioning',
  conditions: [condition('Stalled', 'True', 'NamespaceConflict')],
}

const uidOf = (world: World) => world.all<Tenant>('Tenant')[0]?.metadata.uid ?? ''
const message = (world: World) => findCondition(world.admin().status?.conditions, 'Ready')?.message ?? ''

/** Accepted for the first, which is gone a day later. */
async function bereft(): Promise<World> {
  const world = await invited()
  world.accept()
  await world.settle()
  await world.pass(day)
  world.remove('Tenant', 'home/acme')
  await world.settle()
  return world
}

test('the admin is asked again: a new sequence, a new link, and why', async (t) => {
  const world = await bereft()
  t.is(story(world), 'Accepted · #1 Accepted · Reconciling: TenantNotFound · 1 mails')
  const first = world.admin().status?.tenant?.uid
  world.put(another(second))
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: TenantReplaced · 2 mails')
  t.like(world.admin().status, { tenant: { uid: second }, consent: undefined, invite: { acceptedAt: undefined } })
  t.is(world.admin().status?.invite?.replacedTenantUid, first)
  t.true(message(world).includes(`(uid ${first})`), message(world))
  const { find } = await world.keys()
  const [old, next] = world.mails.map((mail) => verifyToken(token(mail) ?? '', 'invite', find)?.tenantUid)
  t.deepEqual([old, next], [first, second])
  t.deepEqual(world.events, ['InviteSent', 'InviteAccepted', 'TenantReplaced', 'InviteSent'])
  const { writes } = world
  await world.pass(3 * day)
  t.is(world.writes, writes, 'and then there is quiet')
})

test('the new link is accepted for the new one, and then nothing more is said of the old one', async (t) => {
  const world = await bereft()
  world.put(another(second))
  await world.settle()
  world.accept()
  await world.settle()
  t.is(story(world), 'Accepted · #2 Accepted · Ready: Accepted · 2 mails')
  t.is(world.admin().status?.invite?.replacedTenantUid, undefined)
})

test('while the new one is not in order nobody is let in and no mail goes; then one does', async (t) => {
  const world = await bereft()
  world.put(another(second, notInOrder))
  for (let look = 0; look < 3; look += 1) {
    await world.settle()
    t.is(story(world), 'NotYetActive · #1 NotYetActive · Reconciling: TenantReplaced · 1 mails')
    t.false(isInForce(adminFor(world.admin(), [second])))
  }
  world.put(another(second))
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: TenantReplaced · 2 mails')
  t.is(world.events.filter((reason) => reason === 'TenantReplaced').length, 1)
})

test('to the tenant itself the acceptance counts for nothing, before the reconciler of TenantAdmins has looked', async (t) => {
  const world = await bereft()
  const first = world.admin().status?.tenant?.uid ?? ''
  t.true(isInForce(adminFor(world.admin(), [first])))
  t.true(isInForce(adminFor(world.admin(), [second, first])), 'one that was taken over')
  t.false(isInForce(adminFor(world.admin(), [second])))
})

test('an invite that was open for the old one: its link is dead, and another goes out', async (t) => {
  const world = await invited()
  await world.pass(minute)
  world.put(another(second))
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: TenantReplaced · 2 mails')
  world.edit({ metadata: resend('2030-01-03T00:00:00Z') })
  await world.pass(2 * minute)
  await world.settle()
  t.is(story(world), 'Pending · #3 Pending · Ready: TenantReplaced · 3 mails')
})

test('one tenant after the other of the same name: a mail a minute at most', async (t) => {
  const world = await invited()
  const uids = [second, third]
  for (let turn = 0; turn < 24; turn += 1) {
    world.put(another(uids[turn % 2] ?? ''))
    await world.settle()
    await world.pass(5_000)
  }
  await world.pass(2 * minute)
  t.true(world.mails.length <= 4, String(world.mails.length))
  t.is(world.admin().status?.tenant?.uid, uidOf(world))
})

test('asked twice: the third tenant of the name asks for itself', async (t) => {
  const world = await bereft()
  for (const uid of [second, third]) {
    world.put(another(uid))
    await world.settle()
    await world.pass(day)
  }
  t.is(story(world), 'Pending · #3 Pending · Ready: TenantReplaced · 3 mails')
  t.is(world.admin().status?.invite?.replacedTenantUid, second)
  t.is(world.events.filter((reason) => reason === 'TenantReplaced').length, 2)
})

test('one that is to take the old one over is waited for, and is the same: nobody is asked', async (t) => {
  const world = await bereft()
  const first = world.admin().status?.tenant?.uid ?? ''
  const before = world.admin().status?.invite
  const adopting = another(second, {}, { [annotations.adopt]: first })
  world.put(adopting)
  await world.settle()
  t.is(story(world), 'NotYetActive · #1 NotYetActive · Reconciling: NotYetActive · 1 mails')
  world.put({ ...adopting, status: { observedGeneration: 1, ...adopting.status, adopted: [first] } })
  await world.settle()
  t.is(story(world), 'Accepted · #1 Accepted · Ready: Accepted · 1 mails')
  t.deepEqual(world.admin().status?.invite, before)
  t.is(world.admin().status?.tenant?.uid, second)
})

test('it is to take the old one over only after it was seen: still nobody is asked', async (t) => {
  const world = await bereft()
  const first = world.admin().status?.tenant?.uid ?? ''
  world.put(another(second, notInOrder))
  await world.settle()
  world.put(another(second, { adopted: [first] }))
  await world.settle()
  t.is(story(world), 'Accepted · #1 Accepted · Ready: Accepted · 1 mails')
})

test('who is turned off is not asked before being turned on again', async (t) => {
  const world = await bereft()
  world.edit({ spec: { state: 'Deactivated' } })
  world.put(another(second))
  await world.settle()
  t.is(story(world), 'Deactivated · #1 NotYetActive · Ready: Deactivated · 1 mails')
  world.edit({ spec: { state: 'Active' } })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: TenantReplaced · 2 mails')
})

test('a status that calls an acceptance for the old one one for the new: the record tells', async (t) => {
  const world = await bereft()
  const admin = world.admin()
  const status = { observedGeneration: 1, ...admin.status, tenant: { namespace: 'home', name: 'acme', uid: second } }
  world.put({ ...admin, status })
  world.put(another(second))
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: TenantReplaced · 2 mails')
})

test('a status that is lost: the record for the old one still opens nothing, and its sequence is not used again', async (t) => {
  const world = await bereft()
  const { status: _status, ...admin } = world.admin()
  world.put(admin)
  world.put(another(second))
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
  world.accept()
  await world.settle()
  t.is(story(world), 'Accepted · #2 Accepted · Ready: Accepted · 2 mails')
})

test('who accepted for the old one does not hold a username in the new one', async (t) => {
  const world = await bereft()
  world.edit({ spec: { state: 'Deactivated' } })
  world.put(another(second))
  await world.settle()
  world.put(tenantAdmin({ name: 'zoe', created: '2029-01-01T00:00:00Z', spec: { email: 'zoe@example.com' } }))
  await world.settle('home/zoe')
  t.is(story(world, 'home/zoe'), 'Pending · #1 Pending · Ready: AwaitingAnswer · 2 mails')
})
