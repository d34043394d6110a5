/** Many Tenants deleted at once: some go, the others are held until somebody says what is to become of them. */
import test from 'ava'
import { annotations } from '../../../operator/api/names.ts'
import { homeNamespace, tenant, tenantSettings } from '../../gen.ts'
import { diesAfter, ground } from './world.ts'
import type { World } from './world.ts'
import { names, deleteAll, isHeld, annotate } from './held-scene.ts'

const limits = { installation: 5, msp: 3, window: 600_000, releaseAfter: undefined }

const operator = tenantSettings.operatorNamespace

async function town(over: Partial<typeof tenantSettings.deletionBrake> = {}, count = names.length): Promise<World> {
  const world = ground({ settings: { deletionBrake: { ...limits, ...over } } })
  world.cluster.put(homeNamespace(operator))
  for (const name of names.slice(0, count))
    world.cluster.put(tenant({ name, uid: `uid-${name}`, spec: { subdomain: name } }))
  await world.settleAll()
  return world
}

/** All at once, as many workers do it, until nothing changes any more. */
async function atOnce(world: World): Promise<void> {
  for (let round = 0; round < 12; round += 1) {
    const keys = world.cluster.all('Tenant').map(({ metadata }) => `home/${metadata.name}`)
    await Promise.all(keys.map((key) => world.pass(key).catch(() => undefined)))
  }
}

const left = (world: World) => world.cluster.all('Tenant').map(({ metadata }) => metadata.name)

test('eight at once: five go, three are held, and nothing of these is touched', async (t) => {
  const world = await town()
  deleteAll(world)
  await atOnce(world)
  t.deepEqual(left(world), ['t6', 't7', 't8'])
  t.is(world.postgres.databases.size, 3)
  for (const name of left(world)) {
    t.true(isHeld(world, name))
    t.true(world.conditions(`home/${name}`).includes('Available=True Provisioned'))
    t.truthy(world.cluster.find('Namespace', `tenant-${name}`))
  }
  t.is(
    world.message('Stalled', 'home/t6'),
    'Tenantry holds the deletion, and has touched nothing of the tenant: settings.deletionBrake allows 5 deletions within 10m, and this deletion exceeds that limit. To delete it, set the annotation tenantry.dev/release-deletion: t6. To get it back, set tenantry.dev/undo-deletion: t6 and apply its manifest again.',
  )
  t.is(world.events.filter((event) => event === 'Warning DeletionHeld').length, 3)
  const effects = world.effects.length
  await atOnce(world)
  t.is(world.effects.length, effects, 'quiet')
})

test('what is held is mended like any other', async (t) => {
  const world = await town()
  deleteAll(world)
  await atOnce(world)
  world.cluster.remove('NetworkPolicy', 'tenant-t7/tenantry-isolation')
  await atOnce(world)
  t.truthy(world.cluster.find('NetworkPolicy', 'tenant-t7/tenantry-isolation'))
  t.true(isHeld(world, 't7'))
})

test('deletions that come one by one count as well, after a restart too; when the time is over others may go', async (t) => {
  const world = await town()
  for (const name of names.slice(0, 5)) {
    deleteAll(world, [name])
    await world.settle(`home/${name}`)
    world.restart()
  }
  deleteAll(world, ['t6'])
  await world.settle('home/t6')
  t.true(isHeld(world, 't6'))
  await world.clock.advance(limits.window)
  await world.settle('home/t6')
  t.true(isHeld(world, 't6'), 'the end of the time releases nobody')
  const { metadata, ...rest } = world.tenant('home/t7')
  const later = { ...metadata, deletionTimestamp: '2030-01-02T01:00:00Z' }
  world.cluster.put({ ...rest, metadata: later })
  await world.settle('home/t7')
  t.deepEqual(left(world), ['t6', 't8'])
})

test('cut off after any write of eight deletions, no more than five begin', async (t) => {
  for (let cut = 0; cut < 40; cut += 3) {
    const world = await town()
    deleteAll(world)
    world.cluster.before = diesAfter(cut)
    await atOnce(world)
    world.cluster.before = () => {}
    world.restart()
    await atOnce(world)
    t.is(left(world).length, 3, `after ${cut}`)
    t.is(world.postgres.databases.size, 3, `after ${cut}`)
    t.true(
      left(world).every((name) => isHeld(world, name)),
      `after ${cut}`,
    )
  }
})

test('a cache that has not heard of the other deletions lets no more through', async (t) => {
  const world = await town()
  for (const name of names) {
    deleteAll(world, [name])
    world.cluster.lagging = true
    await world.pass(`home/${name}`)
    world.cluster.lagging = false
  }
  await atOnce(world)
  t.is(left(world).length, 3)
})

const releases: readonly (readonly [string, (world: World) => void, readonly string[]])[] = [
  [
    'on the Tenant: it goes',
    (world) => annotate(world, 'Tenant', 'home/t7', { [annotations.releaseDeletion]: 't7' }),
    ['t6', 't8'],
  ],
  [
    'with another name: nothing goes',
    (world) => annotate(world, 'Tenant', 'home/t7', { [annotations.releaseDeletion]: 'true' }),
    ['t6', 't7', 't8'],
  ],
  [
    'on the namespace: all in it go',
    (world) => annotate(world, 'Namespace', 'home', { [annotations.releaseDeletion]: 'home' }),
    [],
  ],
  [
    'on the namespace, with the name of a Tenant: nothing goes',
    (world) => annotate(world, 'Namespace', 'home', { [annotations.releaseDeletion]: 't7' }),
    ['t6', 't7', 't8'],
  ],
  [
    "on the operator's namespace: all go",
    (world) => annotate(world, 'Namespace', operator, { [annotations.releaseDeletion]: operator }),
    [],
  ],
]

for (const [name, release, rest] of releases) {
  test(`the annotation that releases, ${name}`, async (t) => {
    const world = await town()
    deleteAll(world)
    await atOnce(world)
    release(world)
    await atOnce(world)
    t.deepEqual(left(world), rest)
    t.is(world.postgres.databases.size, rest.length)
  })
}

test('what is released beforehand takes no room from others', async (t) => {
  const world = await town()
  world.cluster.put(homeNamespace('other'))
  for (const name of ['o1', 'o2'])
    world.cluster.put(tenant({ namespace: 'other', name, uid: `uid-${name}`, spec: { subdomain: name } }))
  await world.settleAll()
  annotate(world, 'Namespace', 'home', { [annotations.releaseDeletion]: 'home' })
  deleteAll(world)
  for (const name of ['o1', 'o2']) world.cluster.remove('Tenant', `other/${name}`)
  await world.settle('other/o1')
  await world.settleAll()
  t.deepEqual(left(world), [])
})

test('by time, where that is set; a clock that jumps releases nothing early', async (t) => {
  const releaseAfter = 3_600_000
  const world = await town({ releaseAfter })
  deleteAll(world)
  await atOnce(world)
  t.regex(world.message('Stalled', 'home/t6') ?? '', /Otherwise it is deleted at 2030-01-01T01:00:00Z\.$/)
  const due = world.due.get('home/t6') ?? 0
  t.true(due > 0 && due <= releaseAfter)
  world.clock.setWall(world.clock.now() + 10 * releaseAfter)
  await atOnce(world)
  t.is(left(world).length, 3)
  await world.clock.advance(releaseAfter)
  await atOnce(world)
  t.deepEqual(left(world), [])
})

test('what is held stays held when the brake is turned off', async (t) => {
  const world = await town()
  deleteAll(world)
  await atOnce(world)
  Object.assign(world.settings, { deletionBrake: { ...limits, installation: 0, msp: 0 } })
  world.restart()
  await atOnce(world)
  t.deepEqual(left(world), ['t6', 't7', 't8'])
  t.true(isHeld(world, 't6'))
})

test('off, nothing is held and nothing is recorded', async (t) => {
  const world = await town({ installation: 0, msp: 0 })
  deleteAll(world)
  await atOnce(world)
  t.deepEqual(left(world), [])
  t.deepEqual(world.cluster.all('ConfigMap'), [])
})

test('what loses nothing does not count: Retain, what was never made, what a purge has taken', async (t) => {
  const world = await town({ installation: 1 })
  for (const name of ['t1', 't2']) world.edit({ deletion: { protected: false, policy: 'Retain' } }, `home/${name}`)
  world.cluster.put(
    tenant({ name: 'unmade', uid: 'uid-unmade', spec: { provisioning: 'OnAccept', subdomain: 'unmade' } }),
  )
  await world.settle('home/unmade')
  const purged = world.tenant('home/t3')
  const purge = { startedAt: '2030-01-01T00:00:00Z', finishedAt: '2030-01-01T00:00:00Z' }
  world.cluster.put({ ...purged, status: { observedGeneration: 1, ...purged.status, purge } })
  deleteAll(world, ['unmade', 't1', 't2', 't3', 't4'])
  await atOnce(world)
  t.deepEqual(left(world), ['t5', 't6', 't7', 't8'])
  deleteAll(world, ['t5'])
  await atOnce(world)
  t.true(isHeld(world, 't5'))
})

test('a removal that has begun is finished, whatever is said then', async (t) => {
  const world = await town()
  deleteAll(world)
  await atOnce(world)
  annotate(world, 'Tenant', 'home/t6', { [annotations.releaseDeletion]: 't6' })
  world.cluster.heldNamespaces.add('tenant-t6')
  await world.settle('home/t6')
  t.is(world.postgres.databases.size, 2)
  annotate(world, 'Tenant', 'home/t6', { [annotations.releaseDeletion]: '', [annotations.undoDeletion]: 't6' })
  world.cluster.release('tenant-t6')
  await world.settle('home/t6')
  t.deepEqual(left(world), ['t7', 't8'])
  t.is(world.cluster.claims().filter(({ data }) => data?.['tenant'] === 'home/t6').length, 0)
})

test('an MSP waits for its customers that are held', async (t) => {
  const world = ground({ settings: { deletionBrake: limits } })
  world.cluster.put(tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP', subdomain: 'northwind' } }))
  await world.settle('home/northwind')
  const customers = ['c1', 'c2', 'c3', 'c4']
  for (const name of customers)
    world.cluster.put(tenant({ namespace: 'tenant-northwind', name, uid: `uid-${name}`, spec: { subdomain: name } }))
  await world.settleAll()
  for (const name of customers) world.cluster.remove('Tenant', `tenant-northwind/${name}`)
  world.cluster.remove('Tenant', 'home/northwind')
  await world.settleAll()
  t.deepEqual(left(world).toSorted(), ['c4', 'northwind'])
  t.regex(
    world.message('Stalled', 'tenant-northwind/c4') ?? '',
    /3 deletions of customers of the MSP northwind within 10m/,
  )
  t.true(world.conditions('home/northwind').includes('Stalled=True HasCustomers'))
})
