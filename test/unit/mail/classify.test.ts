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
  ['a full mailbox', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 452 }, 'transient', 'message'],
  ['421 at the recipient', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 421 }, 'transient', 'relay'],
  [
    'relaying denied without authentication',
    { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 530 },
    'configuration',
    'relay',
  ],
  ['content refused', { code: 'EMESSAGE', command: 'DATA', responseCode: 554 }, 'permanent', 'message'],
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

test('The relay is quoted on one line of printable ASCII', (t) => {
  const error = classify({ command: 'RCPT TO', responseCode: 550, response: '550 5.1.1 no\r\nsuch\u0007 üser ' })
  t.is(error.message, 'The mail relay refused the address: 550 5.1.1 no such ser')
})
