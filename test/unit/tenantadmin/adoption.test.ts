/** A tenant that takes an earlier one over: whoever had accepted is not asked again. */
import test from 'ava'
import type { Secret } from '../../../operator/kube/resources.ts'
import { acceptanceView, passwordHashOf } from '../../../operator/domain/acceptance.ts'
import type { Acceptance } from '../../../operator/domain/acceptance.ts'
import { condition } from '../../gen.ts'
import { passwordSecretType } from '../../../operator/api/names.ts'
import { changedPasswordHashOf, changedPasswordView } from '../../../operator/domain/changed-password.ts'
import { passwordSecret, storedPassword } from '../../../operator/web/sign-in/stored-password.ts'
import { settings, tenant, tenantAdmin } from './gen.ts'
import { World } from './world.ts'

/** Of the person's TenantAdmin in the cluster that is gone. */
const before: Partial<Acceptance> & { readonly passwordHash: string } = {
  adminUid: 'uid-of-before',
  admin: 'home/jane-of-before',
  tenantUid: 'tenant-of-before',
  sequence: 3,
  address: 'jane@example.com',
  username: 'jane',
  passwordHash: '$scrypt$of-before',
}

/** A new Tenant and TenantAdmin, beside the record of an earlier acceptance. */
async function restored(record: Partial<Acceptance> = {}, adopted = ['tenant-of-before']): Promise<World> {
  const world = new World()
  world.put(tenant({ status: { adopted } }))
  world.put(tenantAdmin())
  world.accept({ ...before, ...record })
  await world.settle()
  return world
}

const records = (world: World) => world.all<Secret>('Secret').filter((secret) => acceptanceView(secret) !== undefined)

test('Whoever had accepted has accepted: no mail, and the record is the new TenantAdmin’s, with its password', async (t) => {
  const world = await restored()
  t.is(world.admin().status?.invite?.status, 'Accepted')
  t.is(world.mails.length, 0)
  const [record, ...more] = records(world)
  t.deepEqual(more, [])
  t.like(record && acceptanceView(record), { adminUid: world.admin().metadata.uid, sequence: 3 })
  t.is(record && passwordHashOf(record), before.passwordHash)
  const { writes } = world
  await world.settle()
  t.is(world.writes, writes)
})

test('The password that the person has chosen since comes along, so that the first one does not count again', async (t) => {
  const world = new World()
  world.put(tenant({ status: { adopted: ['tenant-of-before'] } }))
  world.put(tenantAdmin())
  world.accept(before)
  const earlier = {
    ...tenantAdmin({ name: 'jane-of-before' }),
    metadata: { name: 'jane-of-before', namespace: 'home', uid: 'uid-of-before' },
  }
  const chosen = { hash: '$scrypt$chosen', changedAt: '2031-01-01T00:00:00Z', mustChange: false }
  world.put(passwordSecret(earlier, chosen, undefined, settings))
  await world.settle()
  const { uid = '' } = world.admin().metadata
  const passwords = world.all<Secret>('Secret').filter(({ type }) => type === passwordSecretType)
  t.deepEqual(
    passwords.map((secret) => changedPasswordView(secret)?.adminUid),
    [uid],
  )
  t.is(passwords[0] && changedPasswordHashOf(passwords[0]), '$scrypt$chosen')
  t.is(passwords[0] && changedPasswordView(passwords[0])?.admin, 'home/jane')
  const [acceptance] = records(world)
  t.deepEqual(storedPassword(uid, passwords[0], acceptance, true), { hash: '$scrypt$chosen', mustChange: false })
})

test('A TenantAdmin that outlives its Tenant is accepted in the one that takes over', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  await world.settle()
  world.accept()
  await world.settle()
  const uid = world.admin().status?.tenant?.uid ?? ''
  world.remove('Tenant', 'home/acme')
  world.put({ ...tenant({ status: { adopted: [uid] } }), metadata: { ...tenant().metadata, uid: 'another' } })
  await world.settle()
  t.is(world.admin().status?.invite?.status, 'Accepted')
  t.is(world.admin().status?.tenant?.uid, 'another')
  t.is(world.mails.length, 1, 'the first invite and no other')
})

for (const [what, record, adopted] of [
  ['another address', { address: 'joe@example.com' }, undefined],
  ['another username', { username: 'joe' }, undefined],
  ['a tenant that was not taken over', {}, []],
] as const) {
  test(`The acceptance of ${what} is nobody else’s`, async (t) => {
    const world = await restored(record, adopted === undefined ? undefined : [...adopted])
    t.is(world.admin().status?.invite?.status, 'Pending')
    t.is(world.mails.length, 1)
    t.is(records(world).length, 1)
  })
}

test('The acceptance of a TenantAdmin that is still there stays with it', async (t) => {
  const world = new World()
  world.put(tenant({ status: { adopted: ['tenant-of-before'] } }))
  const other = world.put(tenantAdmin({ name: 'jane-of-before', spec: { username: 'jane-too' } }))
  world.put(tenantAdmin())
  world.accept({ ...before, adminUid: other.metadata.uid ?? '' })
  await world.settle()
  t.is(world.admin().status?.invite?.status, 'Pending')
})

test('A record of before usernames were kept counts by its address', async (t) => {
  const world = await restored({ username: undefined })
  t.is(world.admin().status?.invite?.status, 'Accepted')
})

test('While an earlier tenant is being taken over, asked for or as its deletion was undone, nobody is asked', async (t) => {
  const world = new World()
  const conditions = [condition('Ready', 'False', 'Adopting'), condition('Reconciling', 'True', 'Adopting')]
  world.put(tenant({ status: { phase: 'Provisioning', conditions } }))
  world.put(tenantAdmin())
  await world.settle()
  t.is(world.mails.length, 0)
  t.is(world.admin().status?.conditions?.find(({ type }) => type === 'Ready')?.reason, 'NotYetActive')
})
