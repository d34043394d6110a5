/** The outlook where actions failed: each failure is reported in the condition of its target. Pure. */
import type { FailureName } from '../../api/failures.ts'
import { KubeError } from '../../kube/port.ts'
import type { Action, Target } from '../model/action.ts'
import { parametersRefused } from '../validation/parameter-rules.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Outlook, Part } from '../model/outlook.ts'
import { StaleRead } from '../model/errors.ts'
import type { Failure, Outcome } from '../model/outcome.ts'
import { explain, rowOf } from './row-of-failure.ts'

/**
 * A declaration that cannot be met is no failure: everything else of the tenant is in order, and nothing waits for it.
 */
function afterRefusedParameters(
  outlook: Outlook,
  { server, names }: NonNullable<Outcome['refusedParameters']>,
): Outlook {
  const stalled = outlook.stalled ?? parametersRefused(server, names)
  const { planRevision: _notFollowed, ...fields } = outlook.fields
  return { ...outlook, ready: { status: 'False', ...plain(stalled) }, stalled, fields }
}

/** The outlook after failures: each is reported in its target's condition, and the gravest in Ready. */
export function afterFailures(
  planned: Outlook,
  {
    failures,
    skipped,
    undone,
    refusedParameters,
  }: Pick<Outcome, 'failures' | 'skipped' | 'undone' | 'refusedParameters'>,
): Outlook {
  const outlook = refusedParameters === undefined ? planned : afterRefusedParameters(planned, refusedParameters)
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
  const { size: _size, closed: _closed, ...rest } = outlook
  const stays = outlook.wasUsable === true && failures.every(takesNothing)
  return {
    // Where the consequences of the size were carried out, that is reported whatever else failed: otherwise sessions
    // would end at each retry.
    ...(undone.some(({ kind }) => followsSize.has(kind)) ? rest : outlook),
    phase: outlook.wasActive === true || isAsBefore(outlook, failures) ? outlook.phase : 'Provisioning',
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

/** A failed write in Kubernetes, whatever its cause, takes nothing that exists; nor does a read that was out of date. */
function takesNothing(failure: Failure): boolean {
  const { action, error } = failure
  if (error instanceof KubeError || error instanceof StaleRead) return true
  return !('server' in action) && unfinished.has(rowOf(failure).row)
}

const unfinished: ReadonlySet<FailureName> = new Set<FailureName>(['InternalError', 'OutOfTime'])

const followsSize: ReadonlySet<Action['kind']> = new Set<Action['kind']>(['EnsureRoles', 'TerminateSessions'])

/** A tenant that keeps its old name for now is not being made. */
function isAsBefore({ phase }: Outlook, failures: Outcome['failures']): boolean {
  const making = phase === 'Active' || phase === 'Pending'
  return !making || failures.every(({ target }) => target === 'Names')
}

/** Only what was really made is reported: held names, an existing namespace, a complete database. */
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
