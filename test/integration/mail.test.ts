/** The SMTP adapter against a real relay, good and bad. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { passwordIn } from '../../operator/mail/password-file.ts'
import { createSmtpMailer, createUnconfiguredMailer } from '../../operator/mail/smtp.ts'
import type { SmtpSettings } from '../../operator/mail/smtp-settings.ts'
import { MailError } from '../../operator/mail/port.ts'
import type { MailErrorClass, MailErrorScope } from '../../operator/mail/port.ts'
import { inviteMessage } from '../../operator/mail/message.ts'
import { loadTemplates } from '../../operator/mail/templates.ts'
import { fence } from '../../operator/runtime/leadership/fence.ts'
import { startMail } from '../harness/mail.ts'
import type { MailServer } from '../harness/mail.ts'
import type { MailFault } from '../harness/mail-fault.ts'
import { realClock } from '../unit/runtime/fake-clock.ts'
import { inviteFacts } from '../unit/mail/facts.ts'
import { LostLeadership } from '../../operator/runtime/base/effect-check.ts'

const message = inviteMessage(inviteFacts(), loadTemplates().invite)
const from = { address: 'no-reply@mail.example.com', name: 'Tenantry' }
const account = { user: 'tenantry', password: 'correct horse' }

function settingsFor(relay: MailServer, over: Partial<SmtpSettings> = {}): SmtpSettings {
  return { host: relay.host, port: relay.port, security: 'starttls', ca: relay.ca, from, ...over }
}

function send(settings: SmtpSettings, signal = new AbortController().signal) {
  return createSmtpMailer(settings, realClock).send(message, signal)
}

for (const [title, tls, security] of [
  ['STARTTLS', 'starttls', 'starttls'],
  ['TLS from the first byte', 'implicit', 'tls'],
] as const) {
  test(`A mail goes over ${title}, authenticated, to one recipient, with its parts intact`, async (t) => {
    await using relay = await startMail({ tls, account })
    const sent = await send(
      settingsFor(relay, { security, username: account.user, password: async () => account.password }),
    )
    t.regex(sent.response, /^250/)
    const mails = await relay.all()
    t.is(mails.length, 1)
    const [mail] = mails
    t.like(mail, { from: from.address, to: ['jane.doe@example.com'], tls: true, user: account.user })
    t.is(mail?.messageId, message.messageId)
    t.is(mail?.subject, message.subject)
    t.is(mail?.text.trim(), message.text.trim())
    t.is(mail?.html.trim(), message.html.trim())
  })
}

test('A relay that wants a host name in EHLO gets the one of the settings, after STARTTLS too', async (t) => {
  await using relay = await startMail({ strictNames: true })
  const error = await t.throwsAsync(send(settingsFor(relay, { name: '[127.0.0.1]' })), { instanceOf: MailError })
  t.like(error, { class: 'configuration', scope: 'tenant', status: '5.5.2' })
  await send(settingsFor(relay, { name: 'invites.example.com' }))
  t.is((await relay.all())[0]?.helo, 'invites.example.com')
})

test('A mail goes without TLS where the installation says so', async (t) => {
  await using relay = await startMail({ tls: 'none' })
  await send(settingsFor(relay, { security: 'none' }))
  t.like((await relay.all())[0], { tls: false })
})

test('A mail for which the lead was lost while the relay was being talked to is not sent', async (t) => {
  await using relay = await startMail()
  let leads = true
  const check = () => {
    if (!leads) throw new LostLeadership()
  }
  const mailer = fence(createSmtpMailer(settingsFor(relay), realClock), check)
  const sending = mailer.send(message, new AbortController().signal)
  leads = false
  await t.throwsAsync(sending, { instanceOf: LostLeadership })
  leads = true
  await mailer.send(message, new AbortController().signal)
  t.is((await relay.all()).length, 1)
})

interface Bad {
  readonly title: string
  readonly fault?: MailFault
  readonly over?: Partial<SmtpSettings>
  readonly tls?: 'starttls' | 'implicit' | 'none'
  readonly class: MailErrorClass
  readonly scope: MailErrorScope
  readonly code?: number
}

const quick = { timeouts: { connection: 300, greeting: 300, socket: 300, deadline: 5000 } }

const bad: readonly Bad[] = [
  {
    title: 'an unknown recipient',
    fault: { at: 'rcpt', effect: { reply: 550 } },
    class: 'permanent',
    scope: 'message',
    code: 550,
  },
  {
    title: 'a recipient name not allowed',
    fault: { at: 'rcpt', effect: { reply: 553 } },
    class: 'permanent',
    scope: 'message',
    code: 553,
  },
  {
    title: 'greylisting',
    fault: { at: 'rcpt', effect: { reply: 450 } },
    class: 'transient',
    scope: 'message',
    code: 450,
  },
  {
    title: 'a refused sender',
    fault: { at: 'mail', effect: { reply: 550 } },
    class: 'configuration',
    scope: 'relay',
    code: 550,
  },
  {
    title: 'refused content',
    fault: { at: 'data', effect: { reply: 554 } },
    class: 'configuration',
    scope: 'tenant',
    code: 554,
  },
  {
    title: 'content put off',
    fault: { at: 'data', effect: { reply: 452 } },
    class: 'transient',
    scope: 'message',
    code: 452,
  },
  {
    title: 'a closing relay',
    fault: { at: 'mail', effect: { reply: 421 } },
    class: 'transient',
    scope: 'relay',
    code: 421,
  },
  {
    title: 'a greeting of 554',
    fault: { at: 'connect', effect: { reply: 554 } },
    class: 'configuration',
    scope: 'relay',
    code: 554,
  },
  { title: 'a connection cut at RCPT', fault: { at: 'rcpt', effect: 'drop' }, class: 'transient', scope: 'relay' },
  { title: 'a connection cut before 250', fault: { at: 'data', effect: 'drop' }, class: 'transient', scope: 'relay' },
  {
    title: 'silence at the greeting',
    fault: { at: 'connect', effect: 'hang' },
    over: quick,
    class: 'transient',
    scope: 'relay',
  },
  {
    title: 'silence after DATA',
    fault: { at: 'data', effect: 'hang' },
    over: quick,
    class: 'transient',
    scope: 'relay',
  },
  {
    title: 'silence beyond the deadline',
    fault: { at: 'rcpt', effect: 'hang' },
    over: { timeouts: { deadline: 300 } },
    class: 'transient',
    scope: 'relay',
  },
  {
    title: 'a wrong password',
    over: { username: 'tenantry', password: async () => 'wrong' },
    class: 'configuration',
    scope: 'relay',
    code: 535,
  },
  {
    title: 'a password that cannot be read',
    over: { username: 'tenantry', password: passwordIn('/nowhere') },
    class: 'configuration',
    scope: 'relay',
  },
  { title: 'missing credentials', class: 'configuration', scope: 'relay', code: 530 },
  {
    title: 'a certificate of an unknown authority, by STARTTLS',
    over: { ca: undefined },
    class: 'configuration',
    scope: 'relay',
  },
  {
    title: 'a certificate of an unknown authority, by TLS',
    tls: 'implicit',
    over: { security: 'tls', ca: undefined },
    class: 'configuration',
    scope: 'relay',
  },
  { title: 'no STARTTLS where it is required', tls: 'none', class: 'configuration', scope: 'relay' },
  {
    title: 'TLS wanted of a relay that speaks none',
    tls: 'none',
    over: { security: 'tls' },
    class: 'configuration',
    scope: 'relay',
  },
  { title: 'an unknown host name', over: { host: 'relay.tenantry.invalid' }, class: 'configuration', scope: 'relay' },
]

for (const { title, fault, over, tls = 'starttls', ...expected } of bad) {
  test(`It is ${expected.class} for the ${expected.scope}: ${title}`, async (t) => {
    const needsAccount = title.includes('password') || title.includes('credentials')
    await using relay = await startMail({ tls, ...(needsAccount ? { account } : {}) })
    if (fault !== undefined) relay.fault(fault)
    const error = await t.throwsAsync(send(settingsFor(relay, over)), { instanceOf: MailError })
    t.like(error, { class: expected.class, scope: expected.scope }, error.message)
    if (expected.code !== undefined) t.is(error.code, expected.code)
    t.log(error.message)
    t.false(error.message.includes(account.password))
  })
}

test('It is transient for the relay: nobody listens', async (t) => {
  const relay = await startMail()
  await relay.down()
  const error = await t.throwsAsync(send(settingsFor(relay)), { instanceOf: MailError })
  t.like(error, { class: 'transient', scope: 'relay' }, error.message)
  await relay.up()
  await send(settingsFor(relay))
  t.is((await relay.all()).length, 1)
  await relay.stop()
})

test('An abort ends a send that hangs, at once, and its connection', async (t) => {
  let gone: () => void = () => {}
  const closed = new Promise<void>((resolve) => (gone = resolve))
  const silent = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('close', gone)
    socket.resume()
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const stop = new AbortController()
  silent.once('connection', () => stop.abort())
  const settings: SmtpSettings = { host: '127.0.0.1', port, security: 'none', from }
  await t.throwsAsync(send(settings, stop.signal), { instanceOf: MailError })
  await closed
  silent.close()
})

test('Without a relay configured each send says what to set', async (t) => {
  const error = await t.throwsAsync(createUnconfiguredMailer().send(message, new AbortController().signal))
  t.like(error, { class: 'configuration' })
  t.regex(error.message, /smtp\.host and smtp\.from\.address/)
})
