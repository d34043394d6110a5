import test from 'ava'
import { AccountThrottle } from '../../../../operator/web/sign-in/account-throttle.ts'

const home = '192.0.2.1'

/** The pauses, when each attempt is made as soon as it may be. */
function pauses(attempts: number): number[] {
  const throttle = new AccountThrottle()
  const waits: number[] = []
  let now = 0
  for (let i = 0; i < attempts; i += 1) {
    const wait = throttle.attempt('jane', home, now)
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
  for (let i = 0; i < 7; i += 1) throttle.attempt('jane', home, 0)
  t.is(throttle.attempt('john', home, 0), 0)
  throttle.succeeded('jane', home)
  t.is(throttle.attempt('jane', home, 0), 0)
})

test('Failures are forgotten after an hour, and the memory is bounded', (t) => {
  const throttle = new AccountThrottle()
  for (let i = 0; i < 7; i += 1) throttle.attempt('jane', home, 0)
  t.is(throttle.attempt('jane', home, 1000), 1)
  t.is(throttle.attempt('jane', home, 3_700_000), 0)
  t.is(throttle.attempt('jane', home, 3_700_000), 0)
  for (let i = 0; i < 7; i += 1) throttle.attempt('john', home, 0)
  t.true(throttle.attempt('john', home, 0) > 0)
  for (let i = 0; i < 10_000; i += 1) throttle.attempt(`user-${i}`, home, 0)
  t.is(throttle.attempt('john', home, 0), 0)
})

test('The failures of other clients pause nobody for long, and a client that has signed in never', (t) => {
  const throttle = new AccountThrottle()
  throttle.attempt('root', home, 0)
  throttle.succeeded('root', home)
  for (let i = 0; i < 200; i += 1) throttle.attempt('root', `stranger-${i}`, i * 1000)
  t.is(throttle.attempt('root', home, 200_000), 0)
  const waits = Array.from({ length: 40 }, (_, i) => throttle.attempt('root', `visitor-${i}`, 200_001))
  t.true(Math.max(...waits) > 0 && Math.max(...waits) <= 30)
})

test('What is withdrawn does not count, and clears nothing', (t) => {
  const throttle = new AccountThrottle()
  for (let i = 0; i < 5; i += 1) throttle.attempt('jane', home, 0)
  for (let i = 0; i < 20; i += 1) {
    t.is(throttle.attempt('jane', home, 0), 0)
    throttle.withdrawn('jane', home)
  }
  t.is(throttle.attempt('jane', home, 0), 0)
  t.is(throttle.attempt('jane', home, 0), 2)
})
