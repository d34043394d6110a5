/** A failed last dump: the cause, and what a person can do about it. Pure. */
import { annotations } from '../../api/names.ts'
import type { DumpFailure } from '../../dump/port.ts'

/** The message of a failed last dump: the same from attempt to attempt. */
export function sentence(reason: DumpFailure, server: string, told?: string): string {
  const skip = `or let the data go without a dump by the annotation ${annotations.skipFinalDump} with the Tenant's name`
  return `${causeOf(reason, server, told)} The data is kept. ${wayOutOf(reason, told, 'Tenantry tries again automatically')}, ${skip}.`
}

/** The same for a rehearsal, which is not retried automatically. */
export function rehearsalFailed(reason: DumpFailure, server: string, told?: string): string {
  const again = `ask for another rehearsal by the annotation ${annotations.dumpRehearsalRequestedAt}`
  return `A last dump of the tenant would fail now. ${causeOf(reason, server, told)} ${wayOutOf(reason, told, again)}.`
}

function causeOf(reason: DumpFailure, server: string, told: string | undefined): string {
  return told === undefined ? causes[reason](server) : `${causes[reason](server)} ${told}`
}

function wayOutOf(reason: DumpFailure, told: string | undefined, then: string): string {
  return told === undefined || !tells.has(reason) ? waysOut[reason](then) : `Correct that, and ${then}`
}

/** Failures whose reported cause says what to correct. */
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

const logs = (then: string) => `Correct what the operator's log reports, and ${then}`

const waysOut: Readonly<Record<DumpFailure, (then: string) => string>> = {
  NoTarget: () => "Configure one under dumps in the chart's values",
  NoClient: () => "Use an image with a fitting one, or name its folder in dumps.clientFolders of the chart's values",
  ServerUnavailable: logs,
  NameTaken: (then) => `Rename it; the operator's log has its name. Then ${then}`,
  DumpRefused: logs,
  RestoreRefused: logs,
  RestoreDiffers: logs,
  Interrupted: (then) => `Wait, and ${then}`,
  TimedOut: () => "Raise dumps.timeout in the chart's values",
  TargetFull: (then) => `Make room there, and ${then}`,
  TargetRefused: (then) => `Correct its rights, its name or its credentials, and ${then}`,
  TargetUnavailable: (then) => `See that it answers, and ${then}`,
  Unknown: logs,
}
