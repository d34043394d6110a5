import test from 'ava'
import { coarseSize } from '../../../operator/api/size.ts'

const mib = 2 ** 20
const told = (bytes: number, before?: number) => coarseSize(bytes * mib, before && before * mib, 16 * mib) / mib

const table: readonly (readonly [string, number, number | undefined, number])[] = [
  ['nothing at all is the least step', 0, undefined, 16],
  ['an empty database too', 8, undefined, 16],
  ['rounded up', 17, undefined, 32],
  ['by an eighth of its power of two', 1030, undefined, 1152],
  ['told at once when it is more', 33, 32, 48],
  ['not told anew when it is a little less', 31, 48, 48],
  ['told when it is a whole step less', 15, 48, 16],
]

for (const [what, bytes, before, expected] of table)
  test(`a size is told in coarse steps: ${what}`, (t) => t.is(told(bytes, before), expected))

test('one that goes up and down around a step is told once', (t) => {
  let before = told(31)
  const answers = Array.from({ length: 20 }, (_, index) => (before = told(index % 2 === 0 ? 33 : 31, before)))
  t.deepEqual([...new Set(answers)], [48])
})
