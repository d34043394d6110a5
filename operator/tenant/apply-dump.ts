/** The action Dump: joins the dump that is under way or begins it, and tells its failure with the way out. */
import { annotations } from '../api/names.ts'
import { DumpError } from '../dump/port.ts'
import type { DumpFailure } from '../dump/port.ts'
import type { DumpJobs } from '../dump/jobs.ts'
import type { DumpAction } from './action.ts'
import type { Pass } from './apply.ts'
import { DumpFailed, DumpUnderWay } from './obstacles.ts'

export interface DumpPorts {
  /** Undefined: no target for dumps is configured. */
  readonly dumps: Pick<DumpJobs, 'join' | 'isThere'> | undefined
}

/** Throws {@link DumpFailed}, {@link DumpUnderWay} where another pass has to look again, or the signal's reason. */
export async function applyDump({ server, target, path }: DumpAction, pass: Pass, { dumps }: DumpPorts): Promise<void> {
  if (dumps === undefined) throw new DumpFailed(sentence('NoTarget', server))
  try {
    if ((await dumps.join({ server, target, path }, pass.signal)) === undefined) throw new DumpUnderWay(path)
  } catch (error) {
    throw error instanceof DumpError ? new DumpFailed(sentence(error.reason, server, error.told)) : error
  }
}

/** The cause, and what a person can do about it: the same from try to try. */
export function sentence(reason: DumpFailure, server: string, told?: string): string {
  const cause = told === undefined ? causes[reason](server) : `${causes[reason](server)} ${told}`
  const wayOut =
    told === undefined || !tells.has(reason) ? waysOut[reason] : 'Mend that, and it is tried again by itself'
  const skip = `or let the data go without a dump by the annotation ${annotations.skipFinalDump} with the Tenant's name`
  return `${cause} The data is kept. ${wayOut}, ${skip}.`
}

/** Where what is told of the cause says what is to be mended. */
const tells: ReadonlySet<DumpFailure> = new Set(['DumpRefused', 'RestoreRefused', 'RestoreDiffers', 'NameTaken'])

const causes: Readonly<Record<DumpFailure, (server: string) => string>> = {
  NoTarget: () => 'No target for dumps is configured.',
  NoClient: (server) => `There is no pg_dump that fits the version of the DatabaseServer ${server}.`,
  ServerUnavailable: (server) => `The DatabaseServer ${server} could not be used for the last dump.`,
  NameTaken: (server) =>
    `A role or database that the last dump needs for a while exists on the DatabaseServer ${server} and is not Tenantry's.`,
  DumpRefused: () => 'The last dump could not be read: something in the database is not open to its owner.',
  RestoreRefused: () => 'The last dump was taken, but restoring it without special rights failed.',
  RestoreDiffers: () => 'The last dump was taken and restored, but what was restored is not what was dumped.',
  Interrupted: () => 'The last dump was interrupted.',
  TimedOut: () => 'The last dump took longer than it may.',
  TargetFull: () => 'The target for dumps has no room.',
  TargetRefused: () => 'The target for dumps refuses to be written.',
  TargetUnavailable: () => 'The target for dumps cannot be reached.',
  Unknown: () => 'The last dump failed.',
}

const logs = "It is tried again by itself; the operator's log says more. Mend what it tells"

const waysOut: Readonly<Record<DumpFailure, string>> = {
  NoTarget: "Configure one under dumps in the chart's values",
  NoClient: "Use an image with a fitting one, or name its folder in dumps.clientFolders of the chart's values",
  ServerUnavailable: logs,
  NameTaken: "Rename what has that name; the operator's log says which",
  DumpRefused: logs,
  RestoreRefused: logs,
  RestoreDiffers: logs,
  Interrupted: 'It is tried again by itself; wait',
  TimedOut: "Raise dumps.timeout in the chart's values",
  TargetFull: 'Make room there, and it is tried again by itself',
  TargetRefused: 'Mend its rights, its name or its credentials, and it is tried again by itself',
  TargetUnavailable: 'It is tried again by itself; see that it answers',
  Unknown: logs,
}
