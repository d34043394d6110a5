import test from 'ava'
import { fails, table } from '../../../bench/figures.ts'
import { median, percentile } from '../../../bench/statistics.ts'

test('a figure is good, good enough, or not as it must be; one that is no number fails', (t) => {
  const figure = (value: number) => ({ name: 'restart', value, unit: 'ms', must: 5000, aim: 1500 }) as const
  const marks = [1000, 2000, 6000, Number.NaN].map((value) =>
    table([figure(value)])
      .split('\n')[1]
      ?.charAt(0),
  )
  t.deepEqual(marks, ['✔', '~', '✘', '✘'])
  t.deepEqual(
    [2000, 6000, Number.NaN].map((value) => fails(figure(value))),
    [false, true, true],
  )
  t.false(fails({ name: 'burst, floor', value: 6000, unit: 'ms' }))
})

test('the median is of the sorted values', (t) => {
  t.is(median([30, 4, 100]), 30)
  t.is(percentile([1, 2, 3, 4], 0.99), 4)
})
