/** The reconciler of Tenants: everything is read, one pure function decides, the actions are applied, the status is written. */
import type { Kube } from '../kube/port.ts'
import { KubeError } from '../kube/port.ts'
import { tenants } from '../api/tenant.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import { PostgresError } from '../postgres/model/port.ts'
import { DeadlineExceeded } from '../runtime/base/deadline.ts'
import type { EventRecorder } from '../runtime/events/events.ts'
import type { Logger } from '../runtime/logging/log.ts'
import { SteadyClock } from '../runtime/base/steady-clock.ts'
import type { Pace } from '../runtime/base/pace.ts'
import { done, FailedMeanwhile } from '../runtime/queue/reconcile.ts'
import { writeStatus } from '../runtime/objects/status.ts'
import type { Reconcile, Result } from '../runtime/queue/reconcile.ts'
import { apply } from './apply/apply.ts'
import { withContests } from './contests/contested.ts'
import { plannedThings } from './contests/contested-thing.ts'
import type { DumpPorts } from './apply/dump.ts'
import type { DumpLookPorts } from './observe/last-dump.ts'
import type { CatalogueNotes, DatabaseServers } from './apply/database.ts'
import { DumpFailed, DumpUnderWay, NameTaken, StaleRead } from './model/errors.ts'
import { decide } from './decide/decide.ts'
import { nextExpiryLook } from './lifecycle/expiry-warnings.ts'
import { expiryOf } from '../domain/expiry.ts'
import { afterFailures } from './status/failures.ts'
import type { ReadLicense } from './lifecycle/license-reader.ts'
import { createMemory, forgetTenant, leaveSlots, takeSlots } from './memory.ts'
import type { Memory } from './memory.ts'
import { observe } from './observe/observe.ts'
import type { PreviewPorts } from './observe/deletion-preview.ts'
import { occasionOf } from './apply/occasion.ts'
import type { Repairable } from './report/repairs.ts'
import { isRefusedWrite } from './status/refused-write.ts'
import { requeue } from './model/decision.ts'
import type { Decision } from './model/decision.ts'
import type { Snapshot } from './model/snapshot.ts'
import type { TenantSettings } from './model/settings.ts'
import type { TenantCaches } from '../domain/caches.ts'
import { isServerUnseen } from './validation/server-watch.ts'
import { statusOf } from './status/status.ts'
import { reportContests, reportToOperator, reportRepairs, reportStory } from './report/report.ts'
import { LostLeadership } from '../runtime/base/effect-check.ts'
import type { Outlook } from './model/outlook.ts'
import type { Effect, Outcome } from './model/outcome.ts'
import type { Catalogue } from './observe/ports.ts'
import type { ApplyContext } from './apply/context.ts'
import { noteWritten } from './apply/context.ts'

export interface TenantPorts {
  readonly caches: TenantCaches
  readonly kube: Kube
  readonly contents: PreviewPorts['contents']
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly servers: DatabaseServers
  readonly catalogue: Catalogue & CatalogueNotes
  readonly license: ReadLicense
  readonly dumps: DumpPorts['dumps']
  readonly rehearsals?: (DumpPorts['rehearsals'] & DumpLookPorts['rehearsals']) | undefined
  readonly events: Pick<EventRecorder, 'record'>
  readonly pace: Pick<Pace, 'next'>
  /** Counts what was put right. */
  readonly countRepair: (what: Repairable) => void
}

export function createTenantReconciler(ports: TenantPorts, settings: TenantSettings): Reconcile {
  const { caches, clock } = ports
  const steady = new SteadyClock(clock)
  const memory = createMemory({ ...ports, steady }, settings.probeInterval)
  const { customerSlots, rollouts, writes } = memory
  const observing = { ...ports, ...memory, steady, slotsIn: customerSlots.in, newest: writes.newest }

  return async (key, signal) => {
    const now = clock.now()
    const newest = writes.newest(key, caches.tenants.get(key))
    // It is woken when its server was looked at.
    if (isServerUnseen(newest, caches)) return { requeueAfter: settings.retryInterval }
    const wait = rollouts.hold(newest, () => [...caches.plans.values()])
    if (wait !== undefined) return { requeueAfter: wait }
    const snapshot = await observe(key, observing, settings, now, signal)
    if (snapshot === undefined) return done
    const decision = decide(snapshot, now)
    if (!takeSlots(snapshot, decision, memory)) return { requeueAfter: staleReadPause }
    if (decision.size !== undefined) boundSize(snapshot, decision.size, ports)
    if (decision.waitsFor !== undefined) ports.catalogue.missed(decision.waitsFor, snapshot.identity.uid)
    const context = contextOf(snapshot, decision, memory, signal)
    const outcome = await apply(decision.stages, context, { ...ports, notes: ports.catalogue })
    if (isNameless(outcome)) leaveSlots(snapshot.identity.uid, memory)
    if (decision.wanted !== undefined) memory.wanted.end(snapshot.identity.uid, decision.wanted, outcome)
    if (outcome.effects.some(mendsRoles)) memory.login.hurry(snapshot.identity.uid)
    if (decision.wanted !== undefined) memory.contests.resolve(snapshot.identity.uid, plannedThings(decision.stages))
    return report({ snapshot, decision, context, outcome, now }, ports, memory)
  }
}

/** Not only as a repair: what a restore brought back goes with whatever is due at the time, the end of a rotation's grace say. */
function mendsRoles({ action, why }: Effect): boolean {
  return action.kind === 'EnsureRoles' && why !== 'provision' && why !== 'update'
}

function boundSize(
  { names, identity }: Snapshot,
  size: NonNullable<Decision['size']>,
  { catalogue }: TenantPorts,
): void {
  catalogue.boundSize(size.server, names.database.owner, identity.uid, size.bound)
}

function contextOf(snapshot: Snapshot, decision: Decision, memory: Memory, signal: AbortSignal): ApplyContext {
  const { writes, adoptionLocks, wanted, contests } = memory
  const { tenant, identity, settings, databaseState } = snapshot
  const { operatorNamespace } = settings
  const occasion = occasionOf(snapshot, decision, wanted.begin(identity.uid, decision.wanted))
  const secrets = { passwords: new Map(), next: new Map() }
  const kept = { writes, adoptionLocks, contests, effects: [] }
  return { tenant, identity, databaseState, operatorNamespace, signal, occasion, ...kept, ...secrets }
}

interface Report {
  readonly snapshot: Snapshot
  readonly decision: Decision
  readonly context: ApplyContext
  readonly outcome: Outcome
  /** When it began, and what it was decided by; milliseconds since the epoch. */
  readonly now: number
}

/** What the pass came to: the status, and what people are told of it. */
async function report(it: Report, ports: TenantPorts, memory: Memory): Promise<Result> {
  try {
    return await conclude(it, ports, memory)
  } finally {
    // Also when nothing was left to write: the status says things in between too, before what is long or final.
    reportStory(it.snapshot, it.context, ports)
    reportRepairs(it, ports)
    reportContests(it.snapshot, memory.contests, ports)
  }
}

/** Writes the status, once and only if it says something new, and tells the loop how it went. */
async function conclude(it: Report, ports: TenantPorts, memory: Memory): Promise<Result> {
  const { snapshot, decision, context, outcome } = it
  const { uid } = snapshot.identity
  const retried = outcome.failures.find(({ error }) => !isForPatience(error))
  if (retried !== undefined && !isWorthTelling(retried.error, context.signal)) throw retried.error
  if (context.tenant === undefined) {
    forgetTenant(uid, memory)
    ports.catalogue.forgetTenant(uid)
    ports.rehearsals?.forget(uid)
    return done
  }
  const before = context.tenant
  const contests = decision.wanted === undefined ? undefined : memory.contests
  const contested = contests?.told(uid) ?? []
  if (decision.outlook !== undefined)
    await writeStatusOf(snapshot, withContests(afterFailures(decision.outlook, outcome), contested), context, ports)
  if (context.tenant !== before) reportToOperator(snapshot, outcome, ports)
  const contestDue = contests?.dueIn(uid)
  // A failure may back off for minutes; what somebody opened may not stay open as long.
  if (retried !== undefined && contestDue !== undefined) throw new FailedMeanwhile(retried.error, contestDue)
  if (retried !== undefined) throw retried.error
  return { ...pauses(decision, outcome, snapshot.settings), ...nextLook(it, ports, memory) }
}

/** What is in the way is tried ever more seldom; also what is never as it was read, or it would be a loop without a pause. */
function pauses({ stuck }: Decision, { failures }: Outcome, { retryInterval }: TenantSettings): Pick<Result, 'stuck'> {
  if (failures.some(({ error }) => error instanceof DumpUnderWay)) return {}
  if (failures.some(({ error }) => error instanceof StaleRead))
    return { stuck: { base: staleReadPause, cap: retryInterval } }
  if (failures.some(({ error }) => isInUse(error) || isRefusedWrite(error)))
    return { stuck: { base: 10 * staleReadPause, cap: 10 * retryInterval } }
  return failures.length > 0 || stuck === true ? { stuck: { base: retryInterval, cap: 10 * retryInterval } } : {}
}

/** When something is due without an event. */
function nextLook(
  { snapshot, decision, context, outcome, now }: Report,
  { clock }: TenantPorts,
  memory: Memory,
): Result {
  const { uid } = snapshot.identity
  const turned = turn(snapshot, context.tenant, now)
  const underWay = outcome.failures.some(({ error }) => error instanceof DumpUnderWay)
  return requeue(
    underWay ? staleReadPause : undefined,
    // What the plan wanted to see next was after its success.
    outcome.failures.length > 0 ? undefined : decision.requeueAfter,
    outcome.refused && rarely,
    nextTry(snapshot, memory.login),
    turned === undefined ? undefined : Math.max(0, turned + now - clock.now()),
    memory.drain.dueIn(uid),
    memory.resume.dueIn(uid),
    decision.wanted === undefined ? undefined : memory.contests.dueIn(uid),
  )
}

/** The claims were refused, or not reached. */
function isNameless({ failures, skipped }: Outcome): boolean {
  return skipped.includes('Claims') || failures.some(({ target }) => target === 'Claims')
}

/** No failure of this pass: a person has to do something, or the next pass reads anew. */
function isForPatience(error: unknown): boolean {
  return forPatience.some((kind) => error instanceof kind) || isOthers(error) || isRefusedWrite(error)
}

const forPatience = [NameTaken, StaleRead, DumpFailed] as const

/** Something on the server is not ours. */
function isOthers(error: unknown): boolean {
  return error instanceof PostgresError && (error.reason === 'Conflict' || error.reason === 'InUse')
}

/** Somebody else's session may end at any time. */
function isInUse(error: unknown): boolean {
  return error instanceof PostgresError && error.reason === 'InUse'
}

/** Milliseconds until the next login is tried. One that is overdue could not be made: it waits for what is in its way. */
function nextTry({ live, identity, settings }: Snapshot, login: Memory['login']): number | undefined {
  const due = live === undefined ? login.dueIn(identity.uid) : undefined
  return due === 0 ? settings.retryInterval : due
}

/** Milliseconds from `now` until the license, the account, the time to revive or an access that is granted begins or ends. */
function turn(snapshot: Snapshot, tenant: Tenant | undefined, now: number): number | undefined {
  const purgeAfter = tenant?.status?.purgeAfter
  const times = [snapshot.license.turnsAt, snapshot.grants.turnsAt, purgeAfter && Date.parse(purgeAfter)]
  const ahead = times.flatMap((at) => (typeof at === 'number' && at > now ? [at - now] : []))
  return requeue(...ahead, nextExpiryLook(expiryOf(snapshot), now)).requeueAfter
}

/** Milliseconds until a server is asked again for what it has refused. An edit is tried at once. */
const rarely = 600_000

/** Milliseconds until a pass whose facts were out of date is repeated. */
const staleReadPause = 200

async function writeStatusOf(
  snapshot: Snapshot,
  outlook: Outlook,
  context: ApplyContext,
  { kube, clock }: TenantPorts,
): Promise<void> {
  const { tenant } = context
  if (tenant === undefined) return
  const { generation } = snapshot.tenant.metadata
  const read = { ...tenant, metadata: { ...tenant.metadata, ...(generation === undefined ? {} : { generation }) } }
  noteWritten(
    context,
    await writeStatus(kube, tenants, tenant, statusOf({ ...snapshot, tenant: read }, outlook, clock.now())),
  )
}

/** Not when somebody wrote in between, or this process stops or does not lead any more: that is no trouble of the tenant's. */
function isWorthTelling(error: unknown, signal: AbortSignal): boolean {
  const stopped = signal.aborted && !(signal.reason instanceof DeadlineExceeded)
  const overtaken = error instanceof LostLeadership || (error instanceof KubeError && error.reason === 'Conflict')
  return !stopped && !overtaken
}
