import test from 'ava'
import { fc } from '../../random.ts'
import { displayName, headerText } from '../../../operator/mail/header-text.ts'

for (const [given, text, name] of [
  ['Jane Doe', 'Jane Doe', 'Jane Doe'],
  ['  Jane \t Doe\r\nBcc: x@y.zz ', 'Jane Doe Bcc: x@y.zz', 'Jane Doe Bcc: x y.zz'],
  ['\u202egnp.exe', 'gnp.exe', 'gnp.exe'],
  ['a\u2028b\u0085c\0d', 'a b c d', 'a b c d'],
  ['Billing <billing@bank.example>', 'Billing <billing@bank.example>', 'Billing billing bank.example'],
  ['broken \ud800 half', 'broken \ufffd half', 'broken \ufffd half'],
  ['', '', ''],
] as const) {
  test(`${JSON.stringify(given)} becomes ${JSON.stringify(text)}, and ${JSON.stringify(name)} as a name`, (t) => {
    t.is(headerText(given), text)
    t.is(displayName(given), name)
  })
}

test('Any text becomes one line without control characters and changes of direction, of at most the length asked for', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const line = headerText(text, 50)
      t.false(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(line) || !line.isWellFormed())
      t.true(Array.from(line).length <= 50)
      t.is(headerText(line, 50), line)
    }),
    { numRuns: 1000 },
  )
})
