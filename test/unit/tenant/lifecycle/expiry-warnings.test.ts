/** The warnings before an expiry: which are due, which were given, and when the next look is. */
import test from 'ava'
import { nextExpiryLook, warningsAt } from '../../../../operator/tenant/lifecycle/expiry-warnings.ts'

const day = 86_400_000
const start = Date.UTC(2030, 0, 1)
const at = (days: number): string => new Date(start + days * day).toISOString().replace('.000Z', 'Z')

const given = (...days: number[]) => days.map((daysBefore) => ({ daysBefore, expiresAt: at(100), sentAt: at(0) }))
const rows: readonly (readonly [string, number, ReturnType<typeof given>, readonly number[]])[] = [
  ['long before', 31, [], []],
  ['thirty days before, to the second', 30, [], [30]],
  ['a tenant that is made five days before', 5, [], [7]],
  ['a tenant that is made in its last hour', 1 / 24, [], [1]],
  ['seven days before, after the first', 7, given(30), [30, 7]],
  ['six days before, told already', 6, given(30, 7), [30, 7]],
  ['nobody looked from before the first to after the second', 2, [], [7]],
  ['nobody looked until the last', 0.5, given(30), [30, 1]],
  ['the clock was set back after a warning', 20, given(7), [7]],
  ['in the very moment of the end', 0, given(30, 7), [30, 7]],
  ['after the end', -3, [], []],
]

for (const [what, daysLeft, before, expected] of rows)
  test(`warnings: ${what}`, (t) => {
    const now = start + (100 - daysLeft) * day
    const warnings = warningsAt({ at: start + 100 * day, remedy: '' }, before, true, now)
    t.deepEqual(
      warnings.map(({ daysBefore }) => daysBefore),
      expected,
    )
    t.deepEqual(warnings.slice(0, before.length), before)
  })

test('warnings: those of another date are forgotten, one that rests is not warned, one without a date never', (t) => {
  const expiry = { at: start + 120 * day, remedy: '' }
  t.deepEqual(warningsAt(expiry, given(30, 7), true, start), [])
  t.deepEqual(warningsAt(expiry, [], false, start + 119.5 * day), [])
  t.deepEqual(warningsAt(undefined, given(30), true, start), [])
})

test('it is looked at again at each warning and at the end, and never after it', (t) => {
  const expiry = { at: start + 40 * day, remedy: '' }
  const looks: number[] = []
  for (let now = start, left = nextExpiryLook(expiry, now); left !== undefined; left = nextExpiryLook(expiry, now))
    looks.push((now += left))
  t.deepEqual(
    looks.map((look) => (look - start) / day),
    [10, 33, 39, 40],
  )
  t.is(nextExpiryLook(undefined, start), undefined)
})
