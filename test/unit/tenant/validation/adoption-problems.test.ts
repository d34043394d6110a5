/** An earlier tenant, kept when its Tenant went, in the hands of a new one. */
import test from 'ava'

import { labels } from '../../../../operator/api/names.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import { tenant, tenantAdmin } from '../../../gen.ts'
import { cutOff, ground } from '../world.ts'
import type { World } from '../world.ts'
import { again, marks } from './adopting.ts'

/** Made, and deleted with policy Retain. */
async function retained(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { deletion: { protected: false, policy: 'Retain' } } }))
  await world.settle()
  world.cluster.remove('Tenant', 'home/acme')
  await world.pass()
  return world
}

const password = (world: World) =>
  world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')?.data?.['password']

test('Retain: nothing is removed, and the names stay reserved', async (t) => {
  const world = await retained()
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
  t.truthy(password(world))
  t.is(world.postgres.databases.size, 1)
  const claims = world.cluster.claims().map(({ metadata }) => metadata.labels?.[labels.retained])
  t.deepEqual(claims, ['true', 'true'], 'whoever looks for what was kept finds it')
  world.cluster.put(tenant({ name: 'other', uid: 'uid-other', spec: { cloudId: 'acme' } }))
  await world.settle('home/other')
  t.true(world.conditions('home/other').includes('Stalled=True CloudIdConflict'))
})

for (const adopt of ['uid-acme', 'main/home/acme']) {
  test(`${adopt}: names, namespace, password and database are the new Tenant’s, marked as such`, async (t) => {
    const world = await retained()
    const before = password(world)
    world.cluster.put(again(adopt))
    await world.settle()
    t.true(world.conditions().includes('Ready=True Provisioned'), world.message('Ready'))
    t.is(password(world), before)
    t.is(world.postgres.databases.size, 1)
    t.deepEqual(marks(world), ['uid-again'])
    t.deepEqual(world.tenant().status?.adopted, ['uid-acme'])
    const effects = world.effects.length
    await world.pass()
    t.is(world.effects.length, effects)

    world.restart()
    await world.settle()
    t.is(world.effects.length, effects, 'nothing is forgotten by another process')

    world.cluster.remove('Tenant', 'home/acme')
    await world.settle()
    t.is(world.postgres.databases.size, 0)
    t.deepEqual(world.cluster.all('ConfigMap'), [])
  })
}

test('A Tenant that is there is not taken over, whatever the cache believes', async (t) => {
  const world = ground()
  world.cluster.put(tenant())
  await world.settle()
  world.cluster.put(tenant({ name: 'thief', uid: 'uid-thief', annotations: { 'tenantry.dev/adopt': 'uid-acme' } }))
  await world.settle('home/thief')
  t.true(world.conditions('home/thief').includes('Stalled=True AdoptionRefused'))
  t.deepEqual(marks(world), ['uid-acme'])
})

test('What is not there is not taken over, and nothing is made instead', async (t) => {
  const world = ground()
  world.cluster.put(again('uid-nobody'))
  await world.settle()
  t.true(world.conditions().includes('Stalled=True AdoptionRefused'))
  t.is(world.cluster.find('Namespace', 'tenant-acme'), undefined)
})

test('A Tenant with a life of its own takes nobody over, and goes on', async (t) => {
  const world = await retained()
  const own = tenant({ name: 'own', uid: 'uid-own', spec: { cloudId: 'own', subdomain: 'own' } })
  world.cluster.put(own)
  await world.settle('home/own')
  const { metadata } = world.tenant('home/own')
  const annotations = { 'tenantry.dev/adopt': 'uid-acme' }
  world.cluster.put({ ...world.tenant('home/own'), metadata: { ...metadata, annotations } })
  await world.settle('home/own')
  t.true(world.conditions('home/own').includes('Stalled=True AdoptionRefused'))
  t.true(world.conditions('home/own').includes('Available=True Provisioned'))
})

test('Cut off after any write of an adoption, it ends the same', async (t) => {
  const whole = await retained()
  const start = whole.effects.length
  whole.cluster.put(again('uid-acme'))
  await whole.settle()
  const count = whole.effects.length - start
  t.true(count > 4)
  for (let cut = 0; cut < count; cut += 1) {
    const world = await retained()
    const before = password(world)
    world.cluster.put(again('uid-acme'))
    await cutOff(world, cut)
    t.true(world.conditions().includes('Ready=True Provisioned'), `after ${cut}`)
    t.deepEqual(marks(world), ['uid-again'], `after ${cut}`)
    t.is(password(world), before, `after ${cut}`)
  }
})

test('what the earlier one had and the new one does not want goes: access of its admins, and what kept it still', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  world.edit({ state: 'Archived', deletion: { policy: 'Retain', protected: false } })
  await world.settle()
  world.cluster.remove('TenantAdmin', 'home/jane')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.truthy(world.cluster.find('RoleBinding', 'tenant-acme/tenantry-admins'))
  t.truthy(world.cluster.find('ResourceQuota', 'tenant-acme/tenantry-suspension'))
  world.cluster.put(again('uid-acme'))
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'), world.message('Ready'))
  for (const left of [
    'RoleBinding/tenantry-admins',
    'ConfigMap/tenantry-access',
    'ResourceQuota/tenantry-suspension',
  ]) {
    const [kind = '', name = ''] = left.split('/')
    t.is(world.cluster.find(kind, `tenant-acme/${name}`), undefined, left)
  }
  t.deepEqual(marks(world), ['uid-again'])
})
