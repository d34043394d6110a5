/** Dumps that outlast a pass. */
import test from 'ava'
import { DumpJobs } from '../../../operator/dump/jobs.ts'
import { DumpError } from '../../../operator/dump/port.ts'
import type { Dumper } from '../../../operator/dump/port.ts'
import type { DumpRecord } from '../../../operator/dump/record.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { dumpOrder as order, dumpRecord } from './gen.ts'

const never = new AbortController().signal

/** A dumper whose dumps end when the test says so. */
function world() {
  const clock = new FakeClock()
  const clearing = Promise.withResolvers<void>()
  const begun: { readonly path: string; readonly end: PromiseWithResolvers<DumpRecord> }[] = []
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
  const options = { places: 1, joinTimeout: 30_000, retry: { base: 60_000, cap: 150_000 } }
  return { clock, begun, clearing, jobs: new DumpJobs({ dumper, clock, log: silent }, options) }
}

test('a pass waits for a while, another joins, and the end is heard', async (t) => {
  const { clock, begun, jobs } = world()
  const first = jobs.join(order(), never)
  await clock.advance(30_000)
  t.is(await first, undefined)
  const second = jobs.join(order(), never)
  t.is(begun.length, 1)
  begun[0]?.end.resolve(dumpRecord)
  t.is(await second, dumpRecord)
})

test('after a failure the next try waits, each time longer; the failure is told meanwhile', async (t) => {
  const { clock, begun, jobs } = world()
  for (const wait of [60_000, 120_000, 150_000, 150_000]) {
    const tries = begun.length
    const join = jobs.join(order(), never)
    begun.at(-1)?.end.reject(new DumpError('TargetFull', 'full'))
    await t.throwsAsync(join, { message: 'full' })
    t.is(begun.length, tries + 1)
    await clock.advance(wait - 1)
    await t.throwsAsync(jobs.join(order(), never), { message: 'full' })
    t.is(begun.length, tries + 1, 'not before its time')
    await clock.advance(1)
  }
})

test('one after another, where there is place for one', async (t) => {
  const { begun, jobs } = world()
  const [one, other] = [jobs.join(order('1'), never), jobs.join(order('2'), never)]
  t.deepEqual(
    begun.map(({ path }) => path),
    ['1'],
  )
  begun[0]?.end.resolve(dumpRecord)
  await one
  begun[1]?.end.resolve(dumpRecord)
  t.is(await other, dumpRecord)
})

test('a stop ends those under way, those that wait too, and is no failure', async (t) => {
  const { begun, jobs } = world()
  const joins = [jobs.join(order('1'), never), jobs.join(order('2'), never)]
  const ended = Promise.allSettled(joins)
  await jobs.stop()
  t.deepEqual(
    (await ended).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  const again = jobs.join(order('1'), never)
  begun.at(-1)?.end.resolve(dumpRecord)
  t.is(await again, dumpRecord)
})

test('a pass that is stopped leaves the dump to the next one', async (t) => {
  const { begun, jobs } = world()
  const pass = new AbortController()
  const join = jobs.join(order(), pass.signal)
  pass.abort(new Error('the pass is over'))
  await t.throwsAsync(join, { message: 'the pass is over' })
  const next = jobs.join(order(), never)
  t.is(begun.length, 1)
  begun[0]?.end.resolve(dumpRecord)
  t.is(await next, dumpRecord)
})

test('what a leader before left unfinished is removed before anything is begun, and keeps nothing from it if it cannot be', async (t) => {
  const { begun, clearing, jobs } = world()
  jobs.lead()
  const join = jobs.join(order(), never)
  await new Promise(setImmediate)
  t.is(begun.length, 0)
  clearing.reject(new DumpError('TargetRefused', 'no'))
  await new Promise(setImmediate)
  t.is(begun.length, 1)
  begun[0]?.end.resolve(dumpRecord)
  t.is(await join, dumpRecord)
})
