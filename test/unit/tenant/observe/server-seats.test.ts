import test from 'ava'

import { databaseServer, tenant } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const names = ['c9', 'c8', 'c7', 'c6', 'c5']

const limited = (maxTenants: number) => databaseServer({ spec: { capacity: { maxTenants } } })

async function passesOfAll(world: World): Promise<void> {
  await Promise.all(names.map((name) => world.pass(`home/${name}`)))
}

const serverOf = (world: World, name: string) => world.tenant(`home/${name}`).status?.database?.server

test('tenants declared in one second are no more than their DatabaseServer takes, before the cache of claims tells of any', async (t) => {
  const world = ground()
  world.cluster.put(limited(2))
  world.cluster.lag('ConfigMap')
  for (const name of names) world.cluster.put(tenant({ name, uid: `uid-${name}` }))
  await passesOfAll(world)
  await passesOfAll(world)
  world.cluster.catchUp()
  for (const name of names) await world.settle(`home/${name}`)
  t.is(names.filter((name) => serverOf(world, name) === 'main').length, 2)
  const waiting = names.filter((name) => world.conditions(`home/${name}`).includes('Reconciling=True NoDatabaseServer'))
  t.is(waiting.length, 3)
})

test('a tenant that gets no names leaves its room to others', async (t) => {
  const world = ground()
  world.cluster.put(limited(2))
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', spec: { cloudId: 'c9', subdomain: 'globex' } }))
  await world.settle('home/globex')
  for (const name of ['c9', 'c8']) {
    world.cluster.put(tenant({ name, uid: `uid-${name}` }))
    await world.settle(`home/${name}`)
  }
  t.true(world.conditions('home/c9').includes('Stalled=True CloudIdConflict'))
  t.is(serverOf(world, 'c8'), 'main')
})

test('a tenant that is gone before it gets its finalizer leaves its room to others', async (t) => {
  const world = ground()
  world.cluster.put(limited(1))
  world.cluster.put(tenant({ name: 'c9', uid: 'uid-c9' }))
  world.cluster.lag('Tenant')
  world.cluster.remove('Tenant', 'home/c9')
  await t.throwsAsync(world.pass('home/c9'))
  world.cluster.catchUp()
  world.cluster.put(tenant({ name: 'c8', uid: 'uid-c8' }))
  await world.settle('home/c8')
  t.is(serverOf(world, 'c8'), 'main')
})
