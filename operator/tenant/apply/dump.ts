/** The action Dump: joins the dump that is under way or begins it, and tells its failure with the way out. */
import { DumpError } from '../../dump/port.ts'
import type { DumpJobs } from '../../dump/jobs.ts'
import type { DumpRehearsals } from '../../dump/rehearsals.ts'
import type { DumpAction } from '../model/action.ts'
import { DumpFailed, DumpUnderWay } from '../model/errors.ts'
import { sentence } from '../status/dump-failure.ts'
import type { ApplyContext } from './context.ts'

export interface DumpPorts {
  /** Undefined: no target for dumps is configured. */
  readonly dumps: Pick<DumpJobs, 'join' | 'isThere'> | undefined
  readonly rehearsals?: Pick<DumpRehearsals, 'begin'> | undefined
}

/** Throws {@link DumpFailed}, {@link DumpUnderWay} where another pass has to look again, or the signal's reason. */
export async function applyDump(order: DumpAction, context: ApplyContext, { dumps }: DumpPorts): Promise<void> {
  const { server, target, path, underWay } = order
  if (dumps === undefined) throw new DumpFailed(sentence('NoTarget', server))
  try {
    if ((await dumps.join({ server, target, path }, context.signal)) === undefined) throw new DumpUnderWay(underWay)
  } catch (error) {
    throw error instanceof DumpError ? new DumpFailed(sentence(error.reason, server, error.told)) : error
  }
}
