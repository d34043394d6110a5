import test from 'ava'
import { eventually, throughout, TimeoutError } from '../../harness/wait.ts'

test('it answers what the check answers, once that is something', async (t) => {
  let turn = 0
  t.is(await eventually(() => (++turn < 3 ? undefined : turn), { interval: 1 }), 3)
})

test('0 and the empty string are answers', async (t) => {
  t.is(await eventually(() => 0), 0)
  t.is(await eventually(() => ''), '')
})

test('a check may throw until it holds', async (t) => {
  let turn = 0
  const check = (): string => {
    if (++turn < 3) throw new Error('not yet')
    return 'now'
  }
  t.is(await eventually(check, { interval: 1 }), 'now')
})

test('the failure names what was waited for and the last error', async (t) => {
  const check = (): never => {
    throw new Error('connection refused')
  }
  const error = await t.throwsAsync(eventually(check, { timeout: 30, interval: 5, describe: 'the server to answer' }), {
    instanceOf: TimeoutError,
  })
  t.is(
    error.message,
    'After 30 ms still waiting for the server to answer; the last check failed with: connection refused',
  )
})

test('a check that hangs ends with the time', async (t) => {
  await t.throwsAsync(
    eventually(() => new Promise<true>(() => undefined), { timeout: 30 }),
    {
      message: /it was not over after \d+ ms/,
    },
  )
})

test('what must hold throughout fails at the first time it does not', async (t) => {
  let turn = 0
  const check = (): void => {
    if (++turn === 3) throw new Error('it moved')
  }
  await t.throwsAsync(throughout(60_000, check, 1), { message: 'it moved' })
  t.is(turn, 3)
})
