/**
 * Checks that the last dump, on which a purge or a deletion relies, is still where the status says, before anything is
 * removed.
 */
import { DumpError } from '../../dump/port.ts'
import type { DumpFailure } from '../../dump/port.ts'
import type { DumpJobs } from '../../dump/jobs.ts'
import type { DumpRehearsals } from '../../dump/rehearsals.ts'

export interface DumpLookPorts {
  /** Undefined: no target for dumps is configured. */
  readonly dumps: Pick<DumpJobs, 'isThere'> | undefined
  readonly rehearsals?: Pick<DumpRehearsals, 'of' | 'forget'> | undefined
}

/** Throws the signal's reason. */
export async function findDump(
  path: string,
  dumps: DumpLookPorts['dumps'],
  signal: AbortSignal,
): Promise<'There' | 'Gone' | DumpFailure> {
  if (dumps === undefined) return 'NoTarget'
  try {
    return (await dumps.isThere(path, signal)) ? 'There' : 'Gone'
  } catch (error) {
    if (error instanceof DumpError) return error.reason
    throw error
  }
}
