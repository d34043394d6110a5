import test from 'ava'
import { watchClock } from '../../../../operator/runtime/controller/clock-watch.ts'
import { Queue } from '../../../../operator/runtime/queue/queue.ts'
import { FakeClock, seededRandom, settle } from '../fake-clock.ts'

const hour = 3_600_000

function watched(interval = 10_000) {
  const clock = new FakeClock()
  const jumps: number[] = []
  const stop = watchClock(clock, (by) => jumps.push(by), { interval, tolerance: 1_000 })
  return { clock, jumps, stop, set: (by: number) => clock.setWall(clock.now() + by) }
}

test('a clock that goes on as it should is no news, however long', async (t) => {
  const { clock, jumps } = watched()
  await clock.advance(24 * hour)
  t.deepEqual(jumps, [])
})

for (const [what, by] of [
  ['forward, as after a sleep', 8 * hour],
  ['back, as NTP corrects it', -2 * hour],
  ['forward by two seconds', 2_000],
] as const)
  test(`a clock that is set ${what}, is noticed once and within the interval`, async (t) => {
    const { clock, jumps, set } = watched()
    await clock.advance(25_000)
    set(by)
    await clock.advance(5_000)
    t.deepEqual(jumps, [by])
    await clock.advance(hour)
    t.deepEqual(jumps, [by])
  })

test('half a second is none; what comes apart little by little adds up until it counts', async (t) => {
  const { clock, jumps, set } = watched()
  for (let step = 0; step < 5; step += 1) {
    set(500)
    await clock.advance(10_000)
  }
  t.deepEqual(jumps, [1_500])
})

test('once ended it looks no more', async (t) => {
  const { clock, jumps, stop, set } = watched()
  stop()
  set(hour)
  await clock.advance(hour)
  t.deepEqual(jumps, [])
  t.is(clock.pending, 0)
})

test('what is due some time and what is in hands comes up again; what was ready stays where it is', async (t) => {
  const clock = new FakeClock()
  const queue = new Queue({ clock, random: seededRandom() })
  queue.add('in hands')
  t.is(await queue.take(), 'in hands')
  queue.add('ready')
  queue.addAfter('in two months', 60 * 24 * hour)
  queue.addAllDue()
  t.is(queue.depth, 2)
  t.deepEqual([await queue.take(), await queue.take()], ['ready', 'in two months'])
  queue.done('in hands')
  t.is(await queue.take(), 'in hands')
  for (const key of ['ready', 'in two months', 'in hands']) queue.done(key)
  await settle()
  await clock.advance(60 * 24 * hour)
  t.is(queue.depth, 0)
})
