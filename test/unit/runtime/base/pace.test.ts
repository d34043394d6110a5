import test from 'ava'
import { Pace } from '../../../../operator/runtime/base/pace.ts'
import { FakeClock } from '../fake-clock.ts'

test('so many places a second, the first of them now', async (t) => {
  const clock = new FakeClock()
  const pace = new Pace(clock, 10)
  t.deepEqual([pace.next(), pace.next(), pace.next()], [0, 100, 200])
  await clock.advance(150)
  t.is(pace.next(), 150)
  await clock.advance(10_000)
  t.deepEqual([pace.next(), pace.next()], [0, 100], 'what nobody took is not made up for')
})
