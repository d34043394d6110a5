import test from 'ava'
import { classify } from '../../../operator/mail/classify.ts'
import type { SmtpFailure } from '../../../operator/mail/classify.ts'
import type { MailErrorClass, MailErrorScope } from '../../../operator/mail/port.ts'

const table: readonly (readonly [string, SmtpFailure, MailErrorClass, MailErrorScope])[] = [
  [
    'a connection that is refused',
    { code: 'ESOCKET', originalCode: 'ECONNREFUSED', command: 'CONN' },
    'transient',
    'relay',
  ],
  [
    'a connection that is reset',
    { code: 'ESOCKET', originalCode: 'ECONNRESET', command: 'CONN' },
    'transient',
    'relay',
  ],
  ['a connection that ends early', { code: 'ECONNECTION', command: 'CONN' }, 'transient', 'relay'],
  ['silence', { code: 'ETIMEDOUT', command: 'CONN' }, 'transient', 'relay'],
  ['a name that is unknown', { code: 'EDNS', originalCode: 'ENOTFOUND', command: 'CONN' }, 'configuration', 'relay'],
  [
    'a resolver that is out of order',
    { code: 'EDNS', originalCode: 'EAI_AGAIN', command: 'CONN' },
    'transient',
    'relay',
  ],
  [
    'a certificate of nobody we trust',
    { code: 'ESOCKET', originalCode: 'SELF_SIGNED_CERT_IN_CHAIN', command: 'CONN' },
    'configuration',
    'relay',
  ],
  [
    'a certificate for another name',
    { code: 'ESOCKET', originalCode: 'ERR_TLS_CERT_ALTNAME_INVALID', command: 'CONN' },
    'configuration',
    'relay',
  ],
  ['TLS that fails after STARTTLS', { code: 'ETLS', command: 'STARTTLS' }, 'configuration', 'relay'],
  ['a connection lost during STARTTLS', { code: 'ETLS', command: 'CONN' }, 'transient', 'relay'],
  ['STARTTLS not offered', { code: 'ETLS', command: 'STARTTLS', responseCode: 502 }, 'configuration', 'relay'],
  ['STARTTLS not for now', { code: 'ETLS', command: 'STARTTLS', responseCode: 454 }, 'transient', 'relay'],
  ['a greeting of 554', { code: 'EPROTOCOL', command: 'CONN', responseCode: 554 }, 'configuration', 'relay'],
  ['a greeting of 421', { code: 'EPROTOCOL', command: 'CONN', responseCode: 421 }, 'transient', 'relay'],
  ['wrong credentials', { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }, 'configuration', 'relay'],
  [
    'credentials that cannot be checked',
    { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 454 },
    'transient',
    'relay',
  ],
  ['no mechanism in common', { code: 'EAUTH', command: 'API' }, 'configuration', 'relay'],
  [
    'authentication asked for',
    { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 530 },
    'configuration',
    'relay',
  ],
  [
    'a sender that is refused',
    { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 550 },
    'configuration',
    'relay',
  ],
  ['a sender put off', { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 451 }, 'transient', 'relay'],
  ['an unknown mailbox', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }, 'permanent', 'message'],
  ['a mailbox name not allowed', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 553 }, 'permanent', 'message'],
  ['greylisting', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 450 }, 'transient', 'message'],
  [
    'a mailbox that is full for now',
    { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 452 },
    'transient',
    'message',
  ],
  ['421 at the recipient', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 421 }, 'transient', 'relay'],
  [
    'relaying denied without authentication',
    { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 530 },
    'configuration',
    'relay',
  ],
  ['content refused', { code: 'EMESSAGE', command: 'DATA', responseCode: 554 }, 'configuration', 'tenant'],
  ['content put off', { code: 'EMESSAGE', command: 'DATA', responseCode: 451 }, 'transient', 'message'],
]

for (const [title, failure, errorClass, scope] of table) {
  test(`${title} is ${errorClass} and concerns the ${scope}`, (t) => {
    const error = classify(failure)
    t.is(error.class, errorClass)
    t.is(error.scope, scope)
    t.is(error.code, failure.responseCode)
  })
}

type Answer = readonly [text: string, errorClass: MailErrorClass, scope: MailErrorScope, slow?: 'slow']

/** As Postfix, Exchange, Exchange Online, Gmail, SES, Sendmail and qmail answer. */
const atRecipient: readonly Answer[] = [
  ['550 5.1.1 <a@b.cc>: Recipient address rejected: User unknown', 'permanent', 'message'],
  ['553 5.1.2 We do not know the host', 'permanent', 'message'],
  ['501 5.1.3 Bad recipient address syntax', 'permanent', 'message'],
  ['550 5.1.10 RESOLVER.ADR.RecipientNotFound', 'permanent', 'message'],
  ['556 5.1.10 Recipient address has null MX', 'permanent', 'message'],
  ['550 5.2.0 Mailbox unavailable', 'permanent', 'message'],
  ['550 5.2.1 The email account that you tried to reach is disabled', 'permanent', 'message'],
  ['550 5.4.1 Recipient address rejected: Access denied', 'permanent', 'message'],
  ['550 5.0.0 Something', 'permanent', 'message'],
  ['554 5.0.0 Service unavailable', 'configuration', 'tenant'],
  ['551 5.0.0 We do not relay', 'configuration', 'tenant'],
  ['552 5.0.0 Mailbox full', 'transient', 'message', 'slow'],
  ['550 No such user here', 'permanent', 'message'],
  ['553 Mailbox name not allowed', 'permanent', 'message'],
  ['553 5.1.8 <x@y.zz>: Sender address rejected: Domain not found', 'configuration', 'tenant'],
  ['553 5.1.7 Bad sender', 'configuration', 'tenant'],
  ['554 5.7.1 <a@b.cc>: Relay access denied', 'configuration', 'tenant'],
  ['550 5.7.1 Client host blocked using a block list', 'configuration', 'tenant'],
  ['504 5.5.2 <[127.0.0.1]>: Helo command rejected: need fully-qualified hostname', 'configuration', 'tenant'],
  ["553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", 'configuration', 'tenant'],
  ['551 we do not relay', 'configuration', 'tenant'],
  ['554 Relay access denied', 'configuration', 'tenant'],
  ['550-5.4.5 Daily user sending limit exceeded.\n550 5.4.5 See the help', 'transient', 'tenant', 'slow'],
  ['552 5.2.2 <a@b.cc>: user is overquota', 'transient', 'message', 'slow'],
  ['452 4.2.2 The email account that you tried to reach is over quota', 'transient', 'message', 'slow'],
  ['552 Mailbox full', 'transient', 'message', 'slow'],
  ['450 4.7.1 Greylisted', 'transient', 'message'],
  ['451 4.3.0 Temporary lookup failure', 'transient', 'message'],
]

const atData: readonly Answer[] = [
  ['554 5.2.252 SendAsDenied; x@y.zz not allowed to send as', 'configuration', 'tenant'],
  ['550 5.7.60 SMTP; Client does not have permissions to send as this sender', 'configuration', 'tenant'],
  ['550 5.7.26 This mail has been blocked because the sender is unauthenticated', 'configuration', 'tenant'],
  ['554 5.7.1 Message rejected as spam', 'configuration', 'tenant'],
  ['554 Message rejected: Email address is not verified', 'configuration', 'tenant'],
  ['550 5.1.1 The mailbox does not exist', 'permanent', 'message'],
  ['552 5.2.2 Mailbox full', 'transient', 'message', 'slow'],
  ['550 5.4.5 Daily sending quota exceeded', 'transient', 'tenant', 'slow'],
]

for (const [command, answers] of [
  ['RCPT TO', atRecipient],
  ['DATA', atData],
] as const)
  for (const [response, errorClass, scope, slow] of answers)
    test(`${errorClass} for the ${scope}, at ${command}: ${response}`, (t) => {
      const code = command === 'DATA' ? 'EMESSAGE' : 'EENVELOPE'
      const error = classify({ code, command, response, responseCode: Number(response.slice(0, 3)) })
      t.like(error, { class: errorClass, scope, slow: slow === 'slow' })
    })

test('A quota that is met at MAIL FROM is no mistake of the settings', (t) => {
  const response = '550 5.4.5 Daily sending quota exceeded'
  const error = classify({ code: 'EENVELOPE', command: 'MAIL FROM', response, responseCode: 550 })
  t.like(error, { class: 'transient', scope: 'tenant', slow: true, status: '5.4.5' })
})

test('The relay is quoted on one line of printable ASCII', (t) => {
  const error = classify({ command: 'RCPT TO', responseCode: 550, response: '550 5.1.1 no\r\nsuch\u0007 üser ' })
  t.is(error.message, 'The mail relay refused the address: 550 5.1.1 no such ser')
})
