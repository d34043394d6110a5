import test from 'ava'
import { rowsOf, tableOf } from '../../faults/sweep-table.ts'

const well = { reached: true, problem: undefined }

test('a row for each life: what came to the same end, what did not, what was not met, and the times', (t) => {
  const rows = rowsOf([
    { life: 'Purge', ...well, recovery: 900.4, start: 1200 },
    { life: 'Purge', ...well, recovery: 2000, start: 1500.2 },
    { life: 'Purge', ...well, recovery: 1000, start: 900 },
    { life: 'Purge', reached: false, problem: undefined, recovery: undefined, start: undefined },
    { life: 'rename', reached: true, problem: '- what should be', recovery: 100, start: undefined },
  ])
  t.deepEqual(rows, [
    { life: 'Purge', points: 4, same: 3, differ: 0, missed: 1, median: 1000, slowest: 2000, afterReady: 500 },
    { life: 'rename', points: 1, same: 0, differ: 1, missed: 0, median: 100, slowest: 100, afterReady: 0 },
  ])
})

test('the table has columns of one width, numbers to the right', (t) => {
  const [row] = rowsOf([{ life: 'Rotate', ...well, recovery: 12, start: 5 }])
  t.truthy(row)
  t.deepEqual(tableOf(row === undefined ? [] : [row]).split('\n'), [
    'life    points  same end state  other  not met  median ms  slowest ms  after ready ms',
    'Rotate       1               1      0        0         12          12               7',
  ])
})
