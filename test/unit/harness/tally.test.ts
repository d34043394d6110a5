import test from 'ava'
import { add, count, nothing, summary } from '../../harness/tally.ts'

const passing = '\n  ✔ one › counts marks\n  ✔ two (1.2s)\n    ℹ a log line with ✔ in it\n  ─\n\n  2 tests passed\n'
const failing = '  ✔ one\n  ✘ [fail]: two Error\n  - [skip] three\n  ─\n\n  two\n\n  1 test failed\n'

test('each ✔ at the beginning of a line is one test that passed', (t) => {
  t.deepEqual(count(passing, 0), { passed: 2, failed: 0, failures: [], marks: [] })
})

test('each ✘ is one that failed, and a skipped one is neither', (t) => {
  t.like(count(failing, 1), { passed: 1, failed: 1 })
})

test('colours do not hide a mark', (t) => {
  t.deepEqual(count('\u001B[32m  ✔\u001B[39m one\n', 0), { passed: 1, failed: 0, failures: [], marks: [] })
})

test('an end with an error and without any ✘ is a failure', (t) => {
  t.like(count(passing, 1), { passed: 2, failed: 1 })
})

test('the summary adds the suites up, says once more what failed in whichever, and ends with the names', (t) => {
  const total = add(add(nothing, count(failing, 1)), count(passing, 0))
  t.is(summary(total), '  ─\n\n  two\n\n  1 test failed\n\n  ✘ [fail]: two Error\n3 passed, 1 failed')
  t.is(summary(count(passing, 0)), '2 passed, 0 failed')
})
