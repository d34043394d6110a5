/** A failed last dump, and a failed rehearsal: the cause and the way out; a removal says that the data is kept. */
import test from 'ava'
import type { DumpFailure } from '../../../../operator/dump/port.ts'
import { lastDumpFailed, lastDumpGone, rehearsalFailed } from '../../../../operator/tenant/status/dump-failure.ts'

/** Whether a cause that is told says what to correct. */
const reasons: readonly (readonly [DumpFailure, boolean])[] = [
  ['NoTarget', false],
  ['NoClient', false],
  ['ServerUnavailable', false],
  ['NameTaken', true],
  ['DumpRefused', true],
  ['RestoreRefused', true],
  ['RestoreDiffers', true],
  ['Interrupted', false],
  ['TimedOut', false],
  ['TargetFull', false],
  ['TargetRefused', false],
  ['TargetUnavailable', false],
  ['Unknown', false],
]

for (const [reason, corrects] of reasons)
  test(`${reason}: every place is filled in, and a removal keeps the data`, (t) => {
    const [removal, rehearsal] = [lastDumpFailed(reason, 'main').message, rehearsalFailed(reason, 'main').message]
    for (const each of [removal, rehearsal]) t.notRegex(each, /[{}]|undefined|\.\.| {2}/)
    t.true(removal.includes('The data is kept.'))
    t.false(rehearsal.includes('The data is kept.'))
    t.false(rehearsal.includes('skip-final-dump'), 'a rehearsal removes nothing')
    const told = lastDumpFailed(reason, 'main', 'The role x owns it.').message
    t.true(told.includes('The role x owns it. The data is kept.'))
    t.is(told.includes('Correct that'), corrects)
  })

test('what a rehearsal waits for is another annotation, as it is not retried', (t) => {
  t.regex(rehearsalFailed('TargetFull', 'main').message, /dump-rehearsal-requested-at/)
})

test('a dump that is gone after the removal began is named by its path', (t) => {
  t.regex(lastDumpGone('acme/1.dump').message, /acme\/1\.dump/)
})
