/**
 * The rows of the table of failures for a last dump. `{words}`: what more is known; `{again}`: a sentence on the next dump,
 * and on the way on without one; `{or}`: the latter alone. Pure.
 */
import type { FailureRow } from './failure-row.ts'
import { needsPersonRetriedSeldom, retriesWithPauses } from './failure-row.ts'
import { annotations } from './names.ts'

const dump = { reason: 'DumpFailed', ...needsPersonRetriedSeldom } as const
const logTells = "Correct what the operator's log reports. {again}"
const withoutDump = `To remove the data without a dump, set the annotation ${annotations.skipFinalDump} to the Tenant's name.`

/** `{again}` and `{or}` of a dump before a removal; a rehearsal has another `{again}`. */
export const removalFacts = { again: `${retriesWithPauses} ${withoutDump}`, or: withoutDump } as const

export const failuresOfDumps = {
  DumpNoTarget: {
    when: 'A last dump: no target is configured',
    ...dump,
    sentence: 'No target for dumps is configured.',
    remedy: "Configure one under dumps in the chart's values. {again}",
  },
  DumpNoClient: {
    when: 'A last dump: the image has no pg_dump for the version of the server',
    ...dump,
    sentence: 'There is no pg_dump that fits the version of the DatabaseServer {server}.',
    remedy: "Use an image with a fitting one, or name its folder in dumps.clientFolders of the chart's values. {again}",
  },
  DumpServerUnavailable: {
    when: 'A last dump: the server cannot be used',
    ...dump,
    sentence: 'The DatabaseServer {server} could not be used for the last dump.',
    remedy: logTells,
  },
  DumpNameTaken: {
    when: 'A last dump: a temporary role or database that it needs exists and does not belong to Tenantry',
    ...dump,
    sentence:
      'A role or database that the last dump needs for a while exists on the DatabaseServer {server} and does not belong to Tenantry.',
    remedy: "Rename it; the operator's log has its name. {again}",
  },
  DumpUnreadable: {
    when: 'A last dump: the owner role cannot read an object in the database',
    ...dump,
    sentence: 'The last dump could not be read: something in the database is not open to its owner.',
    remedy: logTells,
  },
  DumpNotRestored: {
    when: 'A last dump: its restore fails',
    ...dump,
    sentence: 'The last dump was taken, but restoring it without special rights failed.',
    remedy: logTells,
  },
  DumpDiffers: {
    when: 'A last dump: the restored data differs',
    ...dump,
    sentence: 'The last dump was taken and restored, but what was restored is not what was dumped.',
    remedy: logTells,
  },
  DumpInterrupted: {
    when: 'A last dump: it was interrupted',
    ...dump,
    sentence: 'The last dump was interrupted.',
    remedy: '{again}',
  },
  DumpTimedOut: {
    when: 'A last dump: it exceeds its time limit',
    ...dump,
    sentence: 'The last dump exceeded its time limit.',
    remedy: "Raise dumps.timeout in the chart's values. {again}",
  },
  DumpTargetFull: {
    when: 'A last dump: the target has no room',
    ...dump,
    sentence: 'The target for dumps has no room.',
    remedy: 'Make room there. {again}',
  },
  DumpTargetRefused: {
    when: 'A last dump: the target refuses writes',
    ...dump,
    sentence: 'The target for dumps refuses to be written.',
    remedy: 'Correct its rights, its name or its credentials. {again}',
  },
  DumpTargetUnavailable: {
    when: 'A last dump: the target cannot be reached',
    ...dump,
    sentence: 'The target for dumps cannot be reached.',
    remedy: 'See that it answers. {again}',
  },
  DumpGone: {
    when: 'A last dump: the removal has begun, and the dump is no longer at its place',
    ...dump,
    sentence: 'The removal had begun, and the last dump is no longer at {name}. The rest of the data is kept.',
    remedy: 'Put the dump back; the removal then continues. {or}',
  },
  DumpFailedOtherwise: {
    when: 'A last dump: any other failure',
    ...dump,
    sentence: 'The last dump failed.',
    remedy: logTells,
  },
} as const satisfies Record<string, FailureRow>

/** In place of the remedy, where what is known more says what to correct. */
export const correctsWhatIsTold = 'Correct that. {again}'
