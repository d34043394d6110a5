/** Whether a last dump would succeed, tried while the tenant lives: when it is asked for, and once at the archive. */
import test from 'ava'
import { DumpError } from '../../../../operator/dump/port.ts'
import type { DumpOrder } from '../../../../operator/dump/port.ts'
import { DumpRehearsals } from '../../../../operator/dump/rehearsals.ts'
import { silent } from '../../../../operator/runtime/logging/log.ts'
import { tenant, tenantAdmin } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const annotation = 'tenantry.dev/dump-rehearsal-requested-at'
const day = 86_400_000

interface Begun {
  readonly order: DumpOrder
  readonly signal: AbortSignal
  readonly end: PromiseWithResolvers<void>
}

/** A tenant whose rehearsals end when the test says so. */
async function scene(spec = {}) {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec }))
  const begun: Begun[] = []
  const dumper = {
    rehearse: (order: DumpOrder, signal: AbortSignal) => {
      const end = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => end.reject(signal.reason))
      begun.push({ order, signal, end })
      return end.promise
    },
  }
  const woken: string[] = []
  const restart = () => {
    world.rehearsals = new DumpRehearsals({ dumper, cleared: async () => {}, clock: world.clock, log: silent })
    world.rehearsals.onEnd((uid) => woken.push(uid))
    world.restart()
  }
  restart()
  await world.settle()
  const ask = (value: string) => {
    const before = world.tenant()
    const annotations = { ...before.metadata.annotations, [annotation]: value }
    world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
  }
  const end = async (failure?: DumpError) => {
    const last = begun.at(-1)
    if (failure === undefined) last?.end.resolve()
    else last?.end.reject(failure)
    await new Promise(setImmediate)
  }
  return { world, begun, woken, restart, ask, end }
}

const told = (world: World) => world.conditions().filter((each) => each.startsWith('DumpRehearsed'))

/** What a pass writes. */
async function writes(world: World): Promise<number> {
  const before = world.cluster.writes.length
  await world.settle()
  return world.cluster.writes.length - before
}

test('asked for, it is begun once and waited for by no pass; its end wakes the tenant and is told once', async (t) => {
  const { world, begun, woken, ask, end } = await scene()
  t.is(begun.length, 0, 'nobody asked')
  ask('one')
  t.is(await writes(world), 0)
  t.is(await writes(world), 0)
  t.is(begun.length, 1)
  t.is(begun[0]?.order.target.mark.uid, 'uid-acme')
  await end()
  t.deepEqual(woken, ['uid-acme'])
  t.is(await writes(world), 1)
  t.deepEqual(told(world), ['DumpRehearsed=True DumpRehearsed'])
  t.is(world.tenant().status?.lastHandledDumpRehearsal, 'one')
  t.true(world.conditions().includes('Ready=True Provisioned'))
  t.is(await writes(world), 0)
  t.is(begun.length, 1)
})

test('why it would fail is told with the way out, and another request tries again', async (t) => {
  const { world, begun, ask, end } = await scene()
  ask('one')
  await world.settle()
  await end(new DumpError('DumpRefused', '', undefined, 'The table "public"."x" belongs to the role "postgres".'))
  await world.settle()
  t.deepEqual(told(world), ['DumpRehearsed=False DumpFailed'])
  t.is(
    world.message('DumpRehearsed'),
    'A last dump of the tenant would fail now. The last dump could not be read: something in the database is not open to its owner. The table "public"."x" belongs to the role "postgres". Correct that. To rehearse the dump again, set the annotation tenantry.dev/dump-rehearsal-requested-at to a new value.',
  )
  t.true(world.conditions().includes('Available=True Provisioned'), 'it can be used all the same')
  ask('two')
  await world.settle()
  t.is(begun.length, 2)
  await end()
  await world.settle()
  t.deepEqual(told(world), ['DumpRehearsed=True DumpRehearsed'])
})

test('archived, it is rehearsed once, and not again after a restart', async (t) => {
  const { world, begun, restart, end } = await scene()
  world.edit({ state: 'Archived' })
  await world.settle()
  t.is(begun.length, 1)
  await end()
  await world.settle()
  t.deepEqual(told(world), ['DumpRehearsed=True DumpRehearsed'])
  restart()
  await world.clock.advance(5 * day)
  t.is(await writes(world), 0)
  t.is(begun.length, 1)
  world.edit({ state: 'Active' })
  await world.settle()
  await world.clock.advance(day)
  world.edit({ state: 'Archived' })
  await world.settle()
  t.is(begun.length, 2, 'another archive')
})

test('a restart in the middle begins it anew, as nothing of it was written', async (t) => {
  const { world, begun, restart, ask, end } = await scene()
  ask('one')
  await world.settle()
  restart()
  t.is(await writes(world), 0)
  t.is(begun.length, 2)
  await end()
  await world.settle()
  t.is(world.tenant().status?.lastHandledDumpRehearsal, 'one')
})

test('a server that is away says nothing of a dump: it is tried again, each time later', async (t) => {
  const { world, begun, ask, end } = await scene()
  ask('one')
  await world.settle()
  for (const minutes of [1, 2]) {
    await end(new DumpError('ServerUnavailable', ''))
    t.is(await writes(world), 0)
    t.deepEqual(told(world), [])
    const before = begun.length
    await world.clock.advance(minutes * 60_000 - 1_000)
    await world.settle()
    t.is(begun.length, before)
    await world.clock.advance(1_000)
    await world.settle()
    t.is(begun.length, before + 1)
  }
})

test('what is purged within the hour, or without a dump, is not rehearsed', async (t) => {
  const soon = await scene({ archive: { retention: '1h' } })
  soon.world.edit({ state: 'Archived' })
  await soon.world.settle()
  t.is(soon.begun.length, 0)
  const { world, begun } = await scene()
  const before = world.tenant()
  const annotations = { 'tenantry.dev/skip-final-dump': 'acme' }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
  world.edit({ state: 'Archived' })
  await world.settle()
  t.is(begun.length, 0)
})

test('where no dumps are kept an archive costs nothing more, and who asks is told', async (t) => {
  const { world, ask } = await scene()
  world.rehearsals = undefined
  world.restart()
  world.edit({ state: 'Archived' })
  await world.settle()
  t.deepEqual(told(world), [])
  t.is(world.tenant().status?.dumpRehearsedAt, undefined)
  ask('one')
  await world.settle()
  t.deepEqual(told(world), ['DumpRehearsed=False DumpFailed'])
  t.regex(world.message('DumpRehearsed') ?? '', /No target for dumps is configured\. Configure one under dumps/)
})

test('what it needs on the server for a while is not taken from it', async (t) => {
  const { world, ask, end } = await scene()
  ask('one')
  await world.settle()
  const owner = world.tenant().status?.database?.name ?? ''
  const databaseState = world.postgres.databases.get(owner)
  if (databaseState === undefined) return t.fail()
  world.postgres.databases.set(owner, { ...databaseState, dump: 'Current' })
  await world.poll()
  await world.settle()
  t.false(world.postgres.statements.includes(`EndDump ${owner}`))
  await end()
  await world.settle()
  t.true(world.postgres.statements.includes(`EndDump ${owner}`), 'what is left of it goes')
})
