/** What a tenant's people cannot do without end: declare admins, and send mail in its name. */
import test from 'ava'
import { findCondition } from '../../../operator/api/conditions.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../../operator/api/tenantadmin.ts'
import { tenantPlan } from '../../gen.ts'
import { activeMsp, tenant, tenantAdmin } from './gen.ts'
import { day, hour, minute, resend, story } from './story.ts'
import { World } from './world.ts'

function worldWith(admins: object): World {
  const world = new World()
  world.put(tenantPlan({ spec: { admins } }))
  world.put(tenant({ status: { plan: 'standard' } }))
  return world
}

/** Declared in the order of `age`, in seconds. */
function declare(world: World, name: string, age: number, over: Parameters<typeof tenantAdmin>[0] = {}): string {
  const created = `2030-01-01T00:00:${String(age).padStart(2, '0')}Z`
  const spec = { username: name, email: `${name}@example.com`, ...over.spec }
  world.put(tenantAdmin({ name, created, ...over, spec }))
  return `${over.namespace ?? 'home'}/${name}`
}

const reasonOf = (world: World, key: string) => findCondition(world.admin(key).status?.conditions, 'Ready')?.reason

/** As kubectl does: it goes once the finalizer is taken off. */
async function removed(world: World, key: string): Promise<void> {
  world.edit({ metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' } }, key)
  await world.settle(key)
}

test('One admin more than the plan allows is not invited, says so once, and is when another one goes', async (t) => {
  const world = worldWith({ max: 2 })
  const keys = ['ann', 'ben', 'cay'].map((name, index) => declare(world, name, index))
  for (const key of keys) await world.settle(key)
  t.is(world.mails.length, 2)
  t.is(story(world, 'home/cay'), 'NotYetActive · #0 NotYetActive · Stalled: AdminLimitReached · 2 mails')
  const { message } = findCondition(world.admin('home/cay').status?.conditions, 'Ready') ?? {}
  t.regex(message ?? '', /may have 2 TenantAdmins \(spec\.admins\.max of the TenantPlan standard\).* Delete one/)
  const { writes } = world
  await world.settle('home/cay')
  await world.pass(30 * day, 'home/cay')
  t.is(world.writes, writes)
  t.is(world.events.filter((reason) => reason === 'AdminLimitReached').length, 1)
  await removed(world, 'home/ann')
  await world.settle('home/cay')
  t.is(reasonOf(world, 'home/cay'), 'AwaitingAnswer')
})

test('One for whom there is no place has no password looked up, until there is', async (t) => {
  const world = worldWith({ max: 1 })
  await world.settle(declare(world, 'ann', 0))
  const looked: string[] = []
  const { get } = world.kube
  world.kube.get = (resource, key) => {
    if (key.name === 'first-password') looked.push(key.name)
    return get(resource, key)
  }
  const key = declare(world, 'ben', 1, { spec: { passwordSecretRef: { name: 'first-password' } } })
  await world.settle(key)
  t.is(reasonOf(world, key), 'AdminLimitReached')
  t.deepEqual(looked, [])
  await removed(world, 'home/ann')
  await world.settle(key)
  t.is(reasonOf(world, key), 'SecretNotFound')
  t.not(looked.length, 0)
})

test('Of those that are declared together the oldest are invited, in whatever order they are looked at', async (t) => {
  const world = worldWith({ max: 2 })
  const keys = ['ann', 'ben', 'cay'].map((name, index) => declare(world, name, index))
  for (const key of keys.toReversed()) await world.settle(key)
  t.deepEqual(
    keys.map((key) => reasonOf(world, key)),
    ['AwaitingAnswer', 'AwaitingAnswer', 'AdminLimitReached'],
  )
})

test('A plan that allows fewer takes nothing from those that were invited, and lets none in before them', async (t) => {
  const world = worldWith({ max: 3 })
  for (const [index, name] of ['bob', 'cay'].entries()) await world.settle(declare(world, name, index + 2))
  world.put(tenantPlan({ spec: { admins: { max: 1 } } }))
  // Older than both, as one may be that could not be invited before.
  await world.settle(declare(world, 'ann', 0))
  for (const key of ['home/bob', 'home/cay']) {
    await world.settle(key)
    t.is(reasonOf(world, key), 'AwaitingAnswer')
  }
  t.is(reasonOf(world, 'home/ann'), 'AdminLimitReached')
})

test('Passes that run side by side invite no more than the plan allows, by number and by day', async (t) => {
  for (const admins of [{ max: 2 }, { invitesPerDay: 2 }]) {
    const world = worldWith(admins)
    const keys = ['eve', 'dan', 'cay', 'ben', 'ann'].map((name) => declare(world, name, 7))
    await world.settle(keys[0])
    await Promise.all(keys.map((key) => world.settle(key)))
    t.is(world.mails.length, 2)
  }
})

test('An invite beyond those of the day waits until the next one, says so once, and goes out by itself', async (t) => {
  const world = worldWith({ invitesPerDay: 2 })
  for (const [index, name] of ['ann', 'ben', 'cay'].entries()) await world.settle(declare(world, name, index))
  t.is(story(world, 'home/cay'), 'NotYetActive · #0 NotYetActive · Reconciling: InviteLimitReached · 2 mails')
  const { message } = findCondition(world.admin('home/cay').status?.conditions, 'Ready') ?? {}
  t.regex(
    message ?? '',
    /No more invites go out today .*invitesPerDay of the TenantPlan standard allows 2\. .* from 2030-01-02T00:00:00Z/,
  )
  const { writes } = world
  await world.pass(23 * hour, 'home/cay')
  t.is(world.writes, writes)
  t.is(world.events.filter((reason) => reason === 'InviteLimitReached').length, 1)
  await world.pass(hour + minute, 'home/cay')
  t.is(story(world, 'home/cay'), 'Pending · #1 Pending · Ready: AwaitingAnswer · 3 mails')
})

test('A plan that allows more lets an invite out at once', async (t) => {
  const world = worldWith({ invitesPerDay: 1 })
  for (const [index, name] of ['ann', 'ben'].entries()) await world.settle(declare(world, name, index))
  t.is(reasonOf(world, 'home/ben'), 'InviteLimitReached')
  world.put(tenantPlan({ spec: { admins: { invitesPerDay: 2 } } }))
  await world.settle('home/ben')
  t.is(reasonOf(world, 'home/ben'), 'AwaitingAnswer')
})

test('Resends and changed addresses count, attempts of one invite do not', async (t) => {
  const world = worldWith({ invitesPerDay: 3 })
  const key = declare(world, 'ann', 0)
  await world.settle(key)
  for (let again = 1; again < 5; again += 1) {
    await world.pass(2 * minute, key)
    world.edit({ spec: { email: `ann${again}@example.com` } }, key)
    await world.settle(key)
  }
  t.is(story(world, key), 'Pending · #3 Pending · Reconciling: InviteLimitReached · 3 mails')
  world.edit({ metadata: resend('2030-01-01T10:00:00Z') }, key)
  await world.settle(key)
  t.is(world.mails.length, 3)
  await world.pass(day, key)
  t.is(story(world, key), 'Pending · #4 Pending · Ready: AwaitingAnswer · 4 mails')
  t.deepEqual(world.admin(key).status?.invite?.issued, { day: '2030-01-02', count: 1 })
})

test('Who is deleted and declared again gets no more invites of the day; on the next one all is as it was', async (t) => {
  const world = worldWith({ invitesPerDay: 3 })
  for (let round = 0; round < 6; round += 1) {
    const key = declare(world, `a${round}`, round)
    await world.settle(key)
    await removed(world, key)
    await world.settle(key)
  }
  t.is(world.mails.length, 3)
  t.deepEqual(world.all<Tenant>('Tenant')[0]?.status?.departedInvites, { day: '2030-01-01', count: 3 })
  await world.pass(day)
  await world.settle(declare(world, 'next', 9))
  t.is(reasonOf(world, 'home/next'), 'AwaitingAnswer')
})

test('A deletion costs a write at the Tenant only on the day of an invite', async (t) => {
  const world = worldWith({})
  const key = declare(world, 'ann', 0)
  await world.settle(key)
  await world.pass(2 * day, key)
  await removed(world, key)
  t.is(world.all<Tenant>('Tenant')[0]?.status?.departedInvites, undefined)
})

test('A crash between the count and the end of a TenantAdmin loses no invite', async (t) => {
  const world = worldWith({ invitesPerDay: 2 })
  const key = declare(world, 'ann', 0)
  await world.settle(key)
  const { patch } = world.kube
  world.kube.patch = (resource, ...rest) =>
    resource.kind === 'TenantAdmin' ? Promise.reject(new Error('cut off')) : patch(resource, ...rest)
  world.edit({ metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' } }, key)
  // And again in the same process: it is counted once.
  for (let pass = 0; pass < 3; pass += 1) await t.throwsAsync(world.settle(key), { message: 'cut off' })
  t.is(world.all<Tenant>('Tenant')[0]?.status?.departedInvites?.count, 1)
  world.kube.patch = patch
  await world.settle(key)
  t.is(world.all<TenantAdmin>('TenantAdmin').length, 0)
  for (const [index, name] of ['ben', 'cay'].entries()) await world.settle(declare(world, name, index))
  t.is(world.mails.length, 2)
})

test('A clock that is set back opens nothing; one that was wrong for a moment closes nothing for longer than a day', async (t) => {
  const world = worldWith({ invitesPerDay: 1 })
  await world.settle(declare(world, 'ann', 0))
  world.clock.setWall(Date.UTC(2029, 0, 1))
  const key = declare(world, 'ben', 1)
  await world.settle(key)
  t.is(reasonOf(world, key), 'InviteLimitReached')
  await world.settle('home/ann')
  t.deepEqual(world.admin('home/ann').status?.invite?.issued, { day: '2029-01-01', count: 1 })
  await world.settle(key)
  await world.pass(day + minute, key)
  t.is(reasonOf(world, key), 'AwaitingAnswer')
})

test('Those who were invited in the home namespace and those within the tenant’s own count together', async (t) => {
  const world = worldWith({ invitesPerDay: 2 })
  world.put(tenant({ status: { plan: 'standard', namespace: 'tenant-acme' } }))
  await world.settle(declare(world, 'ann', 0))
  for (const [index, name] of ['ben', 'cay'].entries()) {
    const key = declare(world, name, index + 1, { namespace: 'tenant-acme' })
    const { tenantRef: _tenantRef, ...spec } = world.admin(key).spec
    world.put({ ...world.admin(key), spec })
    await world.settle(key)
  }
  t.is(reasonOf(world, 'tenant-acme/ben'), 'AwaitingAnswer')
  t.is(reasonOf(world, 'tenant-acme/cay'), 'InviteLimitReached')
})

test('An MSP’s people invite in the name of the MSP, whichever customer it is for and whatever became of that one', async (t) => {
  const world = new World()
  world.put(tenantPlan({ spec: { admins: { invitesPerDay: 2 } } }))
  const msp = activeMsp()
  world.put({ ...msp, status: { observedGeneration: 1, ...msp.status, plan: 'standard' } })
  for (const [index, name] of ['one', 'two', 'three'].entries()) {
    world.put(tenant({ name, namespace: 'tenant-msp' }))
    const over = { namespace: 'tenant-msp', spec: { tenantRef: { name } } }
    const key = declare(world, `of-${name}`, index, over)
    await world.settle(key)
    world.remove('Tenant', `tenant-msp/${name}`)
    await world.settle(key)
  }
  t.is(world.mails.length, 2)
  const last = world.admin('tenant-msp/of-three')
  t.is(last.status?.invite?.sequence, undefined)
})
