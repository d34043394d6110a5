/** The meaning of an S3 server's error for a dump: by its code and status, never by its text. Pure. */
import { DumpError } from './port.ts'
import type { DumpFailure } from './port.ts'

const byCode: Readonly<Record<string, DumpFailure>> = {
  QuotaExceeded: 'TargetFull',
  InsufficientStorage: 'TargetFull',
  XMinioStorageFull: 'TargetFull',
  EntityTooLarge: 'TargetFull',
  SlowDown: 'TargetUnavailable',
}

export function s3Error(error: unknown): DumpError {
  if (error instanceof DumpError) return error
  const code = error instanceof Error ? error.name : 'unknown'
  const status = statusOf(error)
  const reason = byCode[code] ?? ofStatus(status)
  const what = status === undefined ? codeOf(error) : `${code}, status ${status}`
  return new DumpError(reason, `The bucket for dumps answered with an error: ${what}.`, error)
}

function ofStatus(status: number | undefined): DumpFailure {
  if (status === 507) return 'TargetFull'
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) return 'TargetRefused'
  return 'TargetUnavailable'
}

/** `$metadata` is where the library keeps the answer's status; without one there was no answer. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const { $metadata: metadata } = error
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer'
}
