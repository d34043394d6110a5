/** A mail that is refused again and again: what each try writes, and what is known when it is interrupted. */
import test from 'ava'
import { findCondition } from '../../../operator/api/conditions.ts'
import { MailError } from '../../../operator/mail/port.ts'
import { attempted, failed } from '../../../operator/tenantadmin/invite/sending.ts'
import type { Sending } from '../../../operator/tenantadmin/invite/sending.ts'
import { settings, tenant, tenantAdmin } from './gen.ts'
import { day, hour, minute, story } from './story.ts'
import { World } from './world.ts'

const refusals = {
  'puts the mail off': new MailError('transient', 'The mail relay put the mail off: 450 4.2.0 later.', 450),
  'refuses the address': new MailError('permanent', 'The mail relay refused the address.', 550, 'message', {
    status: '5.1.1',
  }),
  'refuses the installation': new MailError('configuration', 'The mail relay refuses us.', 554, 'tenant'),
  'has no room in the mailbox': new MailError('transient', 'The mailbox takes no more mail for now.', 552, 'message', {
    status: '5.2.2',
    slow: true,
  }),
  'cannot be reached': new MailError('transient', 'The connection failed (ECONNREFUSED).', undefined, 'relay'),
  'has no login for us': new MailError('configuration', 'It wants other credentials.', 535, 'relay'),
}

async function refused(error: MailError): Promise<World> {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  world.relay = error
  await world.settle()
  // Time for a breaker to open, and for it to be told.
  await world.pass(hour)
  return world
}

const attemptsOf = (world: World) => world.admin().status?.invite?.attempts ?? 0

for (const [relay, error] of Object.entries(refusals))
  test(`A relay that ${relay}: each try is one write, and says all the time what it said`, async (t) => {
    const world = await refused(error)
    const [writes, attempts] = [world.writes, attemptsOf(world)]
    const reason = () => findCondition(world.admin().status?.conditions, 'Ready')?.reason
    const said = new Set([reason()])
    world.heard = () => void said.add(reason())
    await world.pass(5 * day)
    t.true(attemptsOf(world) > attempts + 2)
    t.is(world.writes - writes, attemptsOf(world) - attempts)
    t.is(said.size, 1, [...said].join(' '))
    const due = Date.parse(world.admin().status?.invite?.nextAttemptAt ?? '')
    t.true(due > world.clock.now())
    world.relay = undefined
    await world.pass(day)
    t.regex(story(world), /Ready: AwaitingAnswer · 1 mails$/)
    t.is(world.admin().status?.invite?.lastError, undefined)
  })

test('A relay that answers otherwise than before is told in a second write, with its own pause', async (t) => {
  const world = await refused(refusals['puts the mail off'])
  const { writes } = world
  world.relay = refusals['refuses the address']
  await world.pass(20 * minute)
  t.is(world.writes, writes + 2)
  t.like(world.admin().status?.invite?.lastError, { class: 'Permanent', code: '550 5.1.1' })
  t.true(Date.parse(world.admin().status?.invite?.nextAttemptAt ?? '') > world.clock.now() + hour)
})

test('A retry that is interrupted says that it failed before and when it comes again, and then sends the same mail', async (t) => {
  const world = await refused(refusals['puts the mail off'])
  const { messageId, attempts = 0 } = world.admin().status?.invite ?? {}
  world.relay = new Error('killed') as MailError // not one of the relay
  await t.throwsAsync(world.pass(20 * minute), { message: 'killed' })
  t.like(world.admin().status?.invite, { attempts: attempts + 1, lastError: { class: 'Transient' }, sentAt: undefined })
  const due = Date.parse(world.admin().status?.invite?.nextAttemptAt ?? '')
  t.true(due > world.clock.now() && due <= world.clock.now() + 15 * minute + 1000)
  world.relay = undefined
  await world.settle()
  t.is(world.mails.length, 0)
  await world.pass(20 * minute)
  t.deepEqual(
    world.mails.map((mail) => mail.messageId),
    [messageId],
  )
})

const pauses = { ...settings, jitter: 0.5 }
const now = Date.UTC(2030, 0, 1)
const refusedBy = (error: MailError): Sending =>
  attempted(failed(attempted({}, now, pauses), error, now, pauses), now + minute, pauses)
const again = refusedBy(refusals['puts the mail off'])
const withId = (id: string) => new MailError('transient', `Not now: 450 4.2.0 queue ${id} - gsmtp.`, 450)

test('The first try has no time of the next one, so that it is known as interrupted', (t) => {
  t.deepEqual(attempted({}, now, pauses), { attempts: 1 })
})

const answers: readonly (readonly [string, Sending, MailError, number, boolean])[] = [
  ['the same answer', again, refusals['puts the mail off'], 0, true],
  ['other ids in it', refusedBy(withId('a1b2')), withId('c3d4'), 0, true],
  ['other words', again, new MailError('transient', 'The mail relay did not answer.', 450), 0, false],
  [
    'another code',
    again,
    new MailError('transient', 'The mail relay put the mail off: 450 4.2.0 later.', 451),
    0,
    false,
  ],
  ['an answer after the pause is over', again, refusals['puts the mail off'], hour, false],
]

for (const [what, mail, error, later, isTold] of answers)
  test(`A retry that meets ${what} ${isTold ? 'is told already' : 'is told anew'}`, (t) => {
    const at = now + minute + later
    const after = failed(mail, error, at, pauses)
    t.is(after === mail, isTold)
    t.true(Date.parse(after.nextAttemptAt ?? '') > at)
    t.is(after.attempts, 2)
  })
