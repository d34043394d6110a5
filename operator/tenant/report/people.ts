/** Reports a pass beside the status: Events, log lines and metrics. */
import { logLine, writeLineOf } from '../../api/log-lines.ts'
import { dataName } from '../../api/names.ts'
import type { Why } from '../../api/whys.ts'
import type { RecordsEvents } from '../../api/events.ts'
import type { Logger } from '../../runtime/logging/log.ts'
import type { Contests } from '../contests/contests.ts'
import { isRefusedWrite, refusedWriteWords } from '../../domain/refusal-words.ts'
import { isEarlier } from '../model/earlier-tenant.ts'
import { eventsOf } from '../status/events.ts'
import { NameTaken } from '../model/errors.ts'
import { mayQuotePassword } from '../status/row-of-failure.ts'
import { lossesOf, repaired, repairsOf } from './repairs.ts'
import type { Repairable } from './repairs.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Outcome } from '../model/outcome.ts'
import type { ApplyContext } from '../apply/apply-context.ts'
import { describe } from '../model/action-objects.ts'

export interface PeoplePorts {
  readonly events: RecordsEvents
  readonly log: Logger
  readonly countRepair: (what: Repairable) => void
}

interface Done {
  readonly snapshot: Snapshot
  readonly context: Pick<ApplyContext, 'tenant'>
  readonly outcome: Pick<Outcome, 'effects'>
}

/** The tenant's history: what its status says now and did not say when it was read. */
export function reportStory(
  { identity, tenant, names }: Snapshot,
  context: Pick<ApplyContext, 'tenant'>,
  { events, log }: PeoplePorts,
): void {
  const { status } = context.tenant ?? {}
  if (status === undefined) return
  const common = lineOn(identity, 'notice')
  const where = { server: names.server, database: dataName(names.database) }
  for (const event of eventsOf(tenant, tenant.status, status)) {
    events.record(event)
    if (event.reason === 'DatabaseOverSize' || event.reason === 'DatabaseReadOnly')
      writeLineOf(log, common, logLine('DataOverSize', where))
    if (event.reason === 'DatabaseMissing') writeLineOf(log, common, logLine('DataMissing', where))
  }
}

/** The repairs and the losses. The contents of a lost namespace are no repairs of their own. */
export function reportRepairs(
  { snapshot, context, outcome: { effects } }: Done,
  { events, log, countRepair }: PeoplePorts,
): void {
  const { tenant, identity } = snapshot
  const losses = lossesOf(snapshot, effects, context.tenant?.status)
  for (const { reason, note, line } of losses) {
    writeLineOf(log, lineOn(identity, 'repair'), line)
    events.record({ regarding: tenant, type: 'Warning', reason, action: 'Repair', note })
  }
  const repairs = repairsOf(effects)
  for (const { what } of repairs) countRepair(what)
  const happened = losses.some(({ reason }) => reason === 'NamespaceRecreated') ? [] : repaired(snapshot, repairs)
  for (const event of happened) events.record(event)
}

/** Logs each contested field once. */
export function reportContests(
  { identity }: Pick<Snapshot, 'identity'>,
  contests: Pick<Contests, 'untold'>,
  { log }: PeoplePorts,
): void {
  const common = lineOn(identity, 'repair')
  for (const { namespace, object, field, writer } of contests.untold(identity.uid))
    writeLineOf(log, common, logLine('ObjectContested', { namespace, object, field, writer }))
}

/**
 * For the log, once per change: a deletion that is held or postponed; a write that is refused; and, since the status
 * does not reveal it, the holder of a name that the tenant may not have.
 */
export function reportToOperator(
  { adoption, brake, claims, grace, identity, renaming, tenant }: Snapshot,
  { failures }: Pick<Outcome, 'failures'>,
  { log }: Pick<PeoplePorts, 'log'>,
): void {
  const common = lineOn(identity, 'notice')
  if (brake?.kind === 'Hold' && tenant.status?.deletion?.heldAt === undefined)
    writeLineOf(log, common, logLine('DeletionHeld', { limit: brake.because }))
  else if (grace !== undefined && tenant.status?.deletion?.notBefore !== grace.until)
    writeLineOf(log, common, logLine('DeletionPostponed', { until: grace.until }))
  for (const { action, error } of failures) {
    if (error instanceof NameTaken)
      writeLineOf(log, common, logLine('NameTaken', { what: describe(action), holder: error.holder }))
    if (isRefusedWrite(error))
      writeLineOf(
        log,
        common,
        logLine('WriteRefused', {
          what: describe(action),
          refusal: refusedWriteWords(error.refusal, mayQuotePassword(action)),
        }),
      )
  }
  for (const claim of Object.values({ ...claims, ...wantedInVain(renaming) })) {
    // A claim that is being taken over blocks nothing.
    if (claim === undefined || claim.holder === identity.uid || adoption !== undefined) continue
    const line = isEarlier(claim, identity)
      ? logLine('NameHeldForEarlier', { claim: claim.name, holder: claim.holder })
      : logLine('NameTaken', { what: claim.name, holder: claim.tenant })
    writeLineOf(log, common, line)
  }
}

function lineOn({ tenant, uid }: Snapshot['identity'], why: Why) {
  return { tenant, uid, why }
}

/** The claims of the names that the spec asks for, where no swap can give them. */
function wantedInVain({ claims, cycles }: Snapshot['renaming']): Snapshot['renaming']['claims'] {
  return {
    cloudId: cycles.cloudId === undefined ? claims.cloudId : undefined,
    host: cycles.host === undefined ? claims.host : undefined,
  }
}
