/** The reason of a failed dump, for any error. Pure. */
import { KubeError } from '../kube/port.ts'
import { PostgresError } from '../postgres/model/port.ts'
import type { PostgresErrorReason } from '../postgres/model/port.ts'
import { DumpError } from './port.ts'
import type { DumpFailure } from './port.ts'
import { ReferenceMissing } from '../postgres/model/address.ts'

const ofPostgres: Readonly<Partial<Record<PostgresErrorReason, DumpFailure>>> = {
  Conflict: 'NameTaken',
  InsufficientPrivilege: 'DumpRefused',
  Refused: 'DumpRefused',
  Unknown: 'DumpRefused',
}

/** `limit`: the dump's own deadline. */
export function asDumpError(error: unknown, limit: AbortSignal): DumpError {
  if (limit.aborted) return new DumpError('TimedOut', 'The dump took longer than it may.', error)
  if (error instanceof DumpError) return error
  if (error instanceof PostgresError) {
    const reason = ofPostgres[error.reason]
    return new DumpError(reason ?? 'ServerUnavailable', error.message, error, reason && error.message)
  }
  if (error instanceof ReferenceMissing || error instanceof KubeError)
    return new DumpError('ServerUnavailable', error.message, error)
  return new DumpError('Unknown', 'The dump failed.', error)
}
