/**
 * What the operator makes of the answers of relays in the field, where the address is wrong and where it is not.
 */
import test from 'ava'
import type { Stored } from '../harness/api.ts'
import { startMail } from '../harness/mail.ts'
import type { MailFault } from '../harness/mail-fault.ts'
import { startOperator } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { addressOf, adminOf, conditionOf, declare, inviteOf, newName, pathOf, tenantOf } from './life.ts'
import { startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'
import { toldAs } from '../integration/told-as.ts'

let world: RunningWorld
test.before(async (t) => {
  t.timeout(300_000)
  world = await startRunningWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

interface LastError {
  readonly class: string
  readonly code?: string
  readonly message: string
}

const errorOf = (admin: Stored | undefined) => inviteOf(admin)['lastError'] as LastError | undefined // of our own schema

const refused = (name: string) =>
  eventually(
    async () => {
      const admin = await adminOf(world, name)
      const error = errorOf(admin)
      return error === undefined ? undefined : { admin, error }
    },
    { timeout: 60_000, describe: `the invite of ${name} to tell of a refusal` },
  )

const sent = (name: string, timeout = 90_000) =>
  eventually(async () => inviteOf(await adminOf(world, name))['sentAt'], {
    timeout,
    describe: `${name}'s mail to be sent`,
  })

/** Mail of another tenant goes, which ends any row of failures. */
async function othersGo(): Promise<void> {
  const other = newName()
  await declare(world, other)
  await sent(other)
}

type At = NonNullable<MailFault['at']>

const answers: readonly (readonly [at: At, reply: number, text: string, expected: string, reason: string])[] = [
  ['rcpt', 554, '5.7.1 Relay access denied', 'Configuration', 'MailConfigurationError'],
  [
    'data',
    550,
    '5.7.60 SMTP; Client does not have permissions to send as this sender',
    'Configuration',
    'MailConfigurationError',
  ],
  ['data', 554, '5.2.252 SendAsDenied; not allowed to send as', 'Configuration', 'MailConfigurationError'],
  ['rcpt', 550, '5.7.1 Service unavailable, client host blocked', 'Configuration', 'MailConfigurationError'],
  [
    'data',
    550,
    '5.7.26 Unauthenticated mail is not accepted due to the DMARC policy',
    'Configuration',
    'MailConfigurationError',
  ],
  [
    'rcpt',
    504,
    '5.5.2 Helo command rejected: need fully-qualified hostname',
    'Configuration',
    'MailConfigurationError',
  ],
  ['rcpt', 553, '5.1.8 Sender address rejected: Domain not found', 'Configuration', 'MailConfigurationError'],
  ['data', 550, '5.4.5 Daily sending quota exceeded', 'Transient', 'MailTransientError'],
  ['rcpt', 552, '5.2.2 Mailbox is full', 'Transient', 'MailTransientError'],
  ['rcpt', 550, '5.1.1 Recipient address rejected: User unknown', 'Permanent', 'MailPermanentError'],
  ['rcpt', 550, '5.2.1 Mailbox disabled', 'Permanent', 'MailPermanentError'],
  ['rcpt', 550, 'no such user', 'Permanent', 'MailPermanentError'],
]

test.serial(
  'What a relay refuses is booked to whom it is about; what is not the address goes out by itself when it is mended',
  async (t) => {
    t.timeout(450_000)
    const goOut: string[] = []
    for (const [at, reply, text, expected, reason] of answers) {
      const name = newName()
      const heal = world.mail.fault({ at, recipient: addressOf(name), effect: { reply, text } })
      await declare(world, name)
      const { error, admin } = await refused(name)
      t.is(error.class, expected, text)
      t.true(error.message.includes(`${reply} ${text}`), error.message)
      t.is(conditionOf(admin, 'InviteDelivered')?.reason, reason, text)
      const due = Date.parse(String(inviteOf(admin)['nextAttemptAt'])) - Date.now()
      if (expected === 'Configuration') goOut.push(name)
      else t.true(due > 20 * 60_000, `${text}: ${due}`)
      heal()
      await othersGo()
    }
    await Promise.all(goOut.map((name) => sent(name)))
    const logs = await world.operator.logs()
    const lines = logs.split('\n').filter((line) => line.includes('mail not taken by the relay'))
    t.is(lines.length, answers.length)
    for (const [, reply, text, expected] of answers) {
      const status = /^\d\.\d+\.\d+/.exec(text)?.[0]
      const code = status === undefined ? String(reply) : `${reply} ${status}`
      t.true(
        lines.some((line) => line.includes(`"${code}"`) && line.includes(`"${expected}"`)),
        code,
      )
    }
    t.false(lines.some((line) => line.includes('@c')))
  },
)

test.serial(
  'One answer for two addresses is about the relay, whatever its code, and the mail goes out when it is mended',
  async (t) => {
    t.timeout(300_000)
    const heal = world.mail.fault({ effect: { reply: 550, text: 'Requested action not taken' } })
    const [first, second] = [newName(), newName()]
    await declare(world, first)
    t.is((await refused(first)).error.class, 'Permanent')
    await declare(world, second)
    const { error, admin } = await refused(second)
    t.is(error.class, 'Configuration')
    toldAs(t, admin, 'MailSenderRefused')
    heal()
    await sent(second)
  },
)

test.serial(
  'A relay that blocks the installation is one trouble for all: few mails are tried, and all go out once when it is mended',
  async (t) => {
    t.timeout(450_000)
    world.mail.forget()
    const heal = world.mail.fault({
      at: 'data',
      effect: { reply: 550, text: '5.7.1 Our system has detected that this mail is not wanted' },
    })
    const names = Array.from({ length: 8 }, newName)
    for (const name of names) await declare(world, name)
    for (const name of names)
      await eventually(
        async () => {
          const said = conditionOf(await adminOf(world, name), 'Stalled')
          return said?.reason === 'MailConfigurationError'
        },
        { timeout: 60_000, describe: `${name} to say whose turn it is` },
      )
    const { body } = await world.operator.probe('/metrics')
    t.regex(body, /tenantry_mail_messages_total\{outcome="configuration"\} \d/)
    t.notRegex(body, /tenantry_mail_relay_breaker\{state="closed"\} 1/)
    heal()
    // As long as the breaker may wait by now, however long the above took.
    await Promise.all(names.map((name) => sent(name, 240_000)))
    const mails = (await world.mail.all()).map(({ to }) => to[0])
    t.is(mails.length, names.length)
    t.deepEqual(
      names.filter((name) => !mails.includes(addressOf(name))),
      [],
    )
  },
)

test.serial(
  'A tenant whose only admin cannot be invited says so itself, and goes on with the corrected address',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    const heal = world.mail.fault({ recipient: addressOf(name), effect: { reply: 550, text: '5.1.1 User unknown' } })
    t.teardown(heal)
    await declare(world, name)
    const told = await eventually(
      async () => {
        const tenant = await tenantOf(world, name)
        return conditionOf(tenant, 'Stalled') === undefined ? undefined : tenant
      },
      { timeout: 60_000, describe: 'the Tenant to say that nobody can accept' },
    )
    for (const type of ['Stalled', 'Ready', 'AdminAccepted'])
      t.like(conditionOf(told, type), { reason: 'MailPermanentError' }, type)
    t.regex(conditionOf(told, 'Stalled')?.message ?? '', /^The invite of ada cannot be sent/)
    await world.api.send('PATCH', pathOf(world, `tenantadmins/${name}-ada`), {
      spec: { email: `right@${name}.example.com` },
    })
    await sent(name)
    await eventually(
      async () => {
        const tenant = await tenantOf(world, name)
        const ready = conditionOf(tenant, 'Ready')
        return conditionOf(tenant, 'Stalled') === undefined && ready?.reason === 'AwaitingAcceptance'
      },
      { timeout: 60_000, describe: 'the Tenant to wait for the answer' },
    )
  },
)

test.serial(
  'A relay is greeted by the host name of the accept page: one that refuses addresses in brackets takes the mail',
  async (t) => {
    t.timeout(300_000)
    await world.operator.stop()
    await using relay = await startMail({ strictNames: true })
    const env = { TENANTRY_PUBLIC_URL: 'https://invites.example.com' }
    await using _operator = await startOperator({ cluster: world.cluster, mail: relay, env })
    const name = newName()
    await declare(world, name)
    await sent(name)
    t.is((await relay.all())[0]?.helo, 'invites.example.com')
  },
)

test.serial(
  'An operator that is killed in the middle of a retry leaves when the next one comes; then the same mail goes, once',
  async (t) => {
    t.timeout(300_000)
    const { cluster, mail, web } = world
    await using operator = await startOperator({ cluster, mail, web })
    const name = newName()
    const address = addressOf(name)
    mail.fault({ recipient: address, times: 1, effect: { reply: 451, text: '4.3.0 Try again later' } })
    mail.fault({ recipient: address, times: 1, effect: 'hang' })
    await declare(world, name)
    await eventually(() => mail.tries(address) === 2, { timeout: 60_000, describe: 'the retry to be under way' })
    await operator.kill()
    const admin = await adminOf(world, name)
    const left = inviteOf(admin)
    t.like(left, { attempts: 2, sentAt: undefined, lastError: { class: 'Transient', code: '451 4.3.0' } })
    t.is(conditionOf(admin, 'Ready')?.reason, 'MailTransientError')
    await using _next = await startOperator({ cluster, mail, web })
    await sent(name)
    const after = inviteOf(await adminOf(world, name))
    t.true(Date.parse(String(after['sentAt'])) >= Date.parse(String(left['nextAttemptAt'])))
    const mails = (await mail.all()).filter(({ to }) => to.includes(address))
    t.deepEqual(
      mails.map(({ messageId }) => messageId),
      [String(left['messageId'])],
    )
  },
)
