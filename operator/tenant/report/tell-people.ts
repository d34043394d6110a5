/** What people are told of a pass, beside the status: Events, lines of the log, what is counted. */
import { told, writeTold } from '../../api/log-lines.ts'
import { dataName } from '../../api/names.ts'
import type { Why } from '../../api/whys.ts'
import type { EventRecorder } from '../../runtime/events/events.ts'
import type { Logger } from '../../runtime/logging/log.ts'
import { describe } from '../model/action.ts'
import type { Contests } from '../contests/contests.ts'
import { isEarlier } from '../model/earlier-tenant.ts'
import { happenings } from '../status/events.ts'
import { Occupied } from '../model/errors.ts'
import { isRefusedWrite, refusalWords } from '../status/refused-write.ts'
import { lossesOf, repaired, repairsOf } from './repairs.ts'
import type { Repairable } from './repairs.ts'
import type { Seen } from '../model/snapshot.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Pass } from '../apply/context.ts'

interface Ears {
  readonly events: Pick<EventRecorder, 'record'>
  readonly log: Logger
  readonly countRepair: (what: Repairable) => void
}

interface Done {
  readonly seen: Seen
  readonly pass: Pick<Pass, 'tenant'>
  readonly outcome: Pick<Outcome, 'effects'>
}

/** The story of the tenant: what its status says now and did not say when it was read. */
export function tellStory({ identity, tenant, names }: Seen, pass: Pick<Pass, 'tenant'>, { events, log }: Ears): void {
  const { status } = pass.tenant ?? {}
  if (status === undefined) return
  const common = lineOn(identity, 'notice')
  const where = { server: names.server, database: dataName(names.database) }
  for (const happening of happenings(tenant, tenant.status, status)) {
    events.record(happening)
    if (happening.reason === 'DatabaseOverSize' || happening.reason === 'DatabaseReadOnly')
      writeTold(log, common, told('DataOverSize', where))
    if (happening.reason === 'DatabaseMissing') writeTold(log, common, told('DataMissing', where))
  }
}

/** What was put right, and what was lost by it. What lay in a namespace that is lost is no repair of its own. */
export function tellRepairs({ seen, pass, outcome: { effects } }: Done, { events, log, countRepair }: Ears): void {
  const { tenant, identity } = seen
  const losses = lossesOf(seen, effects, pass.tenant?.status)
  for (const { reason, note, line } of losses) {
    writeTold(log, lineOn(identity, 'repair'), line)
    events.record({ regarding: tenant, type: 'Warning', reason, action: 'Repair', note })
  }
  const repairs = repairsOf(effects)
  for (const { what } of repairs) countRepair(what)
  const happened = losses.some(({ reason }) => reason === 'NamespaceRecreated') ? [] : repaired(seen, repairs)
  for (const happening of happened) events.record(happening)
}

/** For the log, once for each that is contested. */
export function tellContests(
  { identity }: Pick<Seen, 'identity'>,
  contests: Pick<Contests, 'untold'>,
  { log }: Ears,
): void {
  const common = lineOn(identity, 'repair')
  for (const { namespace, object, field, writer } of contests.untold(identity.uid))
    writeTold(log, common, told('ObjectContested', { namespace, object, field, writer }))
}

/** For the log, once per change: a deletion that is held or postponed; a write that is refused; what the status does not say, whose the name is that it may not have. */
export function tellOperator(
  { adoption, brake, claims, grace, identity, renaming, tenant }: Seen,
  { failures }: Pick<Outcome, 'failures'>,
  { log }: Pick<Ears, 'log'>,
): void {
  const common = lineOn(identity, 'notice')
  if (brake?.kind === 'Hold' && tenant.status?.deletion?.heldAt === undefined)
    writeTold(log, common, told('DeletionHeld', { limit: brake.because }))
  else if (grace !== undefined && tenant.status?.deletion?.notBefore !== grace.until)
    writeTold(log, common, told('DeletionPostponed', { until: grace.until }))
  for (const { action, error } of failures) {
    if (error instanceof Occupied)
      writeTold(log, common, told('NameTaken', { what: describe(action), holder: error.holder }))
    if (isRefusedWrite(error))
      writeTold(
        log,
        common,
        told('WriteRefused', { what: describe(action), refusal: refusalWords(error.refusal, action) }),
      )
  }
  for (const claim of Object.values({ ...claims, ...wantedInVain(renaming) })) {
    // What is being taken over is no obstacle.
    if (claim === undefined || claim.holder === identity.uid || adoption !== undefined) continue
    const line = isEarlier(claim, identity)
      ? told('NameHeldForEarlier', { claim: claim.name, holder: claim.holder })
      : told('NameTaken', { what: claim.name, holder: claim.tenant })
    writeTold(log, common, line)
  }
}

function lineOn({ tenant, uid }: Seen['identity'], why: Why) {
  return { tenant, uid, why }
}

/** The claims of the names that the spec asks for, where no exchange can give them. */
function wantedInVain({ claims, rings }: Seen['renaming']): Seen['renaming']['claims'] {
  return {
    cloudId: rings.cloudId === undefined ? claims.cloudId : undefined,
    host: rings.host === undefined ? claims.host : undefined,
  }
}
