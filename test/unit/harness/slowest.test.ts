import test from 'ava'
import { slowest, timesOf } from '../../harness/slowest.ts'

const lines = `{"file":"file:///work/test/unit/a.test.ts","seconds":1.4}
{"file":"file:///work/test/faults/b.test.ts","seconds":90.2}
{"file":"file:///work/test/unit/c.test.ts","seconds":2.2}
{"file":"file:///tmp/made.ts","seconds":5}
`

test('each line is a file below test/ and its seconds', (t) => {
  const times = timesOf(lines, '/work')
  t.deepEqual(times[1], { file: 'test/faults/b.test.ts', seconds: 90.2 })
  t.is(times.length, 3)
  t.deepEqual(timesOf('', '/work'), [])
})

test('the table has the sum of each suite, then the slowest files, the slowest first', (t) => {
  t.deepEqual(slowest(timesOf(lines, '/work'), 2).split('\n'), [
    'Time of the test files, which ran side by side:',
    '     4 s  test/unit, 2 files',
    '    90 s  test/faults, 1 files',
    'The slowest 2:',
    '    90 s  test/faults/b.test.ts',
    '     2 s  test/unit/c.test.ts',
  ])
})
