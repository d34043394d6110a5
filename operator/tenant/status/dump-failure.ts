/** A failed last dump: the cause, and what a person can do about it. Pure. */
import { completed, failures, failureVerdict } from '../../api/failures.ts'
import type { FailureFacts, FailureName } from '../../api/failures.ts'
import { correctsWhatIsTold, removalFacts } from '../../api/failures-dump.ts'
import { annotations } from '../../api/names.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { DumpFailure } from '../../dump/port.ts'

/** The verdict on a failed last dump: the same from attempt to attempt. */
export function lastDumpFailed(failure: DumpFailure, server: string, told?: string): Verdict {
  const facts = { server, ...removalFacts }
  const message = `${causeOf(failure, facts, told)} The data is kept. ${wayOutOf(failure, facts, told)}`
  return { reason: failures[rowOf[failure]].reason, message }
}

/** The removal has begun, and its last dump is no longer at this path. */
export function lastDumpGone(path: string): Verdict {
  return failureVerdict('DumpGone', { name: path, ...removalFacts })
}

/** The same for a rehearsal, which is not retried automatically. */
export function rehearsalFailed(failure: DumpFailure, server: string, told?: string): Verdict {
  const again = `To rehearse the dump again, set the annotation ${annotations.dumpRehearsalRequestedAt} to a new value.`
  const facts = { server, again }
  const message = `A last dump of the tenant would fail now. ${causeOf(failure, facts, told)} ${wayOutOf(failure, facts, told)}`
  return { reason: failures[rowOf[failure]].reason, message }
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
