/** A deletion that is undone: the Tenant goes, all else stays, and the same manifest has it again. */
import test from 'ava'
import type { KubeObject } from '../../../operator/kube/port.ts'
import { annotations } from '../../../operator/api/names.ts'
import { homeNamespace, tenant, tenantAdmin } from '../../gen.ts'
import { cutOff, ground } from './world.ts'
import type { World } from './world.ts'
import { deleteAll, isHeld, annotate } from './held-scene.ts'

/** One that is held and undone, with a person who has accepted. */
async function undone(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  const found = world.tenant()
  const deletion = { heldAt: '2030-01-01T00:00:00Z', because: '5 deletions within 10m' }
  world.cluster.put({ ...found, status: { observedGeneration: 1, ...found.status, deletion } })
  deleteAll(world, ['acme'])
  await world.settle()
  t0(world)
  annotate(world, 'Tenant', 'home/acme', { [annotations.undoDeletion]: 'acme' })
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  await world.pass()
  return world
}

function t0(world: World): void {
  if (!isHeld(world, 'acme')) throw new Error('the deletion should be held')
}

const removals = (world: World) => world.effects.filter((effect) => /^(Drop|Disable|Terminate|delete)/.test(effect))

test('undone: the object goes, all else stays, and the same manifest has it again', async (t) => {
  const world = await undone()
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
  t.deepEqual(removals(world), [])
  const secret = world.cluster.find<KubeObject & { data?: object }>('Secret', 'tenant-acme/tenantry-database')?.data
  world.cluster.put(tenant({ uid: 'uid-again' }))
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'), world.message('Ready'))
  t.deepEqual(world.tenant().status?.adopted, ['uid-acme'])
  t.deepEqual(
    world.cluster.find<KubeObject & { data?: object }>('Secret', 'tenant-acme/tenantry-database')?.data,
    secret,
  )
  t.deepEqual(removals(world), [])
  t.is(world.postgres.databases.size, 1)
  t.false(world.cluster.claims().some(({ data }) => data?.['undone-in'] !== undefined))
  t.is(world.tenant().status?.deletion, undefined)
})

test('undone, and cut off after any write of what follows, it ends the same', async (t) => {
  for (let cut = 0; cut < 12; cut += 1) {
    const world = await undone()
    world.cluster.put(tenant({ uid: 'uid-again' }))
    await cutOff(world, cut)
    t.true(world.conditions().includes('Ready=True Provisioned'), `after ${cut}`)
    t.is(world.postgres.databases.size, 1, `after ${cut}`)
  }
})

test('a Tenant of that name in a namespace that was made anew is somebody else’s', async (t) => {
  const world = await undone()
  world.cluster.put({ ...homeNamespace(), metadata: { ...homeNamespace().metadata, uid: 'uid-new-home' } })
  world.cluster.put(tenant({ uid: 'uid-again' }))
  await world.settle()
  t.true(world.conditions().includes('Stalled=True CloudIdConflict'))
})

test('so is one of another name; and what policy Retain kept is not given by the name', async (t) => {
  const world = await undone()
  world.cluster.put(tenant({ name: 'other', uid: 'uid-other', spec: { cloudId: 'acme', subdomain: 'acme' } }))
  await world.settle('home/other')
  t.true(world.conditions('home/other').includes('Stalled=True CloudIdConflict'))
  const retained = ground()
  retained.cluster.put(tenant({ spec: { deletion: { protected: false, policy: 'Retain' } } }))
  await retained.settle()
  deleteAll(retained, ['acme'])
  await retained.pass()
  retained.cluster.put(tenant({ uid: 'uid-again' }))
  await retained.settle()
  t.true(retained.conditions().includes('Stalled=True CloudIdConflict'))
})
