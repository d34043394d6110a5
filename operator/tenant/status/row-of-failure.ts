/** Finds the row of the table of failures (api/failures.ts) for an error of an action. Pure. */
import { failures, failureVerdict } from '../../api/failures.ts'
import type { Again } from '../../api/failure-row.ts'
import type { FailureFacts, FailureName } from '../../api/failures.ts'
import type { Verdict } from '../../api/verdict.ts'
import { kubernetesFailure } from '../../domain/kubernetes-failure.ts'
import type { Found } from '../../domain/kubernetes-failure.ts'
import { KubeError } from '../../kube/port.ts'
import { ReferenceMissing } from '../../postgres/model/address.ts'
import { PostgresError } from '../../postgres/model/port.ts'
import type { PostgresErrorReason } from '../../postgres/model/port.ts'
import { DeadlineExceeded } from '../../runtime/base/deadline.ts'
import { inWords } from '../model/action-words.ts'
import type { Action } from '../model/action.ts'
import { DumpFailed, DumpUnderWay, NameTaken, StaleRead } from '../model/errors.ts'
import type { NameReason } from '../model/errors.ts'
import { missingFacts } from '../model/data-loss.ts'
import type { Failure } from '../model/outcome.ts'

/**
 * The verdict on a failure, and whether it needs a person. The error's own text stays in the log, except where it is
 * stable.
 */
export function explain(failure: Failure): Verdict & { readonly stalled: boolean } {
  // A dump under way is no failure; another pass looks again.
  if (failure.error instanceof DumpUnderWay) return { ...failure.error.verdict, stalled: false }
  const { row, facts } = rowOf(failure)
  return { ...failureVerdict(row, facts), stalled: failures[row].told === 'Stalled' }
}

/** When the loop tries again after this failure. `WhenWoken`: the end of a dump under way wakes the tenant. */
export function againAfter(failure: Failure): Again | 'WhenWoken' {
  return failure.error instanceof DumpUnderWay ? 'WhenWoken' : failures[rowOf(failure).row].again
}

export function rowOf({ target, action, error }: Failure): Found {
  const facts: FailureFacts = { action: inWords(action), ...('server' in action ? { server: action.server } : {}) }
  if (error instanceof KubeError) return kubernetesFailure(error, facts, mayQuotePassword(action))
  if (error instanceof PostgresError && 'server' in action)
    return { row: rowOfPostgres(error, action), facts: { ...facts, words: error.message, ...missingOf(error, action) } }
  if (error instanceof NameTaken) return { row: byNameReason[error.reason], facts: { ...facts, words: error.message } }
  if (error instanceof StaleRead) return { row: target === 'Names' ? 'StaleNames' : 'StaleRead', facts }
  if (error instanceof DumpFailed) return { row: 'DumpFailed', facts: { ...facts, words: error.message } }
  if (error instanceof ReferenceMissing) return { row: 'ReferenceMissing', facts: { ...facts, words: error.message } }
  if (error instanceof DeadlineExceeded) return { row: 'OutOfTime', facts }
  return { row: 'InternalError', facts: { ...facts, name: error instanceof Error ? error.name : typeof error } }
}

const writesPassword: ReadonlySet<string> = new Set<Action['kind']>(['EnsureBinding', 'SwitchBinding'])

/** Whether a refusal of this action may quote a password. */
export function mayQuotePassword({ kind }: Action): boolean {
  return writesPassword.has(kind)
}

const byNameReason = {
  CloudIdConflict: 'CloudIdTaken',
  HostConflict: 'HostTaken',
  NamespaceConflict: 'NamespaceTaken',
  ObjectConflict: 'ObjectTaken',
  AdoptionRefused: 'AdoptionTaken',
} as const satisfies Record<NameReason, FailureName>

function rowOfPostgres({ reason, sqlstate = '' }: PostgresError, { kind }: Action): FailureName {
  return reason === 'Refused' && setsPassword.has(kind) && checks.test(sqlstate)
    ? 'PasswordRefused'
    : byPostgresReason[reason]
}

/** What is missing is named as where the snapshot shows it. */
function missingOf({ reason }: PostgresError, action: Action): FailureFacts {
  if (reason !== 'DataMissing' || !('target' in action)) return {}
  return missingFacts(action.target.names, action.target.mark.tenant)
}

const setsPassword: ReadonlySet<string> = new Set<Action['kind']>(['EnsureRoles', 'SetPassword', 'PrepareLogin'])

/** Invalid value, not supported, raised by a check of the server's own. */
const checks = /^(22|0A|P0)/

const byPostgresReason = {
  AnotherServer: 'AnotherServer',
  Conflict: 'DatabaseTaken',
  LocaleRefused: 'LocaleRefused',
  DataMissing: 'DataMissing',
  Unavailable: 'ServerSilent',
  TooManyConnections: 'ConnectionsUsedUp',
  ReadOnly: 'ReadOnly',
  AuthenticationFailed: 'LoginRefused',
  CertificateUntrusted: 'CertificateRefused',
  CertificateForAnotherHost: 'CertificateRefused',
  CertificateOutOfDate: 'CertificateRefused',
  TlsNotOffered: 'TlsNotOffered',
  TlsFailed: 'TlsFailed',
  InsufficientPrivilege: 'RightMissing',
  Refused: 'StatementRefused',
  InUse: 'InUse',
  Timeout: 'ServerTooSlow',
  Unknown: 'ServerFailed',
} as const satisfies Record<PostgresErrorReason, FailureName>
