/** A Tenant of the name of one that was torn out: it hears of the earlier one, and of both ways out. */
import test from 'ava'

import { labels } from '../../../../operator/api/names.ts'
import type { Namespace } from '../../../../operator/kube/resources.ts'
import { homeNamespace, tenant, tenantAdmin } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const giveUp = 'tenantry.dev/give-up'

/** Made, then its finalizer was taken off by hand. */
async function tornOut(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  const { metadata, ...rest } = world.tenant()
  world.cluster.put({ ...rest, metadata: { ...metadata, finalizers: [] } })
  world.cluster.remove('Tenant', 'home/acme')
  return world
}

const again = (annotations: Readonly<Record<string, string>> = {}) => tenant({ uid: 'uid-again', annotations })
const namespace = (world: World, name: string) => world.cluster.find<Namespace>('Namespace', name)

test('the message names the earlier Tenant with its uid and both ways out', async (t) => {
  const world = await tornOut()
  world.cluster.put(again())
  await world.settle()
  t.true(world.conditions().includes('Stalled=True CloudIdConflict'))
  t.is(
    world.message('Stalled'),
    'The Cloud ID acme is held for the earlier Tenant home/acme with the uid uid-acme, which is gone; its data may still exist. To take all of it over, annotate this Tenant with tenantry.dev/adopt: uid-acme. To start without it, annotate this Tenant with tenantry.dev/give-up: acme; then only the names are released, and the earlier namespace and database stay until an administrator removes them.',
  )
})

test('a Tenant elsewhere that wants the name is told nothing of whose it is', async (t) => {
  const world = await tornOut()
  world.cluster.put(homeNamespace('other'))
  world.cluster.put(tenant({ namespace: 'other', uid: 'uid-other' }))
  await world.settle('other/acme')
  t.regex(world.message('Stalled', 'other/acme') ?? '', /^The Cloud ID acme is taken by another tenant\./)
})

test('the first way out: the earlier one is taken over', async (t) => {
  const world = await tornOut()
  world.cluster.put(again({ 'tenantry.dev/adopt': 'uid-acme' }))
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.is(world.postgres.databases.size, 1)
})

test('the second: given up, the new one begins empty under other generated names, and nothing of the earlier one is removed', async (t) => {
  const world = await tornOut()
  const [owner] = world.postgres.databases.keys()
  world.cluster.put(again())
  await world.settle()
  world.cluster.put({ ...world.tenant(), metadata: { ...world.tenant().metadata, annotations: { [giveUp]: 'acme' } } })
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'), world.message('Ready'))
  const { status } = world.tenant()
  t.is(status?.cloudId, 'acme')
  t.regex(status?.namespace ?? '', /^tenant-acme-\w{6}$/)
  t.not(status?.database?.name, owner)
  t.is(world.postgres.databases.size, 2)
  t.is(namespace(world, 'tenant-acme')?.metadata.labels?.[labels.tenantUid], 'uid-acme')
  t.deepEqual(
    world.cluster.claims().map(({ data }) => data?.['uid']),
    ['uid-again', 'uid-again'],
  )
  const before = world.effects.length
  for (let pass = 0; pass < 3; pass += 1) await world.pass()
  t.is(world.effects.length, before)
})

test('with the annotation from the beginning it is the same, and after a crash in between', async (t) => {
  const world = await tornOut()
  world.cluster.put(again({ [giveUp]: 'acme' }))
  await world.pass()
  world.restart()
  await world.settle()
  t.is(world.tenant().status?.phase, 'Active')
  t.regex(world.tenant().status?.namespace ?? '', /^tenant-acme-\w{6}$/)
})

test('the annotation has to repeat the name, and gives up nothing of another Tenant’s', async (t) => {
  const world = await tornOut()
  world.cluster.put(again({ [giveUp]: 'true' }))
  await world.settle()
  t.true(world.conditions().includes('Stalled=True CloudIdConflict'))
  world.cluster.put(homeNamespace('other'))
  world.cluster.put(tenant({ namespace: 'other', uid: 'uid-other', annotations: { [giveUp]: 'acme' } }))
  await world.settle('other/acme')
  t.true(world.conditions('other/acme').includes('Stalled=True CloudIdConflict'))
  t.is(world.cluster.claims().filter(({ data }) => data?.['uid'] === 'uid-acme').length, 2)
})

test('on a Tenant that has no predecessor it changes nothing', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ annotations: { [giveUp]: 'acme' } }))
  await world.settle()
  t.is(world.tenant().status?.namespace, 'tenant-acme')
  t.is(world.tenant().status?.phase, 'Active')
})
