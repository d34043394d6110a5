import test from 'ava'
import { AccountThrottle } from '../../../../operator/web/sign-in/account-throttle.ts'

/** The pauses, when each attempt is made as soon as it may be. */
function pauses(attempts: number): number[] {
  const throttle = new AccountThrottle()
  const waits: number[] = []
  let now = 0
  for (let i = 0; i < attempts; i += 1) {
    const wait = throttle.attempt('jane', now)
    if (wait > 0) waits.push(wait)
    now += wait * 1000
  }
  return waits
}

test('Five failures are free, then each pause is twice the last, up to five minutes', (t) => {
  t.deepEqual(pauses(26), [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
})

test('A success clears the account, and one account does not pause another', (t) => {
  const throttle = new AccountThrottle()
  for (let i = 0; i < 7; i += 1) throttle.attempt('jane', 0)
  t.is(throttle.attempt('john', 0), 0)
  throttle.succeeded('jane')
  t.is(throttle.attempt('jane', 0), 0)
})

test('Failures are forgotten after an hour, and the memory is bounded', (t) => {
  const throttle = new AccountThrottle()
  for (let i = 0; i < 7; i += 1) throttle.attempt('jane', 0)
  t.is(throttle.attempt('jane', 1000), 1)
  t.is(throttle.attempt('jane', 3_700_000), 0)
  t.is(throttle.attempt('jane', 3_700_000), 0)
  for (let i = 0; i < 7; i += 1) throttle.attempt('john', 0)
  t.true(throttle.attempt('john', 0) > 0)
  for (let i = 0; i < 10_000; i += 1) throttle.attempt(`user-${i}`, 0)
  t.is(throttle.attempt('john', 0), 0)
})
