import test from 'ava'
import { fc } from '../../random.ts'

import { canonicalQuantity, quantityValue } from '../../../operator/domain/quantity.ts'

const same: readonly (readonly [string, string])[] = [
  ['1', '1000m'],
  ['0.5', '500m'],
  ['1Gi', '1024Mi'],
  ['1.5Gi', '1536Mi'],
  ['1e3', '1k'],
  ['1E3', '1000'],
  ['12E-1', '1.2'],
  ['+2', '2'],
  ['-0', '0'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['0.1n', '1n'],
  ['1E', '1000P'],
]
for (const [one, other] of same) {
  test(`${one} is ${other}`, (t) => t.is(canonicalQuantity(one), canonicalQuantity(other)))
}

test('different quantities stay different', (t) => {
  const all = ['1', '2', '1m', '1Mi', '1M', '-1', '10', '1k', '1Ki']
  t.is(new Set(all.map(canonicalQuantity)).size, all.length)
})

test('what is no quantity equals only itself', (t) => {
  for (const text of ['', 'one', '1X', '1 Gi', 'Gi', '.', '1e', '0x10']) t.is(canonicalQuantity(text), text)
})

test('any number of milli-units is the same in whatever spelling', (t) => {
  const whole = fc.nat({ max: 10 ** 9 })
  fc.assert(fc.property(whole, (n) => canonicalQuantity(`${n}m`) === canonicalQuantity(`${n * 1000}u`)))
  fc.assert(fc.property(whole, (n) => canonicalQuantity(n) === canonicalQuantity(`${n}000m`)))
  fc.assert(fc.property(whole, (n) => canonicalQuantity(`${n}Ki`) === canonicalQuantity(n * 1024)))
  t.pass()
})

for (const [text, bytes] of [
  ['10Gi', 10 * 2 ** 30],
  ['1500M', 1_500_000_000],
  ['0.5', 0],
  ['2e3', 2000],
  ['much', undefined],
] as const)
  test(`${text} is ${bytes} bytes`, (t) => t.is(quantityValue(text), bytes))
