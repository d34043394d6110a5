/** The configured target for dumps. */
import type { DumpTarget } from './port.ts'
import { createS3Target } from './s3.ts'
import { createVolumeTarget } from './volume.ts'
import type { DumpConfig } from './settings.ts'

/** Undefined when none is configured. Nothing is touched before a dump is due. */
export function createDumpTarget({ target }: Pick<DumpConfig, 'target'>): DumpTarget | undefined {
  if (target === undefined) return undefined
  return target.kind === 'volume' ? createVolumeTarget(target.folder) : createS3Target(target)
}
