/** A tenant whose database is lost is deleted, purged, or kept and adopted. */
import test from 'ava'
import { annotations } from '../../../operator/api/names.ts'
import type { RoleBinding } from '../../../operator/kube/resources.ts'
import { tenant } from '../../gen.ts'
import { dumpRecord } from '../dump/gen.ts'
import type { World } from './world.ts'
import { provisioned, nameOf, drop, nothing, creations, noticed, told } from './lost-scene.ts'

test('where its deletion is refused the tenant lives on: whoever has no access any more loses it', async (t) => {
  const world = await provisioned({ deletion: { protected: true } })
  drop(world)
  await noticed(world)
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.conditions().includes('DatabaseReady=False DatabaseMissing'))
  t.truthy(world.cluster.find('RoleBinding', 'tenant-acme/tenantry-admins'))
  world.cluster.remove('TenantAdmin', 'home/jane')
  await world.settle()
  const { subjects = [] } = (world.cluster.find('RoleBinding', 'tenant-acme/tenantry-admins') ?? {}) as RoleBinding
  t.deepEqual(subjects, [])
})

test('what was restored without its roles is removed with the Tenant, and not left behind', async (t) => {
  const world = await provisioned()
  const owner = nameOf(world)
  const { database } = world.postgres.databases.get(owner) ?? nothing
  world.postgres.databases.delete(owner)
  await noticed(world)
  if (database === undefined) return t.fail()
  const { mark: _mark, ...restored } = database
  world.postgres.databases.set(owner, { ...nothing, database: restored })
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.postgres.statements.includes(`DropDatabase ${owner}`))
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
})

test('what an administrator restored and keeps stops the deletion, and is told', async (t) => {
  const world = await provisioned()
  const owner = nameOf(world)
  const { database } = world.postgres.databases.get(owner) ?? nothing
  if (database === undefined) return t.fail()
  const { mark: _mark, ...restored } = database
  world.postgres.databases.set(owner, { ...nothing, database: { ...restored, owner: 'dba' } })
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DatabaseConflict'))
  t.regex(world.message('Stalled') ?? '', /OWNER TO "op"/)
})

test('a purge that is due does not pass a loss off as its own work', async (t) => {
  const world = await provisioned()
  world.edit({ state: 'Archived', archive: { retention: '1d' } })
  await world.settle()
  world.postgres.databases.delete(nameOf(world))
  world.restart()
  await world.clock.advance(2 * 86_400_000)
  await noticed(world)
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
  t.is(world.tenant().status?.phase, 'Archived')
  t.true(told(world).includes('DatabaseReady=False DatabaseMissing'))
  t.false(world.events.includes('Normal DatabaseRestored'))
  t.truthy(world.cluster.find('Namespace', 'tenant-acme'))
})

test('a tenant that was kept, and whose data is gone by the time it is adopted, is told so', async (t) => {
  const world = await provisioned({ deletion: { policy: 'Retain' } })
  const { uid = '' } = world.tenant().metadata
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  world.postgres.databases.delete(nameOf(world))
  world.restart()
  adopt(world, uid, 'the-new-one')
  await noticed(world)
  t.true(told(world).includes('Stalled=True DatabaseMissing'))
  t.is(creations(world), 2)
  world.edit({ cloudId: 'acme2', subdomain: 'acme2' })
  await noticed(world)
  t.is(world.tenant().status?.cloudId, 'acme2')
  t.true(told(world).includes('Stalled=True DatabaseMissing'), 'a rename does not heal the loss')
  t.is(creations(world), 2)
})

function adopt(world: World, uid: string, newUid: string, spec = {}): void {
  const again = tenant({ spec })
  const metadata = { ...again.metadata, uid: newUid, annotations: { [annotations.adopt]: uid } }
  world.cluster.put({ ...again, metadata })
}

/** The Tenant goes, its data stays. */
async function keep(world: World): Promise<string> {
  const { uid = '' } = world.tenant().metadata
  world.edit({ deletion: { policy: 'Retain' } })
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  return uid
}

test('what a purge has removed of a tenant that took over a kept one is no loss to the next one that takes it over', async (t) => {
  const world = await provisioned()
  world.dumps = { take: () => dumpRecord, isThere: async () => true }
  adopt(world, await keep(world), 'the-second')
  await world.settle()
  t.deepEqual(world.tenant().status?.adopted, ['uid-acme'])
  world.edit({ state: 'Archived' })
  await world.settle()
  await world.clock.advance(31 * 86_400_000)
  await world.settle()
  t.is(world.tenant().status?.phase, 'Purged')
  adopt(world, await keep(world), 'the-third')
  await noticed(world)
  t.deepEqual(told(world), [])
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('a tenant whose database is lost can be deleted', async (t) => {
  const world = await provisioned()
  drop(world)
  await noticed(world)
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
  t.is(world.postgres.databases.size, 0)
})
