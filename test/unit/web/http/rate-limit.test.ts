import test from 'ava'
import { clientOf, RateLimiter } from '../../../../operator/web/http/rate-limit.ts'

test('A burst passes, then as much as comes back; others are not held up', (t) => {
  const limiter = new RateLimiter({ burst: 10, perSecond: 2 })
  for (let i = 0; i < 10; i += 1) t.is(limiter.spend('a', 1, 0), 0)
  t.is(limiter.spend('a', 1, 0), 1)
  t.is(limiter.spend('b', 5, 0), 0)
  t.is(limiter.spend('a', 2, 1000), 0)
  t.is(limiter.spend('a', 5, 1000), 3)
  t.is(limiter.spend('a', 10, 60_000), 0)
})

test('However many clients come, memory is bounded', (t) => {
  const limiter = new RateLimiter({ burst: 1, perSecond: 1 })
  limiter.spend('first', 1, 0)
  for (let i = 0; i < 20_000; i += 1) limiter.spend(`client ${i}`, 1, 0)
  t.is(limiter.spend('first', 1, 0), 0, 'the longest unseen is forgotten')
})

for (const [address, client] of [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
] as const) {
  test(`${address} is the client ${client}`, (t) => t.is(clientOf(address), client))
}
