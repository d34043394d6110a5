import test from 'ava'
import { MailPace } from '../../../operator/mail/mail-pace.ts'
import { FakeClock } from '../runtime/fake-clock.ts'

const pace = (clock: FakeClock) =>
  new MailPace(clock, { address: { atOnce: 2, interval: 60_000 }, tenant: { atOnce: 3, interval: 1_000 } })

const to = (address: string, tenant = 't') => ({ address, tenant })

test('A few mails to one address go at once, the next wait for their interval, whoever sends them and however it is spelt', async (t) => {
  const clock = new FakeClock()
  const mails = pace(clock)
  mails.take(to('ann@example.com', 'a'))
  mails.take(to('Ann@Example.com', 'b'))
  t.deepEqual(mails.wait(to('ann+news@example.com', 'c')), { for: 'Address', dueIn: 60_000 })
  t.is(mails.wait(to('ben@example.com', 'c')), undefined)
  await clock.advance(60_000)
  t.is(mails.wait(to('ann@example.com', 'c')), undefined)
  mails.take(to('ann@example.com', 'c'))
  t.like(mails.wait(to('ann@example.com', 'd')), { dueIn: 60_000 })
  await clock.advance(3_600_000)
  mails.take(to('ann@example.com'))
  t.is(mails.wait(to('ann@example.com')), undefined)
})

test('Mails in the name of one tenant wait, those of others do not', (t) => {
  const mails = pace(new FakeClock())
  for (const name of ['ann', 'ben', 'cid']) mails.take(to(`${name}@example.com`))
  t.deepEqual(mails.wait(to('dan@example.com')), { for: 'Tenant', dueIn: 1_000 })
  t.is(mails.wait(to('dan@example.com', 'u')), undefined)
})

test('A mail that did not go is not counted', (t) => {
  const mails = pace(new FakeClock())
  mails.take(to('ann@example.com'))
  mails.take(to('ann@example.com'))()
  t.is(mails.wait(to('ann@example.com')), undefined)
})

test('Without an interval there is no pace', (t) => {
  const none = { atOnce: 1, interval: 0 }
  const mails = new MailPace(new FakeClock(), { address: none, tenant: none })
  for (let i = 0; i < 100; i += 1) mails.take(to('ann@example.com'))
  t.is(mails.wait(to('ann@example.com')), undefined)
})
