/** The seats of an MSP: no more customers than it may have. */
import test from 'ava'

import { tenant } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const namespace = 'tenant-northwind'
const customer = (name: string, spec: object = {}) => tenant({ name, uid: `uid-${name}`, namespace, spec })

async function msp(max: number): Promise<World> {
  const world = ground()
  world.cluster.put(tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP', customers: { max } } }))
  await world.settle('home/northwind')
  return world
}

const made = (world: World) =>
  world.cluster.all('Namespace').filter(({ metadata }) => metadata.name.startsWith('tenant-c'))

test('customers declared in one second, each before the last by its name, are no more than the MSP may have', async (t) => {
  const world = await msp(2)
  const names = ['c9', 'c8', 'c7', 'c6', 'c5']
  const passes = names.map(async (name) => {
    world.cluster.put(customer(name))
    await world.pass(`${namespace}/${name}`)
  })
  await Promise.all(passes)
  for (const name of names) await world.settle(`${namespace}/${name}`)
  t.is(made(world).length, 2)
  const refused = names.filter((name) =>
    world.conditions(`${namespace}/${name}`).includes('Stalled=True CustomerLimitReached'),
  )
  t.is(refused.length, 3)
})

test('a customer that was deleted and retained keeps its seat, as its data is there still', async (t) => {
  const world = await msp(1)
  world.cluster.put(customer('c1', { deletion: { policy: 'Retain' } }))
  await world.settle(`${namespace}/c1`)
  const key = `${namespace}/c1`
  world.cluster.remove('Tenant', key)
  await world.settle(key)
  t.is(world.cluster.find('Tenant', key), undefined)
  world.cluster.put(customer('c2'))
  await world.settle(`${namespace}/c2`)
  t.true(world.conditions(`${namespace}/c2`).includes('Stalled=True CustomerLimitReached'))
  t.is(made(world).length, 1)
})

test('a customer that gets no names leaves its seat to others', async (t) => {
  const world = await msp(1)
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', spec: { cloudId: 'c1', subdomain: 'globex' } }))
  await world.settle('home/globex')
  world.cluster.put(customer('c1'))
  await world.settle(`${namespace}/c1`)
  t.true(world.conditions(`${namespace}/c1`).includes('Stalled=True CloudIdConflict'))
  world.cluster.remove('Tenant', `${namespace}/c1`)
  await world.settle(`${namespace}/c1`)
  world.cluster.put(customer('c2'))
  await world.settle(`${namespace}/c2`)
  t.truthy(world.cluster.find('Namespace', 'tenant-c2'))
})
