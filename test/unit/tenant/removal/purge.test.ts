/** Archived until a date; then a last dump, and the data goes. The Tenant stays. */
import test from 'ava'

import { DumpError } from '../../../../operator/dump/port.ts'
import { tenantIndexes } from '../../../../operator/domain/caches.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { dumpRecord } from '../../dump/gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const day = 86_400_000
const skip = { 'tenantry.dev/skip-final-dump': 'acme' }

async function archived(annotations: Readonly<Record<string, string>> = {}, spec = {}): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ annotations, spec }))
  await world.settle()
  world.edit({ state: 'Archived' })
  await world.settle()
  return world
}

const gone = (world: World) =>
  world.postgres.databases.size === 0 && world.cluster.find('Namespace', 'tenant-acme') === undefined

test('the date to purge is set with the archive; a shorter retention never pulls it in, a longer one puts it off', async (t) => {
  const world = await archived()
  const { archivedAt, purgeAfter } = world.tenant().status ?? {}
  t.is(Date.parse(purgeAfter ?? '') - Date.parse(archivedAt ?? ''), 30 * day)
  world.edit({ archive: { retention: '1d' } })
  await world.settle()
  t.is(world.tenant().status?.purgeAfter, purgeAfter)
  world.edit({ archive: { retention: '60d' } })
  await world.settle()
  t.is(Date.parse(world.tenant().status?.purgeAfter ?? '') - Date.parse(archivedAt ?? ''), 60 * day)
  t.true((world.due.get('home/acme') ?? 0) <= 60 * day)
})

for (const [title, extend] of [
  ['of the Tenant', (world: World) => world.edit({ archive: { retention: '60d' } })],
  ['of its plan', (world: World) => world.cluster.put(tenantPlan({ spec: { archive: { retention: '60d' } } }))],
] as const)
  test(`a longer retention ${title} postpones a purge that is due and whose last dump failed`, async (t) => {
    const world = await archived()
    const { archivedAt = '' } = world.tenant().status ?? {}
    await world.clock.advance(31 * day)
    await world.settle()
    t.true(world.conditions().includes('Ready=False DumpFailed'))
    extend(world)
    await world.settle()
    t.true(world.conditions().includes('Ready=True Archived'))
    t.is(Date.parse(world.tenant().status?.purgeAfter ?? '') - Date.parse(archivedAt), 60 * day)
    world.dumps = { take: () => dumpRecord, isThere: async () => true }
    await world.settle()
    t.is(world.postgres.databases.size, 1)
    await world.clock.advance(30 * day)
    await world.settle()
    t.is(world.tenant().status?.phase, 'Purged')
  })

test('when the time is over the data goes, the Tenant stays, and silence', async (t) => {
  const world = await archived(skip)
  await world.clock.advance(31 * day)
  await world.settle()
  t.true(gone(world))
  t.is(world.tenant().status?.phase, 'Purged')
  t.truthy(world.tenant().status?.purge?.finishedAt)
  t.true(world.conditions().includes('Ready=True Purged'))
  t.truthy(world.cluster.find('ConfigMap', 'tenantry-system/claim-cloud-id-acme'), 'the names stay with it')
  const before = world.effects.length
  await world.pass()
  t.is(world.effects.length, before)

  world.edit({ state: 'Active' })
  await world.settle()
  t.true(world.conditions().includes('Stalled=True StateNotAllowed'))
  t.true(gone(world), 'nothing brings it back by accident')

  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(world.cluster.find('ConfigMap', 'tenantry-system/claim-cloud-id-acme'), undefined)
})

test('people are told of the archive and of the purge, once each', async (t) => {
  const world = await archived(skip)
  await world.clock.advance(31 * day)
  await world.settle()
  t.true(gone(world))
  t.deepEqual(world.events, ['Normal Provisioned', 'Normal Archived', 'Normal Purged'])
})

test('without a dump nothing is removed', async (t) => {
  const world = await archived()
  await world.clock.advance(31 * day)
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DumpFailed'))
  t.true((world.due.get('home/acme') ?? 0) > 1000, 'it is tried again, and not at once')
  t.is(world.tenant().status?.phase, 'Archived')
  t.false(gone(world))
  world.edit({ state: 'Active' })
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'), 'and it can still be revived')
})

test('the dump is waited for, written down, and then the data goes', async (t) => {
  const world = await archived()
  const { archivedAt = '' } = world.tenant().status ?? {}
  const path = `main/home/acme/uid-acme/${archivedAt.replaceAll(':', '')}.dump`
  const orders: string[] = []
  const answers = [undefined, undefined, dumpRecord]
  world.dumps = {
    take: (order) => {
      orders.push(order.path)
      return answers.shift()
    },
    isThere: async () => true,
  }
  await world.clock.advance(31 * day)
  await world.pass()
  t.true(world.conditions().includes('Reconciling=True Purging'))
  const before = world.effects.length
  await world.pass()
  t.is(world.effects.length, before, 'while it is under way nothing is written')
  await world.settle()
  t.deepEqual(new Set(orders), new Set([path]))
  t.is(orders.length, 3)
  t.is(world.tenant().status?.purge?.dump, path)
  t.true(gone(world))
})

test('an MSP with customers is never purged', async (t) => {
  const world = await archived(skip, { type: 'MSP' })
  world.cluster.put(
    tenant({
      name: 'initech',
      namespace: 'tenant-acme',
      uid: 'uid-initech',
      spec: { cloudId: 'initech', subdomain: 'initech' },
    }),
  )
  await world.clock.advance(31 * day)
  await world.settle()
  t.true(world.conditions().includes('Ready=True HasCustomers'))
  t.false(gone(world))
})

for (const deletion of [{ protected: true }, { policy: 'Retain' }]) {
  test(`${JSON.stringify(deletion)} keeps the data beyond the date`, async (t) => {
    const world = await archived(skip, { deletion })
    await world.clock.advance(31 * day)
    await world.settle()
    t.true(world.conditions().includes('Ready=True PurgeProtected'))
    t.false(gone(world))
  })
}

test('what is kept beyond the date stays archived: a login that somebody turns on is turned off', async (t) => {
  const world = await archived(skip, { deletion: { protected: true } })
  await world.clock.advance(31 * day)
  await world.settle()
  const [owner = '', databaseState] = [...world.postgres.databases][0] ?? []
  if (databaseState?.logins.a === undefined) return void t.fail('There is no login.')
  const logins = { ...databaseState.logins, a: { ...databaseState.logins.a, canLogin: true } }
  world.postgres.databases.set(owner, { ...databaseState, logins })
  await world.poll()
  await world.settle()
  t.false(world.postgres.databases.get(owner)?.logins.a?.canLogin)
})

test('a revival that the cache has not heard of wins over the purge', async (t) => {
  const world = await archived(skip)
  await world.clock.advance(31 * day)
  world.cluster.lagging = true
  world.edit({ state: 'Active' })
  await world.pass().catch(() => undefined)
  t.false(gone(world))
  world.cluster.catchUp()
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.false(gone(world))
})

test('a purge that has begun goes on, whatever the spec says then', async (t) => {
  const world = await archived(skip)
  await world.clock.advance(31 * day)
  world.postgres.after = (statement) => {
    if (statement.startsWith('DropDatabase')) throw new Error('killed')
  }
  await world.pass().catch(() => undefined)
  world.postgres.after = () => {}
  world.restart()
  world.edit({ state: 'Active' })
  await world.settle()
  t.true(gone(world))
  t.is(world.tenant().status?.phase, 'Purged')
})

test('one whose data is gone is told that another tenant has the name it wants, and gets it when that is free', async (t) => {
  const world = await archived(skip)
  await world.clock.advance(31 * day)
  await world.settle()
  world.cluster.put(tenant({ name: 'other', uid: 'uid-other', spec: { cloudId: 'globex', subdomain: 'globex' } }))
  await world.settle('home/other')
  world.edit({ cloudId: 'globex', subdomain: 'globex' })
  await world.settle()
  t.true(world.conditions().includes('Stalled=True CloudIdConflict'))
  t.is(world.tenant().status?.phase, 'Purged')
  t.is(world.tenant().status?.cloudId, 'acme')
  world.cluster.remove('Tenant', 'home/other')
  await world.settle('home/other')
  await world.settle()
  t.is(world.tenant().status?.cloudId, 'globex')
  t.true(world.conditions().includes('Ready=True Purged'))
})

test('it hears of the names that it wants, whatever else its status tells', (t) => {
  const wants = { cloudId: 'globex', subdomain: 'globex' }
  const status = { observedGeneration: 1, phase: 'Purged', cloudId: 'acme', subdomain: 'acme' } as const
  const wanting = { ...tenant({ spec: wants }), status }
  t.deepEqual(tenantIndexes.seeking(wanting), ['CloudId globex', 'Subdomain globex'])
  t.deepEqual(tenantIndexes.seeking({ ...wanting, status: { ...status, ...wants } }), [])
})

test('what is deleted by hand while the last dump fails is made again, and the data is kept', async (t) => {
  const world = await archived()
  await world.clock.advance(31 * day)
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DumpFailed'))
  for (const [kind, name] of [
    ['Secret', 'tenantry-database'],
    ['ResourceQuota', 'tenantry-suspension'],
    ['NetworkPolicy', 'tenantry-isolation'],
  ] as const) {
    world.cluster.remove(kind, `tenant-acme/${name}`)
    await world.settle()
    t.truthy(world.cluster.find(kind, `tenant-acme/${name}`), name)
  }
  world.cluster.remove('Namespace', 'tenant-acme')
  await world.settle()
  t.truthy(world.cluster.find('ResourceQuota', 'tenant-acme/tenantry-suspension'), 'in a new namespace')
  t.true(world.conditions().includes('Stalled=True DumpFailed'))
  t.is(world.postgres.databases.size, 1)
  world.dumps = { take: () => dumpRecord, isThere: async () => true }
  await world.settle()
  t.true(gone(world), 'and goes with the dump')
})

/** Archived, its time over, its dump taken and recorded, and the data not yet begun to go. */
async function dumped(): Promise<{ readonly world: World; readonly kept: Set<string>; readonly orders: string[] }> {
  const world = await archived()
  const [kept, orders] = [new Set<string>(), [] as string[]]
  world.dumps = {
    take: ({ path }) => {
      orders.push(path)
      kept.add(path)
      return dumpRecord
    },
    isThere: async (path) => kept.has(path),
  }
  await world.clock.advance(31 * day)
  while (world.tenant().status?.purge?.dump === undefined) await world.pass()
  return { world, kept, orders }
}

test('a dump that is gone before the removal begins is taken again, with a warning, and then the data goes', async (t) => {
  const { world, kept, orders } = await dumped()
  kept.clear()
  await world.pass()
  t.false(gone(world))
  t.is(world.tenant().status?.purge, undefined)
  t.regex(world.message('Ready') ?? '', /The last dump is no longer at .*: Tenantry takes another one/)
  await world.settle()
  t.is(orders.length, 2)
  t.true(gone(world))
  t.is(world.events.filter((event) => event === 'Warning DumpLost').length, 1)
  t.is(world.lines.filter(({ message }) => message === 'dump gone from its place').length, 1)
})

test('a dump that is gone after the removal has begun keeps what is left, until it is back or may go without', async (t) => {
  const { world, kept } = await dumped()
  world.postgres.before = (statement) => {
    if (statement.startsWith('DropDatabase')) throw new Error('killed')
  }
  await world.pass().catch(() => undefined)
  world.postgres.before = () => {}
  const [path = ''] = kept
  kept.clear()
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DumpFailed'))
  t.regex(world.message('Stalled') ?? '', /Put the dump back/)
  t.is(world.postgres.databases.size, 1)
  const before = world.effects.length
  await world.pass()
  t.is(world.effects.length, before, 'it is as quiet as any that is stuck')
  kept.add(path)
  await world.settle()
  t.true(gone(world))
})

test('a target that does not answer keeps the data, although a dump was taken', async (t) => {
  const { world } = await dumped()
  world.dumps = {
    ...world.dumps,
    isThere: async () => {
      throw new DumpError('TargetUnavailable', 'no answer')
    },
  }
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DumpFailed'))
  t.false(gone(world))
})
