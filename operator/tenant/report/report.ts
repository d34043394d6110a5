/** Reports the outcome of a pass: the status, the report to people, and when the loop calls again. */
import { tenants } from '../../api/tenant.ts'
import { KubeError } from '../../kube/port.ts'
import type { KubeWriter } from '../../kube/port.ts'
import type { Clock } from '../../runtime/base/clock.ts'
import { DeadlineExceeded } from '../../runtime/base/deadline.ts'
import { LostLeadership } from '../../runtime/base/effect-check.ts'
import { writeStatus } from '../../runtime/objects/status.ts'
import { done, ReportedFailure } from '../../runtime/queue/reconcile.ts'
import type { Result } from '../../runtime/queue/reconcile.ts'
import { noteWritten } from '../apply/apply-context.ts'
import type { ApplyContext } from '../apply/apply-context.ts'
import { withContests } from '../contests/contested.ts'
import type { Contests } from '../contests/contests.ts'
import { requeue } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { againAfter } from '../status/row-of-failure.ts'
import { afterFailures } from '../status/outlook-after-failures.ts'
import { statusOf } from '../status/status.ts'
import { dueIn, nextLogin, nextChange, pauses } from './next-look.ts'
import { reportContests, reportRepairs, reportStory, reportToOperator } from './people.ts'
import type { PeoplePorts } from './people.ts'

export interface PassResult {
  readonly snapshot: Snapshot
  readonly decision: Decision
  readonly context: ApplyContext
  readonly outcome: Outcome
  /** When it began, and the time of its decision; milliseconds since the epoch. */
  readonly now: number
}

export interface ReportPorts extends PeoplePorts {
  readonly kube: Pick<KubeWriter, 'patch'>
  readonly clock: Pick<Clock, 'now'>
}

interface Watch {
  dueIn(uid: string): number | undefined
}

/** The memory of tenants, as far as a report needs it. */
interface ReportMemory {
  readonly contests: Pick<Contests, 'told' | 'untold' | 'dueIn'>
  readonly login: Watch
  readonly drain: Watch
  readonly resume: Watch
  forget(uid: string): void
}

export async function report(pass: PassResult, memory: ReportMemory, ports: ReportPorts): Promise<Result> {
  try {
    return await conclude(pass, memory, ports)
  } finally {
    // Also when nothing was left to write: the status also changes during a pass, before long or final actions.
    reportStory(pass.snapshot, pass.context, ports)
    reportRepairs(pass, ports)
    reportContests(pass.snapshot, memory.contests, ports)
  }
}

/** Writes the status, once and only if it says something new, and tells the loop the outcome. */
async function conclude(pass: PassResult, memory: ReportMemory, ports: ReportPorts): Promise<Result> {
  const { snapshot, decision, context, outcome } = pass
  const { uid } = snapshot.identity
  const failure = outcome.failures.find((each) => againAfter(each) === 'Backoff')
  const toWrite = failure === undefined || isWorthWriting(failure.error, context.signal)
  if (toWrite && context.tenant === undefined) {
    memory.forget(uid)
    return done
  }
  if (toWrite) await writeOutlook(pass, memory, ports)
  // A failure may back off for minutes; what another writer opened may not stay open that long.
  if (failure !== undefined)
    throw toWrite ? new ReportedFailure(failure.error, contestsDueIn(pass, memory)) : failure.error
  return { ...pauses(decision, outcome, snapshot.settings), ...nextLook(pass, memory, ports) }
}

async function writeOutlook(pass: PassResult, { contests }: ReportMemory, ports: ReportPorts): Promise<void> {
  const { snapshot, decision, context, outcome } = pass
  const { outlook, wanted } = decision
  const { tenant } = context
  if (outlook === undefined || tenant === undefined) return
  const contested = wanted === undefined ? [] : contests.told(snapshot.identity.uid)
  const { generation } = snapshot.tenant.metadata
  const read = { ...tenant, metadata: { ...tenant.metadata, ...(generation === undefined ? {} : { generation }) } }
  const told = withContests(afterFailures(outlook, outcome), contested)
  const status = statusOf({ ...snapshot, tenant: read }, told, ports.clock.now())
  noteWritten(context, await writeStatus(ports.kube, tenants, tenant, status))
  if (context.tenant !== tenant) reportToOperator(snapshot, outcome, ports)
}

/**
 * Not when another writer changed it meanwhile, or this process stops or no longer leads: none of that is the tenant's
 * failure.
 */
function isWorthWriting(error: unknown, signal: AbortSignal): boolean {
  const stopped = signal.aborted && !(signal.reason instanceof DeadlineExceeded)
  const overtaken = error instanceof LostLeadership || (error instanceof KubeError && error.reason === 'Conflict')
  return !stopped && !overtaken
}

function contestsDueIn({ snapshot, decision }: PassResult, { contests }: ReportMemory): number | undefined {
  return decision.wanted === undefined ? undefined : contests.dueIn(snapshot.identity.uid)
}

function nextLook(pass: PassResult, memory: ReportMemory, { clock }: ReportPorts): Result {
  const { snapshot, decision, context, outcome, now } = pass
  const { uid } = snapshot.identity
  const nextDue = nextChange(snapshot, context.tenant, now)
  return requeue(
    ...dueIn(decision, outcome),
    nextLogin(snapshot, memory.login.dueIn(uid)),
    nextDue === undefined ? undefined : Math.max(0, nextDue + now - clock.now()),
    memory.drain.dueIn(uid),
    memory.resume.dueIn(uid),
    contestsDueIn(pass, memory),
  )
}
