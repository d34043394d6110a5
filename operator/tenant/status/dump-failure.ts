/** A failed last dump: the cause, and what a person can do about it. Pure. */
import { completed, failures } from '../../api/failures.ts'
import type { FailureFacts, FailureName } from '../../api/failures.ts'
import { correctsWhatIsTold, removalFacts } from '../../api/failures-dump.ts'
import { annotations } from '../../api/names.ts'
import type { DumpFailure } from '../../dump/port.ts'

/** The message of a failed last dump: the same from attempt to attempt. */
export function sentence(reason: DumpFailure, server: string, told?: string): string {
  const facts = { server, ...removalFacts }
  return `${causeOf(reason, facts, told)} The data is kept. ${wayOutOf(reason, facts, told)}`
}

/** The same for a rehearsal, which is not retried automatically. */
export function rehearsalFailed(reason: DumpFailure, server: string, told?: string): string {
  const again = `ask for another rehearsal by the annotation ${annotations.dumpRehearsalRequestedAt}`
  const facts = { server, again, or: '' }
  return `A last dump of the tenant would fail now. ${causeOf(reason, facts, told)} ${wayOutOf(reason, facts, told)}`
}

function causeOf(reason: DumpFailure, facts: FailureFacts, told: string | undefined): string {
  const cause = completed(failures[rowOf[reason]].sentence, facts)
  return told === undefined ? cause : `${cause} ${told}`
}

function wayOutOf(reason: DumpFailure, facts: FailureFacts, told: string | undefined): string {
  const isTold = told !== undefined && tells.has(reason)
  return completed(isTold ? correctsWhatIsTold : failures[rowOf[reason]].remedy, facts)
}

/** Failures whose reported cause says what to correct. */
const tells: ReadonlySet<DumpFailure> = new Set(['DumpRefused', 'RestoreRefused', 'RestoreDiffers', 'NameTaken'])

const rowOf = {
  NoTarget: 'DumpNoTarget',
  NoClient: 'DumpNoClient',
  ServerUnavailable: 'DumpServerUnavailable',
  NameTaken: 'DumpNameTaken',
  DumpRefused: 'DumpUnreadable',
  RestoreRefused: 'DumpNotRestored',
  RestoreDiffers: 'DumpDiffers',
  Interrupted: 'DumpInterrupted',
  TimedOut: 'DumpTimedOut',
  TargetFull: 'DumpTargetFull',
  TargetRefused: 'DumpTargetRefused',
  TargetUnavailable: 'DumpTargetUnavailable',
  Unknown: 'DumpFailedOtherwise',
} as const satisfies Record<DumpFailure, FailureName>
