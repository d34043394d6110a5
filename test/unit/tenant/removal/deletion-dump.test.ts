/** A deletion that takes a last dump first: nothing of the data goes before it was taken, recorded and found again. */
import test from 'ava'

import { annotations } from '../../../../operator/api/names.ts'
import { DumpError } from '../../../../operator/dump/port.ts'
import { tenant, tenantAdmin, tenantPlan, tenantSettings } from '../../../gen.ts'
import { dumpRecord } from '../../dump/gen.ts'
import { diesAfter, ground } from '../world.ts'
import type { World } from '../world.ts'

const acme = 'home/acme'
const path = 'main/home/acme/uid-acme/2030-01-02T000000Z.dump'
const plan = (finalDump?: boolean) => tenantPlan({ spec: finalDump === undefined ? {} : { deletion: { finalDump } } })

interface Scene {
  readonly world: World
  readonly kept: Set<string>
  readonly orders: string[]
}

/** Who asks for a dump: the plan, the installation. */
interface Asked {
  readonly wanted?: boolean
  readonly installation?: boolean
}

/** With a target that keeps what is taken. */
async function provisioned({ wanted, installation = false }: Asked = { wanted: true }): Promise<Scene> {
  const world = ground({ settings: { deletion: { ...tenantSettings.deletion, finalDump: installation } } })
  world.cluster.put(plan(wanted))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  const [kept, orders] = [new Set<string>(), [] as string[]]
  world.dumps = {
    take: (order) => {
      orders.push(order.path)
      kept.add(order.path)
      return dumpRecord
    },
    isThere: async (where) => kept.has(where),
  }
  return { world, kept, orders }
}

function annotate(world: World, words: Readonly<Record<string, string>>): void {
  const found = world.tenant()
  const { metadata } = found
  world.cluster.put({ ...found, metadata: { ...metadata, annotations: { ...metadata.annotations, ...words } } })
}

const databaseState = (world: World) => [...world.postgres.databases.values()][0]
const isGone = (world: World) => world.cluster.find('Tenant', acme) === undefined && world.postgres.databases.size === 0
const dropped = (world: World) => world.postgres.statements.some((statement) => statement.startsWith('DropDatabase'))

test('logins go off, the dump is waited for and recorded, and then the tenant goes; it is told where the dump is', async (t) => {
  const { world } = await provisioned()
  const states: (string | undefined)[] = []
  const answers = [undefined, undefined, dumpRecord]
  world.dumps = {
    take: (order) => {
      states.push(`${order.path} ${databaseState(world)?.logins.a?.canLogin}`)
      return answers.shift()
    },
    isThere: async () => true,
  }
  world.cluster.remove('Tenant', acme)
  await world.pass()
  t.true(world.conditions().includes('Reconciling=True Deleting'))
  t.regex(world.message('Ready') ?? '', /Logins are off, and Tenantry takes a last dump/)
  const before = world.effects.length
  await world.pass()
  t.is(world.effects.length, before, 'while it is under way nothing is written')
  world.postgres.before = (statement) => {
    if (statement.startsWith('DropDatabase') && world.tenant().status?.deletion?.dump !== path)
      throw new Error('the dump is not recorded')
  }
  await world.settle()
  t.deepEqual(states, [`${path} false`, `${path} false`, `${path} false`])
  t.true(isGone(world))
  t.true(
    world.notes.some((note) => note.startsWith(`DumpKept: The last dump is ${path} in`)),
    world.notes.join('\n'),
  )
})

const failing = (reason: DumpError): World['dumps'] => ({
  take: () => {
    throw reason
  },
  isThere: async () => false,
})

test('a dump that fails keeps everything, needs a person, and rests; then it goes on, or without one', async (t) => {
  const { world } = await provisioned()
  world.dumps = failing(new DumpError('DumpRefused', 'permission denied'))
  world.cluster.remove('Tenant', acme)
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DumpFailed'))
  t.is(world.tenant().status?.deletion?.dump, undefined)
  t.is(world.tenant().status?.deletion?.startedAt, undefined)
  t.is(world.postgres.databases.size, 1)
  t.truthy(world.cluster.find('Namespace', 'tenant-acme'))
  const before = world.effects.length
  await world.pass()
  t.is(world.effects.length, before, 'quiet')
  t.true((world.due.get(acme) ?? 0) > 1000)
  annotate(world, { [annotations.skipFinalDump]: 'acme' })
  await world.settle()
  t.true(isGone(world))
})

test('undone while it fails: the next Tenant of the name has the data, and can log in', async (t) => {
  const { world } = await provisioned()
  world.dumps = failing(new DumpError('TargetFull', 'no room'))
  world.cluster.remove('Tenant', acme)
  await world.settle()
  t.false(databaseState(world)?.logins.a?.canLogin)
  annotate(world, { [annotations.undoDeletion]: 'acme' })
  await world.settle()
  world.cluster.put(tenant({ uid: 'uid-again' }))
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'), world.message('Ready'))
  t.true(databaseState(world)?.logins.a?.canLogin)
})

test('cut off after any write or statement it comes to the same end, and never without the dump', async (t) => {
  for (const where of ['cluster', 'postgres'] as const) {
    for (let cut = 0; cut < 12; cut += 1) {
      const { world, kept } = await provisioned()
      world.cluster.remove('Tenant', acme)
      const dies = diesAfter(cut)
      const before = (effect: string) => {
        if (effect.startsWith('DropDatabase')) t.true(kept.has(path), `${where} ${cut}: dropped without a dump`)
      }
      world.postgres.before = (statement) => {
        before(statement)
        if (where === 'postgres') dies()
      }
      if (where === 'cluster') world.cluster.before = dies
      for (let passes = 0; passes < 6; passes += 1) await world.pass().catch(() => undefined)
      world.cluster.before = () => {}
      world.postgres.before = before
      world.restart()
      await world.settle()
      t.true(isGone(world), `${where} ${cut}`)
      t.deepEqual([...kept], [path])
    }
  }
})

/** The dump taken and recorded, and the data not yet begun to go. */
async function dumped(): Promise<Scene> {
  const scene = await provisioned()
  scene.world.cluster.remove('Tenant', acme)
  while (scene.world.tenant().status?.deletion?.dump === undefined) await scene.world.pass()
  return scene
}

test('a dump that is gone before the removal begins is taken again, with a warning', async (t) => {
  const { world, kept, orders } = await dumped()
  kept.clear()
  await world.pass()
  t.false(dropped(world))
  t.is(world.tenant().status?.deletion?.dump, undefined)
  await world.settle()
  t.is(orders.length, 2)
  t.true(isGone(world))
  t.is(world.events.filter((event) => event === 'Warning DumpLost').length, 1)
})

test('a dump that is gone after the removal has begun keeps what is left', async (t) => {
  const { world, kept } = await dumped()
  world.postgres.before = (statement) => {
    if (statement.startsWith('DropDatabase')) throw new Error('killed')
  }
  await world.pass().catch(() => undefined)
  world.postgres.before = () => {}
  kept.clear()
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DumpFailed'))
  t.regex(world.message('Stalled') ?? '', /Put the dump back/)
  t.is(world.postgres.databases.size, 1)
  kept.add(path)
  await world.settle()
  t.true(isGone(world))
})

test('what is recorded is looked for also where the plan asks for none any more', async (t) => {
  const { world, kept } = await dumped()
  world.cluster.put(plan(false))
  kept.clear()
  await world.pass()
  t.false(dropped(world))
  await world.settle()
  t.true(isGone(world))
})

test('data that is missing is no removal of ours: it is told, with the ways out', async (t) => {
  const { world, orders } = await provisioned()
  for (const [owner, { database: _database, ...rest }] of world.postgres.databases)
    world.postgres.databases.set(owner, { ...rest, complete: false })
  await world.poll()
  world.cluster.remove('Tenant', acme)
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DatabaseMissing'))
  t.regex(
    world.message('Stalled') ?? '',
    /Restore it under this name.*remove it without a last dump: kubectl annotate tenant acme -n home tenantry\.dev\/skip-final-dump=acme\.$/,
  )
  t.deepEqual(orders, [])
  annotate(world, { [annotations.skipFinalDump]: 'acme' })
  await world.settle()
  t.true(isGone(world))
})

for (const state of ['Deactivated', 'Archived'])
  test(`a tenant that is ${state} is dumped as well`, async (t) => {
    const { world, kept } = await provisioned()
    world.edit({ state })
    await world.settle()
    world.cluster.remove('Tenant', acme)
    await world.settle()
    t.true(isGone(world))
    t.deepEqual([...kept], [path])
  })

test('what a purge has taken is dumped no more; one that nothing was made for never', async (t) => {
  const { world, orders } = await provisioned()
  world.edit({ state: 'Archived' })
  await world.settle()
  await world.clock.advance(31 * 86_400_000)
  await world.settle()
  t.is(world.tenant().status?.phase, 'Purged')
  t.is(orders.length, 1)
  world.cluster.remove('Tenant', acme)
  await world.settle()
  t.is(orders.length, 1)
  t.is(world.cluster.find('Tenant', acme), undefined)
  const unmade = ground()
  unmade.cluster.put(plan(true))
  unmade.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await unmade.settle()
  unmade.cluster.remove('Tenant', acme)
  await unmade.settle()
  t.true(isGone(unmade))
})

const rows: readonly (readonly [string, Asked, number])[] = [
  ['nobody asks for one', {}, 0],
  ['the installation asks for one', { installation: true }, 1],
  ['the plan asks for one', { wanted: true }, 1],
  ['the plan asks for none, the installation for one', { wanted: false, installation: true }, 0],
]

for (const [what, asked, dumps] of rows)
  test(`${what}: ${dumps}`, async (t) => {
    const { world, orders } = await provisioned(asked)
    world.cluster.remove('Tenant', acme)
    await world.settle()
    t.is(orders.length, dumps)
    t.true(isGone(world))
  })
