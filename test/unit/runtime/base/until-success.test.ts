import test from 'ava'
import { untilSuccess } from '../../../../operator/runtime/base/until-success.ts'
import { FakeClock, settle } from '../fake-clock.ts'

const pauses = { base: 1000, cap: 2000 }

function attempts(failures: number, signal = new AbortController().signal) {
  const clock = new FakeClock()
  const told: string[] = []
  let made = 0
  const work = () => {
    made += 1
    return made <= failures ? Promise.reject(new Error(`failure ${made}`)) : Promise.resolve(`attempt ${made}`)
  }
  const onFailure = (error: unknown) => void told.push(error instanceof Error ? error.message : '')
  const result = untilSuccess(work, { clock, random: { fraction: () => 1 }, pauses, signal, onFailure })
  return { clock, told, result, made: () => made }
}

test('Each failure is told, and followed by a pause that grows up to the cap', async (t) => {
  const { clock, told, result, made } = attempts(3)
  await settle()
  for (const [pause, before] of [
    [1000, 1],
    [2000, 2],
    [2000, 3],
  ] as const) {
    await clock.advance(pause - 1)
    t.is(made(), before)
    await clock.advance(1)
  }
  t.is(await result, 'attempt 4')
  t.deepEqual(told, ['failure 1', 'failure 2', 'failure 3'])
})

test('The signal ends a pause, and nothing is tried after it', async (t) => {
  const stopping = new AbortController()
  const { told, result, made } = attempts(Infinity, stopping.signal)
  await settle()
  stopping.abort()
  t.is(await result, undefined)
  t.deepEqual([told, made()], [['failure 1'], 1])
  t.is(await attempts(0, stopping.signal).result, undefined)
})
