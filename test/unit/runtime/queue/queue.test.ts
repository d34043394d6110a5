import test from 'ava'
import { fc } from '../../../random.ts'
import { Queue } from '../../../../operator/runtime/queue/queue.ts'
import { FakeClock, seededRandom, settle } from '../fake-clock.ts'
import { queueWith, taken } from './queue-scene.ts'

test('a key that is added often is handed out once', async (t) => {
  const { queue } = queueWith()
  for (let times = 0; times < 5; times += 1) queue.add('a')
  t.is(queue.depth, 1)
  t.is(await taken(queue), 'a')
  t.is(await taken(queue), undefined)
})

test('a key that is added while it is worked on comes up again afterwards, not before', async (t) => {
  const { queue } = queueWith()
  queue.add('a')
  t.is(await taken(queue), 'a')
  queue.add('a')
  const next = queue.take()
  await settle()
  t.is(queue.working, 1)
  queue.done('a')
  t.is(await next, 'a')
})

test('keys come in the order in which they became ready', async (t) => {
  const { queue } = queueWith()
  for (const key of ['c', 'a', 'b', 'a']) queue.add(key)
  t.deepEqual([await taken(queue), await taken(queue), await taken(queue)], ['c', 'a', 'b'])
})

test('of two due times the earlier wins, and setDue replaces either', async (t) => {
  const { queue, clock } = queueWith()
  queue.addAfter('a', 1000)
  queue.addAfter('a', 5000)
  t.is(queue.dueAt('a'), 1000)
  queue.addAfter('a', 200)
  t.is(queue.dueAt('a'), 200)
  queue.setDue('a', 9000)
  await clock.advance(8999)
  t.is(queue.depth, 0)
  await clock.advance(1)
  t.is(queue.depth, 1)
})

test('a due time that was taken away wakes nobody', async (t) => {
  const { queue, clock } = queueWith()
  queue.addAfter('a', 100)
  queue.setDue('a', undefined)
  await clock.advance(1000)
  t.is(queue.depth, 0)
})

test('what a pass finds decides when the key is due: taking it forgets an older due time', async (t) => {
  const { queue, clock } = queueWith()
  queue.addAfter('a', 100)
  queue.add('a')
  t.is(await taken(queue), 'a')
  queue.done('a')
  await clock.advance(1000)
  t.is(queue.depth, 0)
})

test('a due time of two months is kept although a timer cannot be that long', async (t) => {
  const { queue, clock } = queueWith()
  const twoMonths = 60 * 24 * 3_600_000
  queue.addAfter('a', twoMonths)
  await clock.advance(twoMonths - 1)
  t.is(queue.depth, 0)
  await clock.advance(1)
  t.is(queue.depth, 1)
})

test('retries wait 5 ms doubled each time up to 1000 s, half of it random, until the failures are forgotten', async (t) => {
  const { queue, clock } = queueWith()
  for (const [failures, full] of [5, 10, 20, 40, 80].entries()) {
    queue.retry('a')
    const delay = (queue.dueAt('a') ?? 0) - clock.monotonic()
    t.true(delay >= full / 2 && delay <= full, `after ${failures + 1} failures: ${delay} of ${full}`)
    await clock.advance(full)
    queue.done((await taken(queue)) ?? '')
  }
  for (let times = 0; times < 60; times += 1) queue.retry('b')
  queue.setDue('b', undefined)
  queue.retry('b')
  t.true((queue.dueAt('b') ?? 0) - clock.monotonic() <= 1_000_000)
  queue.forget('a')
  queue.retry('a')
  t.true((queue.dueAt('a') ?? 0) - clock.monotonic() <= 5)
})

test('a change of its own status makes a key ready that is well, and shortens no backoff', async (t) => {
  const { queue, clock } = queueWith()
  queue.echo('well')
  t.is(await taken(queue), 'well')
  queue.echo('well')
  queue.done('well')
  t.is(await taken(queue), 'well', 'what was written meanwhile is looked at')
  queue.done('well')
  queue.add('fails')
  t.is(await taken(queue), 'fails')
  queue.echo('fails')
  queue.retry('fails', 60_000)
  queue.done('fails')
  queue.echo('fails')
  t.is(queue.depth, 0)
  await clock.advance(60_000)
  t.is(await taken(queue), 'fails')
  queue.forget('fails')
  queue.done('fails')
  queue.echo('fails')
  t.is(await taken(queue), 'fails')
})

test('news of a key that backs off is worked on at once', async (t) => {
  const { queue } = queueWith()
  queue.retry('a', 60_000)
  queue.add('a')
  t.is(await taken(queue), 'a')
  t.is(queue.failures('a'), 1, 'a failure stays counted: the next pause is longer')
})

test('a key that is stuck is tried with pauses that grow to their cap; news of it makes them begin anew', async (t) => {
  const { queue, clock } = queueWith()
  const pauses = { base: 1_000, cap: 5_000 }
  const pause = async (): Promise<number> => {
    queue.retryStuck('a', pauses)
    const delay = (queue.dueAt('a') ?? 0) - clock.monotonic()
    await clock.advance(delay)
    queue.done((await taken(queue)) ?? '')
    return delay
  }
  t.is(await pause(), 1_000)
  const later = [await pause(), await pause(), await pause(), await pause()]
  for (const [index, full] of [2_000, 4_000, 5_000, 5_000].entries()) {
    const delay = later[index] ?? 0
    t.true(delay >= full / 2 && delay <= full, `${index}: ${delay} of ${full}`)
  }
  queue.add('a')
  queue.done((await taken(queue)) ?? '')
  t.is(await pause(), 1_000)
})

test('a retry waits at least as long as the server asked for', (t) => {
  const { queue } = queueWith()
  queue.retry('a', 3000)
  t.is(queue.dueAt('a'), 3000)
})

test('keys that fail hold half of the workers at most, however many they are', async (t) => {
  const { queue } = queueWith({ workers: 4 })
  for (const key of ['p1', 'p2', 'p3', 'p4']) {
    queue.retry(key, 0)
    queue.setDue(key, undefined)
    queue.add(key)
  }
  t.deepEqual([await taken(queue), await taken(queue)], ['p1', 'p2'])
  t.is(await taken(queue), undefined, 'the third worker is kept free')
  queue.add('good')
  await settle()
  t.is(queue.working, 3)
  queue.done('good')
  queue.done('p1')
  t.is(await taken(queue), 'p3')
  t.is(await taken(queue), undefined)
})

test('a closed queue hands nothing out, and lets workers that wait go', async (t) => {
  const { queue, clock } = queueWith()
  const waiting = queue.take()
  queue.addAfter('late', 100)
  queue.close()
  t.is(await waiting, undefined)
  queue.add('a')
  await clock.advance(1000)
  t.is(await queue.take(), undefined)
  t.is(clock.pending, 0)
})

interface Scenario {
  readonly workers: number
  readonly events: readonly { readonly at: number; readonly key: string; readonly after: number | undefined }[]
  readonly duration: Readonly<Record<string, number>>
  readonly failing: ReadonlySet<string>
}

const keys = ['a', 'b', 'c', 'd', 'e', 'f']

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  workers: fc.integer({ min: 2, max: 5 }),
  events: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 2000 }),
      key: fc.constantFrom(...keys),
      after: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
    }),
    { maxLength: 40 },
  ),
  duration: fc.record(Object.fromEntries(keys.map((key) => [key, fc.integer({ min: 0, max: 300 })]))),
  failing: fc.uniqueArray(fc.constantFrom(...keys), { maxLength: 3 }).map((list) => new Set(list)),
})

test('whatever happens, one worker holds a key, no key is lost, and none comes up without a reason', async (t) => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const clock = new FakeClock()
      const queue = new Queue({ clock, random: seededRandom(7), workers: scenario.workers })
      const starts: { key: string; at: number }[] = []
      const inHands = new Set<string>()
      let reasons = 0
      let failuresLeft = 4
      const work = async () => {
        for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
          if (inHands.has(key)) throw new Error(`${key} is in two workers' hands`)
          inHands.add(key)
          starts.push({ key, at: clock.monotonic() })
          await new Promise<void>((resolve) => clock.after(scenario.duration[key ?? ''] ?? 0, resolve))
          inHands.delete(key)
          if (scenario.failing.has(key) && failuresLeft > 0) {
            failuresLeft -= 1
            reasons += 1
            queue.retry(key)
          } else queue.forget(key)
          queue.done(key)
        }
      }
      const workers = Promise.all(Array.from({ length: scenario.workers }, work))
      for (const { at, key, after } of scenario.events) {
        clock.after(at, () => {
          reasons += 1
          if (after === undefined) queue.add(key)
          else queue.addAfter(key, after)
        })
      }
      await clock.advance(2_500 + 300 * (scenario.events.length + 10))
      for (const { at, key } of scenario.events) {
        if (!starts.some((start) => start.key === key && start.at >= at)) {
          throw new Error(`${key} was added at ${at} and never came up after it`)
        }
      }
      queue.close()
      await clock.advance(1_000)
      await workers
      return starts.length <= reasons && queue.working === 0
    }),
    { numRuns: 150 },
  )
  t.pass()
})

test('a good key waits no longer because others fail slowly', async (t) => {
  const waited = async (poison: number): Promise<number> => {
    const clock = new FakeClock()
    const queue = new Queue({ clock, random: seededRandom(3), workers: 4 })
    const slowest: number[] = []
    const added = new Map<string, number>()
    const work = async () => {
      for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
        const bad = key.startsWith('poison')
        if (!bad) slowest.push(clock.monotonic() - (added.get(key) ?? 0))
        await new Promise<void>((resolve) => clock.after(bad ? 5_000 : 20, resolve))
        if (bad) queue.retry(key)
        queue.done(key)
      }
    }
    const workers = Promise.all(Array.from({ length: 4 }, work))
    for (let index = 0; index < poison; index += 1) queue.add(`poison${index}`)
    // The first failures of all are behind us.
    await clock.advance(20_000)
    for (let index = 0; index < 100; index += 1) {
      clock.after(index * 100, () => {
        added.set(`good${index}`, clock.monotonic())
        queue.add(`good${index}`)
      })
    }
    await clock.advance(20_000)
    queue.close()
    await clock.advance(10_000)
    await workers
    return Math.max(...slowest)
  }
  t.is(await waited(0), 0)
  t.is(await waited(8), 0)
})
