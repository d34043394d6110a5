/** Who may be invited and who has access as the tenant, the MSP above and the admin are turned off and on. */
import test from 'ava'
import { activeMsp, tenant, tenantAdmin } from './gen.ts'
import { invited, minute, resend, story } from './story.ts'
import { World } from './world.ts'

test('The tenant is declared after its admin, comes into order, is deactivated, revived', async (t) => {
  const world = new World()
  world.put(tenantAdmin())
  await world.settle()
  t.is(story(world), 'NotYetActive · #0 NotYetActive · Reconciling: TenantNotFound · 0 mails')
  const newKey = tenant()
  world.put({ ...newKey, status: { observedGeneration: -1 } })
  await world.settle()
  t.is(story(world), 'NotYetActive · #0 NotYetActive · Reconciling: NotYetActive · 0 mails')
  world.put(newKey)
  await world.settle()
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
  world.put({ ...newKey, spec: { ...newKey.spec, state: 'Deactivated' } })
  await world.settle()
  t.is(story(world), 'NotYetActive · #1 NotYetActive · Ready: NotYetActive · 1 mails')
  world.put(newKey)
  await world.settle()
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('The parent MSP is suspended: its customer invites nobody', async (t) => {
  const world = new World()
  const msp = world.put(activeMsp())
  world.put(tenant({ namespace: 'tenant-msp' }))
  world.put(tenantAdmin({ namespace: 'tenant-msp' }))
  world.put({ ...msp, spec: { ...msp.spec, state: 'Deactivated' } })
  await world.settle('tenant-msp/jane')
  t.is(story(world, 'tenant-msp/jane'), 'NotYetActive · #0 NotYetActive · Ready: ParentSuspended · 0 mails')
  world.put(msp)
  await world.settle('tenant-msp/jane')
  t.is(world.mails[0]?.subject, 'The MSP invites you to Acme')
})

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
