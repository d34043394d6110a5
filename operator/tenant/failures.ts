/** What a failed action means to people: a reason, a sentence, and whether it goes away by itself. Pure. */
import { ReferenceMissing } from '../databaseserver/address.ts'
import { KubeError } from '../kube/port.ts'
import { PostgresError } from '../postgres/port.ts'
import type { PostgresErrorReason } from '../postgres/port.ts'
import { describe, isDatabaseAction } from './action.ts'
import type { Failure } from './apply.ts'
import { Occupied } from './apply-kube.ts'
import type { Outlook } from './status.ts'
import type { Verdict } from './verdict.ts'

/** The verdict, and whether it needs a person. The error's own text stays in the log: it may change from pass to pass. */
export function explain({ action, error }: Failure): Verdict & { readonly stalled: boolean } {
  if (error instanceof Occupied) return { reason: error.reason, message: error.message, stalled: true }
  if (error instanceof PostgresError && isDatabaseAction(action)) return explainPostgres(error, action.server)
  if (error instanceof ReferenceMissing) return { reason: 'SecretNotFound', message: error.message, stalled: false }
  const refused = error instanceof KubeError ? ` (${error.reason})` : ''
  return {
    reason: error instanceof KubeError ? 'ApiServerUnavailable' : 'Provisioning',
    message: `${describe(action)} failed${refused}. It is tried again; the operator's log has the details.`,
    stalled: false,
  }
}

const unavailable: Readonly<Partial<Record<PostgresErrorReason, string>>> = {
  TooManyConnections: 'is out of connections',
  ReadOnly: 'is read-only',
  AuthenticationFailed: "refuses the operator's login",
  InsufficientPrivilege: "does not let the operator's account do what is needed",
  InUse: 'still has sessions in the database',
  Timeout: 'did not answer in time',
  Unavailable: 'does not answer',
}

function explainPostgres(error: PostgresError, server: string): Verdict & { readonly stalled: boolean } {
  if (error.reason === 'Conflict') return { reason: 'DatabaseConflict', message: error.message, stalled: true }
  const what = unavailable[error.reason] ?? 'failed'
  return {
    reason: 'DatabaseUnavailable',
    message: `The DatabaseServer ${server} ${what}. It is tried again by itself.`,
    stalled: false,
  }
}

/** The outlook after failures: each is told in its target's condition, and the gravest in Ready. */
export function afterFailures(outlook: Outlook, failures: readonly Failure[]): Outlook {
  const told = failures.map((failure) => ({ target: failure.target, ...explain(failure) }))
  const worst = told.find(({ stalled }) => stalled) ?? told[0]
  if (worst === undefined) return outlook
  const { reason, message } = worst
  const verdict: Verdict = { reason, message }
  const inTarget = (target: Failure['target']) => told.find((each) => each.target === target)
  const namespace = inTarget('Namespace')
  const database = inTarget('Database')
  const deleting = outlook.phase === 'Deleting'
  const all = namespace === undefined && database === undefined ? verdict : undefined
  return {
    ...outlook,
    phase: deleting ? 'Deleting' : 'Provisioning',
    ready: { status: 'False', ...(outlook.stalled ?? verdict) },
    reconciling: worst.stalled ? undefined : verdict,
    stalled: outlook.stalled ?? (worst.stalled ? verdict : undefined),
    namespace: part(namespace) ?? all ?? outlook.namespace,
    database: part(database) ?? all ?? (namespace === undefined ? outlook.database : waits),
    fields: {},
  }
}

function part(told: Verdict | undefined): Verdict | undefined {
  return told === undefined ? undefined : { reason: told.reason, message: told.message }
}

const waits: Verdict = { reason: 'Provisioning', message: 'Waits for the namespace.' }
