/** Invites on their way: relays that put them off, refuse them or are dead, and when a mail goes again. */
import test from 'ava'
import { findCondition } from '../../../operator/api/conditions.ts'
import { MailError } from '../../../operator/mail/port.ts'
import { tenant, tenantAdmin } from './gen.ts'
import { day, hour, invited, minute, resend, story, token } from './story.ts'
import { World } from './world.ts'

const down = new MailError('transient', 'The connection to the mail relay failed.', undefined, 'relay')
const greylisted = new MailError('transient', 'The mail relay put the mail off.', 450)
const nobody = new MailError('permanent', 'The mail relay refused the address.', 550)
const noLogin = new MailError('configuration', 'The mail relay refused the credentials.', 535, 'relay')

test('A relay that puts the mail off is tried again, with the same link and Message-ID', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = greylisted
  await world.settle()
  t.is(story(world), 'EmailSendingFailed · #1 EmailSendingFailed · Reconciling: MailTransientError · 0 mails')
  await world.pass(10 * minute)
  const { attempts = 0, messageId } = world.admin().status?.invite ?? {}
  t.true(attempts > 2 && attempts < 10, String(attempts))
  world.relay = undefined
  await world.pass(20 * minute)
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
  t.is(world.mails[0]?.messageId, messageId)
  t.is(world.admin().status?.invite?.lastError, undefined)
})

test('An address that is refused is tried again a few times a week, and at once when it is corrected', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = nobody
  await world.settle()
  t.is(story(world), 'EmailSendingFailed · #1 EmailSendingFailed · Stalled: MailPermanentError · 0 mails')
  const { writes } = world
  await world.pass(20 * minute)
  t.is(world.writes, writes)
  await world.pass(6 * day)
  const { attempts = 0 } = world.admin().status?.invite ?? {}
  t.true(attempts > 5 && attempts < 15, String(attempts))
  t.is(story(world), 'EmailSendingFailed · #1 EmailSendingFailed · Stalled: MailPermanentError · 0 mails')
  world.relay = undefined
  world.edit({ spec: { email: 'jane.doe@example.com' } })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 1 mails')
  t.is(world.mails[0]?.to, 'jane.doe@example.com')
})

test('Wrong mail settings stall the invite, which goes out by itself once they are right', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = noLogin
  await world.settle()
  t.is(story(world), 'EmailSendingFailed · #1 EmailSendingFailed · Stalled: MailConfigurationError · 0 mails')
  world.relay = undefined
  await world.pass(hour)
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('While the relay is dead invites wait without counting attempts, and go out when it lives', async (t) => {
  const world = new World()
  world.put(tenant())
  world.relay = down
  for (let i = 0; i < 6; i += 1) {
    world.put(tenantAdmin({ name: `jane${i}`, spec: { username: `jane${i}` } }))
    await world.settle(`home/jane${i}`)
  }
  t.is(
    story(world, 'home/jane4'),
    'EmailSendingFailed · #1 EmailSendingFailed · Reconciling: RelayUnavailable · 0 mails',
  )
  t.is(story(world, 'home/jane5'), 'Pending · #1 Pending · Reconciling: RelayUnavailable · 0 mails')
  t.is(world.admin('home/jane5').status?.invite?.attempts, 0)
  await world.pass(hour, 'home/jane5')
  // Each probe was an attempt of the one invite that made it.
  const attempts = world.admin('home/jane5').status?.invite?.attempts ?? 0
  t.true(attempts < 20, String(attempts))
  world.relay = undefined
  await world.pass(hour, 'home/jane5')
  t.is(story(world, 'home/jane5'), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('An invite that no relay took in seven days gets a new time, as nobody has held its link', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = greylisted
  await world.settle()
  await world.pass(7 * day + hour)
  t.is(story(world), 'EmailSendingFailed · #2 EmailSendingFailed · Reconciling: MailTransientError · 0 mails')
})

test('A crash between the record and the mail: the next process sends, with the same link', async (t) => {
  const world = await invited()
  const { invite, ...status } = world.admin().status ?? { observedGeneration: 1 }
  const { sentAt: _sent, ...interrupted } = invite ?? {}
  world.put({ ...world.admin(), status: { ...status, invite: interrupted } })
  await world.settle()
  t.is(world.mails.length, 2)
  t.is(token(world.mails[0]), token(world.mails[1]))
  t.is(world.mails[0]?.messageId, world.mails[1]?.messageId)
})

test('A resend too soon says when it goes out; nothing is written meanwhile', async (t) => {
  const world = await invited()
  await world.pass(20_000)
  world.edit({ metadata: resend('2030-01-01T00:00:20Z') })
  await world.settle()
  t.is(story(world), 'Pending · #1 Pending · Reconciling: ResendPostponed · 1 mails')
  t.regex(
    findCondition(world.admin().status?.conditions, 'Reconciling')?.message ?? '',
    /it goes out at 2030-01-01T00:01:00Z\.$/,
  )
  const { writes } = world
  await world.pass(30_000)
  t.is(world.writes, writes)
  await world.pass(15_000)
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
})

test('An address that the relay refused can be corrected at once', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = nobody
  await world.settle()
  world.relay = undefined
  world.edit({ spec: { email: 'john@example.com' } })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('A clock that was set back holds no resend up', async (t) => {
  const world = await invited()
  world.clock.setWall(world.clock.now() - 10 * day)
  world.edit({ metadata: resend('2029-12-22T00:00:00Z') })
  await world.settle()
  t.is(story(world), 'Pending · #2 Pending · Ready: AwaitingAnswer · 2 mails')
})

test('A refusal of the address that was a mistake of the relay is made good by itself', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = nobody
  await world.settle()
  world.relay = undefined
  await world.pass(2 * hour)
  t.is(story(world), 'Pending · #1 Pending · Ready: AwaitingAnswer · 1 mails')
})

test('Each answer that a mail gets is written to the log once, with its code and without the address', async (t) => {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  const refused = () => world.lines.filter(({ message }) => message === 'mail not taken by the relay')
  world.relay = new MailError('transient', 'Not now: <jane@example.com>', 451, 'message', { status: '4.7.1' })
  await world.settle()
  await world.pass(hour)
  t.is(refused().length, 1)
  t.like(refused()[0]?.fields, { admin: 'home/jane', class: 'Transient', code: '451 4.7.1', why: 'invite' })
  world.relay = new MailError('configuration', 'Blocked: <jane@example.com>', 554, 'tenant', { status: '5.7.1' })
  await world.pass(hour)
  t.is(refused().length, 2)
  t.like(refused()[1]?.fields, { class: 'Configuration', code: '554 5.7.1' })
  t.false(JSON.stringify(world.lines).includes('@example.com'))
})

test('An invite to an address that many mails went to waits without a write, and goes out by itself', async (t) => {
  const world = new World()
  world.put(tenant())
  for (let i = 0; i < 6; i += 1) {
    world.put(tenantAdmin({ name: `jane${i}`, spec: { username: `jane${i}` } }))
    await world.settle(`home/jane${i}`)
  }
  t.is(world.mails.length, 5)
  t.is(story(world, 'home/jane5'), 'NotYetActive · #0 NotYetActive · Reconciling: InvitePostponed · 5 mails')
  const { writes } = world
  await world.pass(2 * minute, 'home/jane5')
  t.is(world.writes, writes)
  await world.pass(4 * minute, 'home/jane5')
  t.is(story(world, 'home/jane5'), 'Pending · #1 Pending · Ready: AwaitingAnswer · 6 mails')
})
