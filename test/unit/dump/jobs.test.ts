/** Dumps that outlast a pass. */
import test from 'ava'
import { DumpJobs } from '../../../operator/dump/jobs.ts'
import { DumpError } from '../../../operator/dump/port.ts'
import type { Dumper, DumpOrder } from '../../../operator/dump/port.ts'
import type { DumpRecord } from '../../../operator/dump/record.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { dumpOrder, dumpRecord } from './gen.ts'

const orderOf = (uid = 'uid', path = 'a.dump'): DumpOrder => {
  const order = dumpOrder(path)
  return { ...order, target: { ...order.target, mark: { ...order.target.mark, uid } } }
}

/** Lets what was set off run. */
const soon = () => new Promise(setImmediate)

/** A dumper whose dumps end when the test says so. */
function world() {
  const clock = new FakeClock()
  const clearing = Promise.withResolvers<void>()
  const begun: { readonly path: string; readonly end: PromiseWithResolvers<DumpRecord> }[] = []
  const woken: string[] = []
  const dumper: Dumper = {
    clear: () => clearing.promise,
    isThere: async () => true,
    rehearse: async () => {},
    take: ({ path }, signal) => {
      const end = Promise.withResolvers<DumpRecord>()
      signal.addEventListener('abort', () => end.reject(signal.reason))
      begun.push({ path, end })
      return end.promise
    },
  }
  const jobs = new DumpJobs({ dumper, clock, log: silent }, { concurrency: 1, retry: { base: 60_000, cap: 150_000 } })
  jobs.onEnd((uid) => woken.push(uid))
  return { clock, begun, clearing, woken, jobs }
}

test('a pass begins a dump and ends, as do all passes while the dump is under way; its end wakes the tenant, and is told once', async (t) => {
  const { begun, woken, jobs } = world()
  t.is(jobs.take(orderOf()), undefined)
  await soon()
  t.is(jobs.take(orderOf()), undefined)
  t.is(begun.length, 1)
  begun[0]?.end.resolve(dumpRecord)
  await soon()
  t.deepEqual(woken, ['uid'])
  t.is(jobs.take(orderOf()), dumpRecord)
  t.is(jobs.take(orderOf()), undefined, 'one that is gone from its place is taken again')
  await soon()
  t.is(begun.length, 2)
})

test('after a failure the next try waits, each time longer; the failure is told until a try succeeds', async (t) => {
  const { clock, begun, woken, jobs } = world()
  t.is(jobs.take(orderOf()), undefined)
  for (const wait of [60_000, 120_000, 150_000, 150_000]) {
    await soon()
    const tries = begun.length
    begun.at(-1)?.end.reject(new DumpError('TargetFull', 'full'))
    await soon()
    t.is(woken.length, tries)
    await clock.advance(wait - 1)
    t.throws(() => jobs.take(orderOf()), { message: 'full' })
    await soon()
    t.is(begun.length, tries, 'not before its time')
    await clock.advance(1)
    t.throws(() => jobs.take(orderOf()), { message: 'full' })
    await soon()
    t.is(begun.length, tries + 1)
  }
  begun.at(-1)?.end.resolve(dumpRecord)
  await soon()
  t.is(jobs.take(orderOf()), dumpRecord)
})

test('one after another, where there is place for one', async (t) => {
  const { begun, woken, jobs } = world()
  for (const uid of ['1', '2']) jobs.take(orderOf(uid, uid))
  await soon()
  t.deepEqual(
    begun.map(({ path }) => path),
    ['1'],
  )
  begun[0]?.end.resolve(dumpRecord)
  await soon()
  begun[1]?.end.resolve(dumpRecord)
  await soon()
  t.deepEqual(woken, ['1', '2'])
  t.is(jobs.take(orderOf('2', '2')), dumpRecord)
})

test('a dump of an earlier archive goes on, and its end wakes the tenant for that of the next archive', async (t) => {
  const { begun, woken, jobs } = world()
  jobs.take(orderOf('uid', 'earlier.dump'))
  await soon()
  t.is(jobs.take(orderOf('uid', 'later.dump')), undefined)
  begun[0]?.end.reject(new DumpError('NameTaken', 'of the earlier archive'))
  await soon()
  t.deepEqual(woken, ['uid'])
  t.is(jobs.take(orderOf('uid', 'later.dump')), undefined, 'a failure of the earlier dump is none of the later')
  await soon()
  t.is(begun[1]?.path, 'later.dump')
})

test('a stop ends those under way, those that wait too, and is no failure', async (t) => {
  const { begun, woken, jobs } = world()
  for (const uid of ['1', '2']) jobs.take(orderOf(uid, uid))
  await soon()
  await jobs.stop()
  t.deepEqual(woken, [])
  t.is(jobs.take(orderOf('1', '1')), undefined)
  await soon()
  begun.at(-1)?.end.resolve(dumpRecord)
  await soon()
  t.is(jobs.take(orderOf('1', '1')), dumpRecord)
})

test('what a leader before left unfinished is removed before anything is begun, and keeps nothing from it if it cannot be', async (t) => {
  const { begun, clearing, jobs } = world()
  jobs.lead()
  jobs.take(orderOf())
  await soon()
  t.is(begun.length, 0)
  clearing.reject(new DumpError('TargetRefused', 'no'))
  await soon()
  t.is(begun.length, 1)
  begun[0]?.end.resolve(dumpRecord)
  await soon()
  t.is(jobs.take(orderOf()), dumpRecord)
})
