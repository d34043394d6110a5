/** People's names from many scripts: as they are written, in bodies, headers and on the page. */
import test from 'ava'
import PostalMime from 'postal-mime'
import { compose } from '../../../operator/mail/compose.ts'
import { displayName } from '../../../operator/mail/header-text.ts'
import { inviteMessage, variablesOf } from '../../../operator/mail/message.ts'
import { oneLine } from '../../../operator/mail/one-line.ts'
import { loadTemplates } from '../../../operator/mail/templates.ts'
import { fc } from '../../random.ts'
import { inviteFacts } from './facts.ts'

const names: Readonly<Record<string, string>> = {
  'Sinhala, with ZWJ behind the virama': '\u0dc1\u0dca\u200d\u0dbb\u0dd3 \u0dbd\u0d82\u0d9a\u0dcf',
  'Persian, with ZWNJ': '\u0645\u06cc\u200c\u0646\u0627 \u0639\u0644\u06cc\u200c\u067e\u0648\u0631',
  'Kurdish, with ZWNJ at the end of a word':
    '\u0646\u0647\u200c\u0633\u0631\u06cc\u0646 \u0698\u0627\u0644\u0647\u200c',
  'Malayalam, with an old chillu at the end': '\u0d05\u0d28\u0d3f\u0d32\u0d4d\u200d',
  'Marathi, with an eyelash ra': '\u0926\u0930\u094d\u200d\u092f\u093e',
  'a soft hyphen': 'Anna L\u00fcden\u00adscheidt',
  'a family': '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466} Roe',
  'a farmer with a skin tone': '\u{1f469}\u{1f3fd}\u200d\u{1f33e}',
  'a rainbow flag': '\u{1f3f3}\ufe0f\u200d\u{1f308}',
  'the flag of Scotland': 'Eilidh \u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
  'the flag of Japan': '\u{1f1ef}\u{1f1f5} \u5c71\u7530',
  'an Arabic number sign': '\u0623\u062d\u0645\u062f \u0600\u0661',
}

for (const [what, name] of Object.entries(names)) {
  test(`A name goes through as it is written: ${what}`, async (t) => {
    t.is(oneLine(name), name)
    t.is(displayName(name), name)
    const facts = inviteFacts({ firstName: name, lastName: undefined, tenantName: name })
    const message = inviteMessage(facts, loadTemplates().invite)
    t.true(message.text.includes(`Hello ${name},`))
    t.true(message.html.includes(name))
    t.is(variablesOf(facts).recipientName, name)
    const mail = await PostalMime.parse(await compose(message, { name, address: 'a@b.cc' }, 0))
    t.is(mail.to?.[0]?.name, name)
    t.is(mail.from?.name, name)
    t.true(mail.subject?.endsWith(name))
    t.true(mail.text?.includes(`Hello ${name},`))
  })
}

const cleaned: readonly (readonly [string, string])[] = [
  ['\u202egnp.exe', 'gnp.exe'],
  ['Ann\u2066 Roe\u2069', 'Ann Roe'],
  ['Ann\u202d\u202c Roe\u200f\u200e\u061c', 'Ann Roe'],
  ['\u200d\u200cAnn \u200dRoe', 'Ann Roe'],
  ['Ann\u200d\u200d\u200dRoe', 'Ann\u200dRoe'],
  ['Ann\u200bRoe\ufeff\u2060', 'AnnRoe'],
  ['Ann\u{e0041}\u{e007f}', 'Ann'],
  ['\u{1f3f4}\u{e0067}', '\u{1f3f4}'],
  ['\u200d\u200d', ''],
  ['a\nb\u2028c', 'a b c'],
  ['"Ann" <ann@example.com>', '"Ann" <ann@example.com>'],
]

for (const [given, line] of cleaned) {
  test(`${JSON.stringify(given)} reads ${JSON.stringify(line)}`, (t) => t.is(oneLine(given), line))
}

test('No text turns the direction around or has two lines, and a line stays as it is', (t) => {
  const parts = [
    '\u202e',
    '\u2066',
    '\u200d',
    '\u200c',
    '\u00ad',
    'a',
    ' ',
    '\n',
    '\u{1f3f4}',
    '\u{e0067}',
    '\u{e007f}',
  ]
  const odd = fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((each) => each.join(''))
  fc.assert(
    fc.property(fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
      const line = oneLine(text)
      t.false(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u200b\ufeff]/u.test(line))
      t.true(line.isWellFormed())
      t.is(oneLine(line), line)
    }),
    { numRuns: 2000 },
  )
})
