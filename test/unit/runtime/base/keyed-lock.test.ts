import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { KeyedLock } from '../../../../operator/runtime/base/keyed-lock.ts'

test('work of one name runs in the order of the calls, also after a failure; that of another name does not wait', async (t) => {
  const line = new KeyedLock()
  const begun: string[] = []
  const first = Promise.withResolvers<string>()
  const work = (name: string, result: Promise<string>) => () => {
    begun.push(name)
    return result
  }
  const one = line.run('a', work('one', first.promise))
  const two = line.run('a', work('two', Promise.resolve('2')))
  const other = line.run('b', work('other', Promise.resolve('b')))
  t.is(await other, 'b')
  t.deepEqual(begun, ['one', 'other'])
  first.reject(new Error('no'))
  await t.throwsAsync(one, { message: 'no' })
  t.is(await two, '2')
  t.deepEqual(begun, ['one', 'other', 'two'])
  await setImmediate()
  t.is(await line.run('a', () => Promise.resolve('3')), '3')
})
