import test from 'ava'
import { fc } from '../../random.ts'
import { parseDuration } from '../../../operator/api/duration.ts'

const table = [
  ['30d', 30 * 86_400_000],
  ['12h', 12 * 3_600_000],
  ['1h30m', 5_400_000],
  ['1d1h1m1s', 90_061_000],
  ['90s', 90_000],
  ['1d5s', 86_405_000],
] as const

for (const [text, milliseconds] of table) {
  test(`${text} is ${milliseconds} ms`, (t) => {
    t.is(parseDuration(text), milliseconds)
  })
}

for (const text of ['', '30', '0d', '1m1h', '1.5h', '-1h', '1h ', '1ms', '1w', '01h', '100000d']) {
  test(`"${text}" is no duration`, (t) => {
    t.throws(() => parseDuration(text), { instanceOf: RangeError })
  })
}

test('what its parts are worth is what the whole is worth', (t) => {
  const part = fc.option(fc.integer({ min: 1, max: 99_999 }), { nil: 0 })
  fc.assert(
    fc.property(part, part, part, part, (d, h, m, s) => {
      const units = { d, h, m, s }
      const text = Object.entries(units)
        .map(([unit, count]) => (count === 0 ? '' : `${count}${unit}`))
        .join('')
      fc.pre(text !== '')
      return parseDuration(text) === (((d * 24 + h) * 60 + m) * 60 + s) * 1000
    }),
  )
  t.pass()
})
