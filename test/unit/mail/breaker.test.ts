import test from 'ava'
import { MailPausedError, withBreaker } from '../../../operator/mail/breaker.ts'
import type { BreakerState } from '../../../operator/mail/breaker.ts'
import { MailError } from '../../../operator/mail/port.ts'
import type { Message } from '../../../operator/mail/port.ts'
import { FakeClock } from '../runtime/fake-clock.ts'

const message: Message = { to: 'a@b.cc', toName: '', subject: '', text: '', html: '', messageId: '<x@y>', tenant: 't' }
const down = new MailError('transient', 'The connection to the mail relay failed.', undefined, 'relay')
const noLogin = new MailError('configuration', 'The mail relay refused the credentials.', 535, 'relay')
const nobody = new MailError('permanent', 'The mail relay refused the address.', 550)
const blocked = new MailError('configuration', 'The mail relay refuses us.', 554, 'tenant', { status: '5.7.1' })
const noQuota = new MailError('transient', 'No more for now.', 550, 'tenant', { status: '5.4.5', slow: true })
const unknown = (text: string) =>
  new MailError('permanent', `The mail relay refused the address: ${text}`, 550, 'message', { response: text })
const greylisted = new MailError('transient', 'The mail relay put the mail off.', 450)

function setUp() {
  const clock = new FakeClock()
  const states: BreakerState[] = []
  const world = { answer: undefined as MailError | undefined, tried: 0 }
  const mailer = withBreaker(
    {
      send: () => {
        world.tried += 1
        return world.answer === undefined ? Promise.resolve({ response: '250 ok' }) : Promise.reject(world.answer)
      },
      close: () => {},
    },
    {
      clock,
      random: { fraction: () => 1 },
      metrics: { state: (state) => void states.push(state), sent: () => {} },
    },
    { threshold: 3, pause: 10_000, maxPause: 40_000 },
  )
  const send = (over: Partial<Message> = {}) => mailer.send({ ...message, ...over }, new AbortController().signal)
  const fail = async (times: number) => {
    for (let i = 0; i < times; i += 1) await send().catch(() => {})
  }
  return { clock, states, world, mailer, send, fail }
}

for (const error of [down, noLogin]) {
  test(`After three failures in a row of class ${error.class} that concern the relay nothing is tried any more`, async (t) => {
    const { world, mailer, send, fail } = setUp()
    world.answer = error
    await fail(3)
    t.is(mailer.paused()?.message, error.message)
    const refused = await t.throwsAsync(() => send(), { instanceOf: MailPausedError })
    t.is(refused.class, error.class)
    t.is(world.tried, 3)
  })
}

test('Failures of one recipient or message never open it, and end a row of others', async (t) => {
  const { world, mailer, fail } = setUp()
  world.answer = nobody
  await fail(10)
  world.answer = greylisted
  await fail(10)
  world.answer = down
  await fail(2)
  world.answer = nobody
  await fail(1)
  world.answer = down
  await fail(2)
  t.is(mailer.paused(), undefined)
})

test('After the pause one probe goes through; its success closes the breaker', async (t) => {
  const { clock, states, world, mailer, send, fail } = setUp()
  world.answer = down
  await fail(3)
  await clock.advance(10_000)
  world.answer = undefined
  await send()
  t.is(mailer.paused(), undefined)
  t.deepEqual(states, ['closed', 'open', 'half-open', 'closed'])
})

test('While the probe is under way nothing else goes through', async (t) => {
  const { clock, world, send, fail } = setUp()
  world.answer = down
  await fail(3)
  await clock.advance(10_000)
  const outcomes = await Promise.allSettled([send(), send(), send()])
  t.is(world.tried, 4)
  t.is(outcomes.filter((each) => each.status === 'rejected' && each.reason instanceof MailPausedError).length, 2)
})

test('What is to be written before a mail is written only for one that is let through, and tells of no failure of the relay', async (t) => {
  const { clock, world, mailer, fail } = setUp()
  let written = 0
  const write = () => {
    written += 1
    return Promise.reject(new Error('changed meanwhile'))
  }
  const send = () => mailer.send(message, new AbortController().signal, write)
  for (let i = 0; i < 5; i += 1) await t.throwsAsync(send, { message: 'changed meanwhile' })
  t.is(mailer.paused(), undefined)
  t.deepEqual([written, world.tried], [5, 0])
  world.answer = down
  await fail(3)
  await t.throwsAsync(send, { instanceOf: MailPausedError })
  t.is(written, 5)
  await clock.advance(10_000)
  await t.throwsAsync(send, { message: 'changed meanwhile' })
  t.is(mailer.paused(), undefined)
  t.like(mailer.trouble(), { class: 'transient' })
})

test('Each probe that fails doubles the pause, up to the longest', async (t) => {
  const { clock, world, mailer, fail } = setUp()
  world.answer = down
  await fail(3)
  for (const pause of [20_000, 40_000, 40_000]) {
    await clock.advance(mailer.paused()?.retryAfter ?? 0)
    await fail(1)
    t.is(mailer.paused()?.retryAfter, pause)
  }
})

test('A probe refused for its recipient only shows that the relay is there', async (t) => {
  const { clock, world, mailer, fail } = setUp()
  world.answer = down
  await fail(3)
  await clock.advance(10_000)
  world.answer = nobody
  await fail(1)
  t.is(mailer.paused(), undefined)
})

test('A send that was stopped says nothing about the relay', async (t) => {
  const { world, mailer } = setUp()
  world.answer = down
  for (let i = 0; i < 5; i += 1) await mailer.send(message, AbortSignal.abort()).catch(() => {})
  t.is(mailer.paused(), undefined)
})

test('What one tenant alone may be the reason of stops nobody; from as many tenants as the threshold it is the relay', async (t) => {
  const { world, mailer, send, fail } = setUp()
  world.answer = blocked
  await fail(20)
  t.is(mailer.paused(), undefined)
  await send({ tenant: 'u' }).catch(() => {})
  t.is(mailer.paused(), undefined)
  await send({ tenant: 'v' }).catch(() => {})
  t.like(mailer.paused(), { class: 'configuration' })
})

test('A quota of the relay pauses all for the longest pause at once', async (t) => {
  const { world, mailer, send } = setUp()
  world.answer = noQuota
  for (const tenant of ['t', 'u', 'v']) await send({ tenant }).catch(() => {})
  t.like(mailer.paused(), { class: 'transient', retryAfter: 40_000 })
})

test('One answer for two addresses is about the relay, whatever its code; whoever is refused while others get mail is not', async (t) => {
  const { world, send } = setUp()
  const classOf = async (to: string, text: string) => {
    world.answer = unknown(text)
    return (await t.throwsAsync(() => send({ to }), { instanceOf: MailError })).class
  }
  t.is(await classOf('ann@a.example', '550 5.1.1 <ann@a.example>: user unknown (id 17A)'), 'permanent')
  t.is(await classOf('ANN@a.example', '550 5.1.1 <ann@a.example>: user unknown (id 18B)'), 'permanent')
  t.is(await classOf('bob@b.example', '550 mailbox unavailable'), 'permanent')
  t.is(await classOf('bob@b.example', '550 5.1.1 <bob@b.example>: user unknown (id 19C)'), 'configuration')
  world.answer = undefined
  await send({ to: 'eve@c.example' })
  t.is(await classOf('ann@a.example', '550 5.1.1 <ann@a.example>: user unknown (id 20D)'), 'permanent')
  t.is(await classOf('bob@b.example', '550 5.1.1 <bob@b.example>: user unknown (id 21E)'), 'permanent')
})
