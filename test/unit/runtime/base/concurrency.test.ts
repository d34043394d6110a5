import test from 'ava'
import { mapConcurrently } from '../../../../operator/runtime/base/concurrency.ts'

const never = new AbortController().signal

test('all items are worked on, and never more than the width at a time', async (t) => {
  let underWay = 0
  let most = 0
  const done: number[] = []
  const work = async (item: number) => {
    underWay += 1
    most = Math.max(most, underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay -= 1
    done.push(item)
  }
  const items = Array.from({ length: 20 }, (_, index) => index)
  await mapConcurrently(items, 3, work, never)
  t.is(most, 3)
  t.deepEqual(
    done.toSorted((one, other) => one - other),
    items,
  )
})

test('after a failure nothing more is begun, and the failure is thrown', async (t) => {
  const begun: number[] = []
  const work = async (item: number) => {
    begun.push(item)
    if (item === 2) throw new Error('two')
  }
  await t.throwsAsync(mapConcurrently([1, 2, 3, 4], 1, work, never), { message: 'two' })
  t.deepEqual(begun, [1, 2])
})

test('a pass that is over begins nothing', async (t) => {
  const over = AbortSignal.abort(new Error('over'))
  await t.throwsAsync(
    mapConcurrently([1], 4, () => Promise.reject(new Error('begun')), over),
    { message: 'over' },
  )
})
