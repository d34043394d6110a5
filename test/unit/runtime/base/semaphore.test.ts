import test from 'ava'
import { semaphore } from '../../../../operator/runtime/base/semaphore.ts'

const forever = new AbortController().signal

test('no more pass at once than there are places, in the order they came', async (t) => {
  const two = semaphore(2)
  const order: number[] = []
  let inside = 0
  let most = 0
  await Promise.all(
    [1, 2, 3, 4, 5].map((each) =>
      two.pass(forever, async () => {
        order.push(each)
        inside += 1
        most = Math.max(most, inside)
        await Promise.resolve()
        inside -= 1
      }),
    ),
  )
  t.deepEqual([order, most], [[1, 2, 3, 4, 5], 2])
})

test('a place is free again after an error', async (t) => {
  const one = semaphore(1)
  await t.throwsAsync(
    one.pass(forever, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.is(await one.pass(forever, () => Promise.resolve(1)), 1)
})

test('who gives up while waiting takes no place', async (t) => {
  const one = semaphore(1)
  const first = Promise.withResolvers<void>()
  const holding = one.pass(forever, () => first.promise)
  const leaving = new AbortController()
  const waiting = one.pass(leaving.signal, () => Promise.resolve('passed'))
  leaving.abort(new Error('given up'))
  await t.throwsAsync(waiting, { message: 'given up' })
  await t.throwsAsync(
    one.pass(leaving.signal, () => Promise.resolve()),
    { message: 'given up' },
  )
  first.resolve()
  await holding
  t.is(await one.pass(forever, () => Promise.resolve('passed')), 'passed')
})
