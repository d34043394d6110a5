/** Keys of low priority: after all others, and never in their way. */
import test from 'ava'
import type { Queue } from '../../../../operator/runtime/queue/queue.ts'
import { settle } from '../fake-clock.ts'
import { queueWith, taken } from './queue-scene.ts'

test('keys of low priority leave an eighth of the workers free, also when nothing else is ready', async (t) => {
  const { queue } = queueWith({ workers: 8 })
  const low = Array.from({ length: 9 }, (_, index) => `low${index}`)
  for (const key of low) queue.addLow(key)
  for (const key of low.slice(0, 7)) t.is(await taken(queue), key)
  t.is(await taken(queue), undefined, 'the eighth worker is kept free')
  queue.add('edited')
  await settle()
  t.is(queue.working, 8)
  queue.letGo('low0')
  t.is(await taken(queue), 'low7', 'what goes on without its worker holds no place')
})

test('a single worker takes keys of low priority', async (t) => {
  const { queue } = queueWith({ workers: 1 })
  queue.addLow('low')
  t.is(await taken(queue), 'low')
})

test('keys of low priority come after all others, in their order; what is told of one brings it forward', async (t) => {
  const { queue } = queueWith()
  for (const key of ['a', 'b', 'c']) queue.addLow(key)
  queue.add('edited')
  queue.add('c')
  t.deepEqual(await takeAll(queue), ['edited', 'c', 'a', 'b'])
})

test('what a pass of low priority has due stays of low priority, until something is told of the key', async (t) => {
  const { clock, queue } = queueWith()
  for (const key of ['a', 'b']) {
    queue.addLow(key)
    await queue.take()
    queue.addAfter(key, 10)
    queue.done(key)
  }
  queue.echo('a')
  await clock.advance(10)
  queue.add('edited')
  t.deepEqual(await takeAll(queue), ['edited', 'a', 'b'])
  for (const key of ['edited', 'a', 'b']) queue.done(key)
  queue.addLow('a')
  queue.add('b')
  t.deepEqual(await takeAll(queue), ['b', 'a'])
})

test('one of eight keys that are handed out is of low priority, however many others come', async (t) => {
  const { queue } = queueWith()
  for (const key of ['low 1', 'low 2']) queue.addLow(key)
  for (let index = 0; index < 20; index += 1) queue.add(`edited ${index}`)
  const all = await takeAll(queue)
  t.deepEqual([all.indexOf('low 1'), all.indexOf('low 2')], [7, 15])
})

async function takeAll(queue: Queue): Promise<readonly string[]> {
  const all: string[] = []
  while (queue.depth > 0) all.push((await queue.take()) ?? '')
  return all
}
