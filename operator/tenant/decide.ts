/**
 * The decision: everything that is known about a tenant goes in, what is to be done and said comes out. Pure: no clock, no
 * I/O, no log. A deletion is another plan from here, not another way of working.
 */
import { isTrue } from '../api/conditions.ts'
import type { TenantConditionType } from '../api/conditions.ts'
import { finalizer } from '../api/names.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Action, Stage } from './action.ts'
import { namespaceForeign, refusals } from './checks.ts'
import { cloudIdClaim, hostClaim, isHeldBy } from './claims.ts'
import { databaseWork } from './database.ts'
import type { DatabaseWork } from './database.ts'
import { decideDeletion } from './deletion.ts'
import { awaitingAcceptance, parentNotReady } from './holds.ts'
import { hasStarted } from './life.ts'
import { childActions, namespaceActions } from './namespace.ts'
import { fieldsOf } from './fields.ts'
import { place } from './placement.ts'
import { stagesOf } from './plan.ts'
import type { Plan } from './plan.ts'
import { choosePlan } from './plans.ts'
import type { Seen } from './seen.ts'
import { statusOf } from './status.ts'
import type { Outlook, Part } from './status.ts'
import { firstOf } from '../api/verdict.ts'
import type { Verdict } from '../api/verdict.ts'

/** `now`: milliseconds since the epoch; only for the times in conditions. */
export function decide(seen: Seen, now: number): Plan {
  if (seen.tenant.metadata.deletionTimestamp !== undefined) return decideDeletion(seen, now)
  const refusal = firstOf(refusals, seen)
  const foreign = namespaceForeign(seen)
  if (foreign !== undefined || (refusal !== undefined && !hasStarted(seen)))
    return refuse(seen, refusal ?? foreign ?? misread)
  const { plan, wait } = choosePlan(seen)
  const hold = parentNotReady(seen) ?? awaitingAcceptance(seen) ?? wait
  if (hold !== undefined || plan === undefined) return waitFor(seen, hold ?? misread, refusal)
  const placement = place(seen, plan)
  if (placement.wait !== undefined) return waitFor(seen, placement.wait, refusal)
  if (seen.namespace?.deleting === true) return waitFor(seen, terminating(seen), refusal)
  return provision(seen, plan, placement.server, refusal, now)
}

/** Stands where the types cannot see that a verdict is there. */
const misread: Verdict = { reason: 'Provisioning', message: 'The tenant is being made.' }

/** Nothing is done; a person has to change something. */
function refuse(seen: Seen, verdict: Verdict): Plan {
  const outlook: Outlook = {
    phase: hasStarted(seen) ? 'Provisioning' : 'Pending',
    ready: { status: 'False', ...verdict },
    reconciling: undefined,
    stalled: verdict,
    namespace: verdict,
    database: kept(seen, 'DatabaseReady', verdict),
    fields: {},
  }
  return { stages: [], outlook, requeueAfter: seen.settings.patience }
}

/** The names are claimed; the rest has to wait for something. What is there already stays as it is. */
function waitFor(seen: Seen, verdict: Verdict, refusal: Verdict | undefined): Plan {
  const forAnswer = verdict.reason === 'AwaitingAcceptance'
  const said = refusal ?? verdict
  const outlook: Outlook = {
    phase: hasStarted(seen) ? 'Provisioning' : 'Pending',
    ready: { status: forAnswer && refusal === undefined ? 'True' : 'False', ...said },
    reconciling: forAnswer ? undefined : verdict,
    stalled: refusal,
    namespace: verdict.reason === 'NamespaceTerminating' ? verdict : kept(seen, 'NamespaceReady', verdict),
    database: kept(seen, 'DatabaseReady', verdict),
    fields: fieldsOf(seen, undefined),
  }
  return { stages: stagesOf(...claiming(seen, undefined)), outlook }
}

/** What was there before is there still: a plan that is gone, say, takes nothing away. */
function kept({ tenant }: Seen, type: TenantConditionType, otherwise: Verdict): Part {
  return isTrue(tenant.status?.conditions, type) ? 'Done' : otherwise
}

/** Everything at once: claims, then the namespace, then what is in it beside the database. */
function provision(seen: Seen, plan: TenantPlan, server: string, refusal: Verdict | undefined, now: number): Plan {
  const work = databaseWork(seen, plan, server)
  const outlook = outlookOf(seen, plan, server, work, refusal)
  const stages = stagesOf(
    ...claiming(seen, server),
    lane('Claims', recordPlacement(seen, server)),
    lane('Tenant', work.credentialsLost ? [say(seen, outlook, now)] : []),
    lane('Namespace', namespaceActions(seen, plan)),
    [...lane('Database', work.actions), ...lane('Content', childActions(seen, plan))],
  )
  const waitsFor = work.waitsFor === undefined ? {} : { waitsFor: work.waitsFor }
  return {
    stages,
    outlook,
    ...waitsFor,
    ...(work.problem === undefined ? {} : { requeueAfter: seen.settings.patience }),
  }
}

function lane(target: Stage[number]['target'], actions: readonly Action[]): Stage {
  return [{ target, actions }]
}

/** The finalizer before anything else, then both claims side by side. */
function claiming(seen: Seen, server: string | undefined): readonly Stage[] {
  const { tenant, identity, names, claims } = seen
  const bound = tenant.metadata.finalizers?.includes(finalizer) === true
  const fresh = !bound
  const cloudId = isHeldBy(claims.cloudId, identity) ? [] : [cloudIdClaim(identity, names, server)]
  const unclaimedHost = names.host !== undefined && !isHeldBy(claims.host, identity)
  const host = unclaimedHost && names.host !== undefined ? [hostClaim(identity, names.cloudId, names.host)] : []
  return [
    lane('Tenant', bound ? [] : [{ kind: 'AddFinalizer' }]),
    [...cloudId, ...host].map((claim) => ({ target: 'Claims', actions: [{ kind: 'Claim', claim, fresh }] })),
  ]
}

/** A claim that was made before the server was known is told of it before anything is made there. */
function recordPlacement({ claims, identity }: Seen, server: string): readonly Action[] {
  const claim = claims.cloudId
  if (claim === undefined || !isHeldBy(claim, identity) || claim.server !== undefined) return []
  return [{ kind: 'RecordPlacement', claim: claim.name, server }]
}

function say(seen: Seen, outlook: Outlook, now: number): Action {
  const lost: Verdict = {
    reason: 'Updating',
    message: 'The Secret with the credentials is gone; it is made again with a new password.',
  }
  const between: Outlook = { ...outlook, ready: { status: 'False', ...lost }, reconciling: lost, database: lost }
  return { kind: 'Say', status: statusOf(seen, between, now) }
}

function outlookOf(
  seen: Seen,
  plan: TenantPlan,
  server: string,
  work: DatabaseWork,
  refusal: Verdict | undefined,
): Outlook {
  const { problem } = work
  const database: Part = problem ?? 'Done'
  const stalled = refusal ?? (work.stalled ? problem : undefined)
  const trouble = stalled ?? problem
  const provisioned: Verdict = { reason: 'Provisioned', message: 'The tenant is provisioned.' }
  return {
    phase: problem === undefined ? 'Active' : 'Provisioning',
    ready: trouble === undefined ? { status: 'True', ...provisioned } : { status: 'False', ...trouble },
    reconciling: problem === undefined || work.stalled ? undefined : problem,
    stalled,
    namespace: 'Done',
    database,
    fields: fieldsOf(seen, {
      plan: plan.metadata.name,
      server,
      directory: work.directory,
      target: problem === undefined,
    }),
  }
}

function terminating({ namespace }: Seen): Verdict {
  const blockers = namespace?.blockers ?? []
  const why = blockers.length === 0 ? '' : ` It is held by: ${blockers.join(' ')}`
  return {
    reason: 'NamespaceTerminating',
    message: `The namespace ${namespace?.name ?? ''} is being deleted by somebody; it is made again as soon as it is gone.${why}`,
  }
}
