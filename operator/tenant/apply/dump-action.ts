/** The action Dump: begins the dump, or takes its result, and reports a failure with its remedy. */
import { DumpError } from '../../dump/port.ts'
import type { DumpJobs } from '../../dump/jobs.ts'
import type { DumpRehearsals } from '../../dump/rehearsals.ts'
import type { DumpAction } from '../model/action.ts'
import { DumpFailed, DumpUnderWay } from '../model/errors.ts'
import { lastDumpFailed } from '../status/dump-failure.ts'

export interface DumpPorts {
  /** Undefined: no target for dumps is configured. */
  readonly dumps: Pick<DumpJobs, 'take' | 'isThere'> | undefined
  readonly rehearsals?: Pick<DumpRehearsals, 'begin'> | undefined
}

/** Throws {@link DumpFailed}, or {@link DumpUnderWay}: the end of the dump wakes the tenant. */
export function applyDump(order: DumpAction, { dumps }: DumpPorts): void {
  const { server, target, path, underWay } = order
  if (dumps === undefined) throw new DumpFailed(lastDumpFailed('NoTarget', server).message)
  try {
    if (dumps.take({ server, target, path }) === undefined) throw new DumpUnderWay(underWay)
  } catch (error) {
    throw error instanceof DumpError ? new DumpFailed(lastDumpFailed(error.reason, server, error.told).message) : error
  }
}
