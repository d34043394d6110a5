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
import { DumpFailed, DumpUnderWay, Occupied, Superseded } from './model/errors.ts'
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
import type { Plan } from './model/decision.ts'
import type { Seen } from './model/snapshot.ts'
import type { TenantSettings } from './model/settings.ts'
import type { TenantCaches } from '../domain/caches.ts'
import { isServerUnseen } from './validation/server-watch.ts'
import { statusOf } from './status/status.ts'
import { tellContests, tellOperator, tellRepairs, tellStory } from './report/tell-people.ts'
import { LostLeadership } from '../runtime/base/effect-check.ts'
import type { Outlook } from './model/outlook.ts'
import type { Effect, Outcome } from './model/outcome.ts'
import type { Catalogue } from './observe/ports.ts'
import type { Pass } from './apply/context.ts'
import { keep } from './apply/context.ts'

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
  const { places, rollouts, writes } = memory
  const observing = { ...ports, ...memory, steady, placesIn: places.in, newest: writes.newest }

  return async (key, signal) => {
    const now = clock.now()
    const newest = writes.newest(key, caches.tenants.get(key))
    // It is woken when its server was looked at.
    if (isServerUnseen(newest, caches)) return { requeueAfter: settings.patience }
    const wait = rollouts.hold(newest, () => [...caches.plans.values()])
    if (wait !== undefined) return { requeueAfter: wait }
    const seen = await observe(key, observing, settings, now, signal)
    if (seen === undefined) return done
    const plan = decide(seen, now)
    if (!takeSlots(seen, plan, memory)) return { requeueAfter: soon }
    if (plan.size !== undefined) boundSize(seen, plan.size, ports)
    if (plan.waitsFor !== undefined) ports.catalogue.missed(plan.waitsFor, seen.identity.uid)
    const pass = passOf(seen, plan, memory, signal)
    const outcome = await apply(plan.stages, pass, { ...ports, notes: ports.catalogue })
    if (isNameless(outcome)) leaveSlots(seen.identity.uid, memory)
    if (plan.wanted !== undefined) memory.wanted.end(seen.identity.uid, plan.wanted, outcome)
    if (outcome.effects.some(mendsRoles)) memory.login.hasten(seen.identity.uid)
    if (plan.wanted !== undefined) memory.contests.settle(seen.identity.uid, plannedThings(plan.stages))
    return report({ seen, plan, pass, outcome, now }, ports, memory)
  }
}

/** Not only as a repair: what a restore brought back goes with whatever is due at the time, the end of a rotation's grace say. */
function mendsRoles({ action, why }: Effect): boolean {
  return action.kind === 'EnsureRoles' && why !== 'provision' && why !== 'update'
}

function boundSize({ names, identity }: Seen, size: NonNullable<Plan['size']>, { catalogue }: TenantPorts): void {
  catalogue.boundSize(size.server, names.database.owner, identity.uid, size.bound)
}

function passOf(seen: Seen, plan: Plan, memory: Memory, signal: AbortSignal): Pass {
  const { writes, reservations, wanted, contests } = memory
  const { tenant, identity, settings, corner } = seen
  const { operatorNamespace } = settings
  const occasion = occasionOf(seen, plan, wanted.begin(identity.uid, plan.wanted))
  const secrets = { passwords: new Map(), next: new Map() }
  const kept = { writes, reservations, contests, effects: [] }
  return { tenant, identity, corner, operatorNamespace, signal, occasion, ...kept, ...secrets }
}

interface Report {
  readonly seen: Seen
  readonly plan: Plan
  readonly pass: Pass
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
    tellStory(it.seen, it.pass, ports)
    tellRepairs(it, ports)
    tellContests(it.seen, memory.contests, ports)
  }
}

/** Writes the status, once and only if it says something new, and tells the loop how it went. */
async function conclude(it: Report, ports: TenantPorts, memory: Memory): Promise<Result> {
  const { seen, plan, pass, outcome } = it
  const { uid } = seen.identity
  const retried = outcome.failures.find(({ error }) => !isForPatience(error))
  if (retried !== undefined && !isWorthTelling(retried.error, pass.signal)) throw retried.error
  if (pass.tenant === undefined) {
    forgetTenant(uid, memory)
    ports.catalogue.forgetTenant(uid)
    ports.rehearsals?.forget(uid)
    return done
  }
  const before = pass.tenant
  const contests = plan.wanted === undefined ? undefined : memory.contests
  const contested = contests?.told(uid) ?? []
  if (plan.outlook !== undefined)
    await tell(seen, withContests(afterFailures(plan.outlook, outcome), contested), pass, ports)
  if (pass.tenant !== before) tellOperator(seen, outcome, ports)
  const contestDue = contests?.dueIn(uid)
  // A failure may back off for minutes; what somebody opened may not stay open as long.
  if (retried !== undefined && contestDue !== undefined) throw new FailedMeanwhile(retried.error, contestDue)
  if (retried !== undefined) throw retried.error
  return { ...pauses(plan, outcome, seen.settings), ...nextLook(it, ports, memory) }
}

/** What is in the way is tried ever more seldom; also what is never as it was read, or it would be a loop without a pause. */
function pauses({ stuck }: Plan, { failures }: Outcome, { patience }: TenantSettings): Pick<Result, 'stuck'> {
  if (failures.some(({ error }) => error instanceof DumpUnderWay)) return {}
  if (failures.some(({ error }) => error instanceof Superseded)) return { stuck: { base: soon, cap: patience } }
  if (failures.some(({ error }) => isInUse(error) || isRefusedWrite(error)))
    return { stuck: { base: 10 * soon, cap: 10 * patience } }
  return failures.length > 0 || stuck === true ? { stuck: { base: patience, cap: 10 * patience } } : {}
}

/** When something is due without an event. */
function nextLook({ seen, plan, pass, outcome, now }: Report, { clock }: TenantPorts, memory: Memory): Result {
  const { uid } = seen.identity
  const turned = turn(seen, pass.tenant, now)
  const underWay = outcome.failures.some(({ error }) => error instanceof DumpUnderWay)
  return requeue(
    underWay ? soon : undefined,
    // What the plan wanted to see next was after its success.
    outcome.failures.length > 0 ? undefined : plan.requeueAfter,
    outcome.refused && rarely,
    nextTry(seen, memory.login),
    turned === undefined ? undefined : Math.max(0, turned + now - clock.now()),
    memory.stillness.dueIn(uid),
    memory.awakening.dueIn(uid),
    plan.wanted === undefined ? undefined : memory.contests.dueIn(uid),
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

const forPatience = [Occupied, Superseded, DumpFailed] as const

/** Something on the server is not ours. */
function isOthers(error: unknown): boolean {
  return error instanceof PostgresError && (error.reason === 'Conflict' || error.reason === 'InUse')
}

/** Somebody else's session may end at any time. */
function isInUse(error: unknown): boolean {
  return error instanceof PostgresError && error.reason === 'InUse'
}

/** Milliseconds until the next login is tried. One that is overdue could not be made: it waits for what is in its way. */
function nextTry({ live, identity, settings }: Seen, login: Memory['login']): number | undefined {
  const due = live === undefined ? login.dueIn(identity.uid) : undefined
  return due === 0 ? settings.patience : due
}

/** Milliseconds from `now` until the license, the account, the time to revive or an access that is granted begins or ends. */
function turn(seen: Seen, tenant: Tenant | undefined, now: number): number | undefined {
  const purgeAfter = tenant?.status?.purgeAfter
  const times = [seen.license.turnsAt, seen.grants.turnsAt, purgeAfter && Date.parse(purgeAfter)]
  const ahead = times.flatMap((at) => (typeof at === 'number' && at > now ? [at - now] : []))
  return requeue(...ahead, nextExpiryLook(expiryOf(seen), now)).requeueAfter
}

/** Milliseconds until a server is asked again for what it has refused. An edit is tried at once. */
const rarely = 600_000

/** Milliseconds until a pass whose facts were out of date is repeated. */
const soon = 200

async function tell(seen: Seen, outlook: Outlook, pass: Pass, { kube, clock }: TenantPorts): Promise<void> {
  const { tenant } = pass
  if (tenant === undefined) return
  const { generation } = seen.tenant.metadata
  const read = { ...tenant, metadata: { ...tenant.metadata, ...(generation === undefined ? {} : { generation }) } }
  keep(pass, await writeStatus(kube, tenants, tenant, statusOf({ ...seen, tenant: read }, outlook, clock.now())))
}

/** Not when somebody wrote in between, or this process stops or does not lead any more: that is no trouble of the tenant's. */
function isWorthTelling(error: unknown, signal: AbortSignal): boolean {
  const stopped = signal.aborted && !(signal.reason instanceof DeadlineExceeded)
  const overtaken = error instanceof LostLeadership || (error instanceof KubeError && error.reason === 'Conflict')
  return !stopped && !overtaken
}
