import test from 'ava'
import { fc } from '../../random.ts'
import PostalMime from 'postal-mime'
import { compose, headerSet } from '../../../operator/mail/compose.ts'
import { displayName } from '../../../operator/mail/header-text.ts'
import { inviteMessage, longDate } from '../../../operator/mail/message.ts'
import { loadTemplates } from '../../../operator/mail/templates.ts'
import { inviteFacts } from './facts.ts'

const templates = loadTemplates().invite
const sender = { name: 'Tenantry', address: 'no-reply@mail.example.com' }

test('The Message-ID follows from uid and sequence alone', (t) => {
  const one = inviteMessage(inviteFacts(), templates)
  const again = inviteMessage(inviteFacts({ tenantName: 'Renamed', email: 'other@example.com' }), templates)
  t.is(one.messageId, '<invite.0b7c6f9e-2f0c-4d47-9f14-2f7a3f0f7c11.1@mail.example.com>')
  t.is(again.messageId, one.messageId)
  t.not(inviteMessage(inviteFacts({ sequence: 2 }), templates).messageId, one.messageId)
})

test('HTML and text say who invites to what, until when, why, and hold the link', (t) => {
  const { html, text, subject } = inviteMessage(inviteFacts(), templates)
  t.is(subject, 'Northwind MSP invites you to Blue Harbor Logistics')
  for (const body of [html.replaceAll('&#x3D;', '='), text]) {
    for (const said of [
      'Jane Doe',
      'Northwind MSP',
      'Blue Harbor Logistics',
      'an administrator',
      '29 November 2026, 14:05 UTC',
      'https://admin.example.com/accept?token=AbC-_123',
      'You received this mail because',
      'jane.doe@example.com',
    ])
      t.true(body.includes(said), said)
  }
})

test('The greeting falls back to the username', (t) => {
  const message = inviteMessage(inviteFacts({ firstName: undefined, lastName: undefined }), templates)
  t.is(message.toName, 'jane')
  t.true(message.text.startsWith('Hello jane,'))
})

test('The link is in the body only', async (t) => {
  const raw = (await compose(inviteMessage(inviteFacts(), templates), sender, 0)).toString('latin1')
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
  t.false(head.includes('AbC-_123'))
})

test('Markup in names is text in the mail', (t) => {
  const evil = '<img src=x onerror=alert(1)>"\'{{acceptUrl}}'
  const { html } = inviteMessage(
    inviteFacts({ tenantName: evil, inviterName: evil, firstName: evil, username: evil }),
    templates,
  )
  t.false(html.includes('<img'))
  t.false(/token=AbC-_123[^<"]*onerror/.test(html))
})

for (const [milliseconds, words] of [
  [Date.UTC(2026, 0, 1), '1 January 2026'],
  [Date.UTC(2028, 1, 29, 23, 59, 59), '29 February 2028'],
] as const) {
  test(`${new Date(milliseconds).toISOString()} reads ${words}`, (t) => t.is(longDate(milliseconds), words))
}

/** Names as an attacker would choose them, besides any text at all. */
const names = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 120 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 120 }) },
  fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\u2028',
        '\u0085',
        '\0',
        '\u202e',
        'Bcc: evil@example.net',
        'To: ',
        '<evil@example.net>',
        '"',
        '\\',
        ',',
        ';',
        ':',
        '=?utf-8?B?DQpCY2M6IGV2aWxAZXhhbXBsZS5uZXQ=?=',
        '=?utf-8?Q?=0D=0ABcc:_x@y.zz?=',
        '@',
        '(',
        ')',
        '\ud800',
        '名前',
        '🐘',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
)

function headerNames(raw: string): string[] {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
  return head
    .split('\r\n')
    .filter((line) => !/^[ \t]/.test(line))
    .map((line) => line.slice(0, line.indexOf(':')))
}

test('Any display name leaves exactly the fixed headers, one recipient and seven-bit lines that are not too long', async (t) => {
  t.timeout(120_000)
  let runs = 0
  await fc.assert(
    fc.asyncProperty(names, names, async (firstName, tenantName) => {
      const facts = inviteFacts({ firstName, lastName: undefined, tenantName, inviterName: tenantName })
      const message = { ...inviteMessage(facts, templates), html: '<p>x</p>', text: 'x' }
      const raw = (await compose(message, { ...sender, name: tenantName }, 0)).toString('latin1')
      const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
      if (/[^\x20-\x7e\r\n\t]/.test(head)) throw new Error(`not printable ASCII: ${JSON.stringify(head)}`)
      if (head.split('\r\n').some((line) => line.length > 998)) throw new Error('a header line is too long')
      const found = headerNames(raw).toSorted()
      if (found.join() !== [...headerSet].toSorted().join()) throw new Error(`headers: ${found.join()}`)
      // A second reader's opinion, on a sample: it is slow.
      if ((runs += 1) % 10 !== 0) return
      const mail = await PostalMime.parse(raw)
      const addresses = (mail.to ?? []).map((each) => each.address)
      if (addresses.join() !== facts.email) throw new Error(`to: ${JSON.stringify(mail.to)} of ${head}`)
      if (mail.from?.address !== sender.address) throw new Error(`from: ${JSON.stringify(mail.from)}`)
    }),
    { numRuns: 10_000 },
  )
  t.pass()
})

test('A display name survives the way when there is nothing dangerous in it', async (t) => {
  for (const name of ['Jane Doe', 'Zoë Müller', '山田 太郎', "O'Brien, Pat", 'Dr. J. (Joe) Roe', '🐘 Postgres']) {
    const message = { ...inviteMessage(inviteFacts({ firstName: name, lastName: undefined }), templates) }
    const mail = await PostalMime.parse(await compose(message, sender, 0))
    t.is(mail.to?.[0]?.name, displayName(name))
    t.is(displayName(name), name)
  }
})
