/** What a failed action means to people: a reason, a sentence, and whether it goes away by itself. Pure. */
import { planQuotaName } from '../../api/names.ts'
import { KubeError } from '../../kube/port.ts'
import { PostgresError } from '../../postgres/model/port.ts'
import type { PostgresErrorReason } from '../../postgres/model/port.ts'
import { inWords, inWordsFirst } from '../model/action-words.ts'
import { isDatabaseAction } from '../model/action.ts'
import type { Action, Target } from '../model/action.ts'
import { DumpFailed, DumpUnderWay, NameTaken } from '../model/errors.ts'
import { parametersRefused } from '../validation/parameters.ts'
import { refusedForGood } from './refused-for-good.ts'
import { isRefusedWrite, refusedWrite } from './refused-write.ts'
import { anotherServer, databaseConflict } from '../validation/server-watch.ts'
import { isLeftAlone } from './status.ts'
import type { Verdict } from '../../api/verdict.ts'
import { ReferenceMissing } from '../../postgres/model/address.ts'
import type { Outlook, Part } from '../model/outlook.ts'
import type { Failure, Outcome } from '../model/outcome.ts'

/** The verdict, and whether it needs a person. The error's own text stays in the log: it may change from pass to pass. */
export function explain({ target, action, error }: Failure): Verdict & { readonly stalled: boolean } {
  if (error instanceof DumpUnderWay) return { ...error.verdict, stalled: false }
  if (error instanceof DumpFailed) return { reason: 'DumpFailed', message: error.message, stalled: true }
  if (error instanceof NameTaken) return { reason: error.reason, message: error.message, stalled: true }
  if (error instanceof PostgresError && (isDatabaseAction(action) || action.kind === 'RestoreAcceptances')) {
    const refused = refusedForGood(error, action)
    return refused === undefined ? explainPostgres(error, action.server) : { ...refused, stalled: true }
  }
  if (error instanceof ReferenceMissing) return { reason: 'SecretNotFound', message: error.message, stalled: false }
  if (target === 'Names')
    return { reason: 'Renaming', message: 'The change of names is looked at again.', stalled: false }
  if (error instanceof KubeError && error.quota !== undefined)
    return { ...noRoom(error.quota, inWords(action)), stalled: false }
  if (isRefusedWrite(error)) return { ...refusedWrite(error.refusal, action), stalled: true }
  if (error instanceof KubeError && error.webhook !== undefined)
    return { ...webhookDown(error.webhook, inWordsFirst(action)), stalled: false }
  const refused = error instanceof KubeError ? ` (${error.reason})` : ''
  return {
    reason: error instanceof KubeError ? 'ApiServerUnavailable' : 'Provisioning',
    message: `${inWordsFirst(action)} failed${refused}. It is tried again; the operator's log has the details.`,
    stalled: false,
  }
}

function noRoom(quota: string, what: string): Verdict {
  const wayOut =
    quota === planQuotaName
      ? 'Delete what is not needed in the namespace, or raise spec.quota of its TenantPlan'
      : 'Raise it or remove it'
  return {
    reason: 'QuotaExceeded',
    message: `The ResourceQuota ${quota} leaves no room: ${what} was refused. ${wayOut}; it is tried again by itself.`,
  }
}

function webhookDown(webhook: string, what: string): Verdict {
  return {
    reason: 'ApiServerUnavailable',
    message: `${what} failed, as the admission webhook ${webhook} does not answer. It is tried again by itself.`,
  }
}

const badCertificate = 'shows a certificate that its spec.tls does not accept'

const unavailable: Readonly<Partial<Record<PostgresErrorReason, string>>> = {
  TooManyConnections: 'is out of connections',
  ReadOnly: 'is read-only',
  AuthenticationFailed: "refuses the operator's login",
  CertificateUntrusted: badCertificate,
  CertificateForAnotherHost: badCertificate,
  CertificateOutOfDate: badCertificate,
  TlsNotOffered: 'offers no TLS, which its spec.tls asks for',
  TlsFailed: 'makes no TLS connection as its spec.tls asks for',
  Timeout: 'did not answer in time',
  Unavailable: 'does not answer',
}

function explainPostgres(error: PostgresError, server: string): Verdict & { readonly stalled: boolean } {
  if (error.reason === 'DataMissing')
    return {
      reason: 'DatabaseMissing',
      message: `${error.message} Restore it on the DatabaseServer ${server}, then Tenantry goes on.`,
      stalled: true,
    }
  if (error.reason === 'LocaleRefused')
    return {
      reason: 'LocaleRefused',
      message: `${error.message} Name a locale in spec.locale of the DatabaseServer ${server} that exists there and goes with UTF8, such as C.UTF-8.`,
      stalled: true,
    }
  if (error.reason === 'AnotherServer') return { ...anotherServer(server), stalled: false }
  if (error.reason === 'Conflict') return { ...databaseConflict(error.message, server), stalled: true }
  if (error.reason === 'InUse') return { reason: 'DatabaseInUse', message: error.message, stalled: true }
  const what = unavailable[error.reason] ?? 'failed'
  return {
    reason: 'DatabaseUnavailable',
    message: `The DatabaseServer ${server} ${what}. It is tried again by itself.`,
    stalled: false,
  }
}

/** What is declared and cannot be so is no failure: the tenant is as it should be in all else, and nothing waits for it. */
function afterRefusal(outlook: Outlook, { server, names }: NonNullable<Outcome['refused']>): Outlook {
  const stalled = outlook.stalled ?? parametersRefused(server, names)
  const { planRevision: _notFollowed, ...fields } = outlook.fields
  return { ...outlook, ready: { status: 'False', ...plain(stalled) }, stalled, fields }
}

/** The outlook after failures: each is told in its target's condition, and the gravest in Ready. */
export function afterFailures(
  planned: Outlook,
  { failures, skipped, undone, refused }: Pick<Outcome, 'failures' | 'skipped' | 'undone' | 'refused'>,
): Outlook {
  const outlook = refused === undefined ? planned : afterRefusal(planned, refused)
  const told = failures.map((failure) => ({ target: failure.target, ...explain(failure) }))
  const worst = told.find(({ stalled }) => stalled) ?? told[0]
  if (worst === undefined) return outlook
  const verdict = plain(worst)
  const partOf = (targets: readonly Target[], otherwise: Part): Part => {
    const own = told.find(({ target }) => targets.includes(target))
    if (own !== undefined) return plain(own)
    return targets.some((target) => skipped.includes(target)) ? verdict : otherwise
  }
  const database = partOf(['Database'], outlook.database)
  const leftAlone =
    isLeftAlone({ ...outlook, database }) && told.every(({ reason }) => reason === 'DatabaseServerNotReady')
  const { size: _size, closed: _closed, ...rest } = outlook
  const stays = outlook.wasUsable === true && failures.every(({ error }) => error instanceof KubeError)
  return {
    // Where what follows from the size was done, that is told whatever else failed: or sessions would end at each retry.
    ...(undone.some(({ kind }) => followsSize.has(kind)) ? rest : outlook),
    phase: leftAlone || stays || isAsBefore(outlook, failures) ? outlook.phase : 'Provisioning',
    ...(stays ? { usable: true } : {}),
    ready: { status: 'False', ...(outlook.stalled ?? verdict) },
    reconciling: worst.stalled ? undefined : verdict,
    stalled: outlook.stalled ?? (worst.stalled ? verdict : undefined),
    namespace: partOf(['Namespace', 'Content'], outlook.namespace),
    database,
    ...(outlook.unfinished === undefined ? {} : { life: outlook.unfinished }),
    fields: fieldsAfter(outlook.fields, [...told.map(({ target }) => target), ...skipped]),
  }
}

const followsSize: ReadonlySet<Action['kind']> = new Set<Action['kind']>(['EnsureRoles', 'TerminateSessions'])

/** A tenant that keeps its old name for now is none that is being made. */
function isAsBefore({ phase }: Outlook, failures: Outcome['failures']): boolean {
  const making = phase === 'Active' || phase === 'Pending'
  return !making || failures.every(({ target }) => target === 'Names')
}

/** Only what was really made is told: names that are held, a namespace that is there, a database that is complete. */
function fieldsAfter(fields: Outlook['fields'], undone: readonly Target[]): Outlook['fields'] {
  if (undone.includes('Tenant') || undone.includes('Claims') || undone.includes('Names')) return {}
  const { namespace, url, plan, planRevision: _unfinished, database, ...held } = fields
  const made = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(url === undefined ? {} : { url }),
    ...(plan === undefined ? {} : { plan }),
  }
  return {
    ...held,
    ...(undone.includes('Namespace') ? {} : made),
    ...(undone.includes('Database') || database === undefined ? {} : { database }),
  }
}

function plain({ reason, message }: Verdict): Verdict {
  return { reason, message }
}
