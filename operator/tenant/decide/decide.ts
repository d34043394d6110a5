/**
 * The decision: everything that is known about a tenant goes in, what is to be done and said comes out. Pure: no clock, no
 * I/O, no log. A deletion is another plan from here, not another way of working.
 */
import type { TenantPlan } from '../../api/tenantplan.ts'
import { accessListWork } from '../namespace/access-list.ts'
import type { Action, Stage } from '../model/action.ts'
import { isPurging, lifeFieldsOf, nextLifeFields } from '../lifecycle/timestamps.ts'
import { namespaceForeign, refusals } from '../validation/checks.ts'
import { uninvited } from '../access/admins.ts'
import { decideAlone } from './missing-parent.ts'
import { claiming, recordPlacement } from '../names/claiming.ts'
import { withContests } from '../contests/contested.ts'
import { databaseWork } from '../database/database-actions.ts'
import type { DatabaseWork } from '../database/database-actions.ts'
import { judgeSize } from '../validation/database-size.ts'
import type { SizeVerdict } from '../validation/database-size.ts'
import { decideDeletion } from '../removal/deletion.ts'
import { withDeletionPreview } from '../removal/deletion-preview.ts'
import { digest } from '../../domain/fingerprint.ts'
import { awaitingAcceptance, parentDeleted, recordAway, renamesFirst } from '../lifecycle/prerequisites.ts'
import { hasStarted } from '../model/stage.ts'
import { licenseMissing } from '../lifecycle/license.ts'
import { childWork, namespaceWork, ownCountsDueIn } from '../namespace/namespace-actions.ts'
import { credentialFields, fieldsOf } from '../status/fields.ts'
import { isUsableWithout } from '../validation/missing-reference.ts'
import { namesWork } from '../names/name-actions.ts'
import { place } from '../validation/placement.ts'
import { planRevision } from '../../domain/plan-revision.ts'
import { lane, requeue, stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import { planToFollow } from '../model/tenant-plan.ts'
import { decidePurge, decidePurged } from '../removal/purge.ts'
import { purgeObjection } from '../lifecycle/purge-blockers.ts'
import { isDataLost } from '../model/provisioned.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { withRehearsal } from '../removal/rehearsal.ts'
import { hasData } from '../removal/removal-actions.ts'
import { refuse, rest, waitFor } from './idle-decisions.ts'
import { effectiveStateOf } from '../lifecycle/effective-state.ts'
import { isLeftAlone, statusOf } from '../status/status.ts'
import { changing, workloadActions } from '../namespace/suspension.ts'
import { decideTakeover } from './takeover.ts'
import { isWhole } from '../../domain/usable.ts'
import { decideWithoutPlan } from './without-plan.ts'
import { withNames } from './with-names.ts'
import { firstOf } from '../../api/verdict.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Outlook } from '../model/outlook.ts'
import { decideGivingUp } from './give-up.ts'
import type { EffectiveState } from '../model/effective-state.ts'
import { isSecretLost } from '../database/binding-secret-actions.ts'

/** `now`: milliseconds since the epoch. */
export function decide(snapshot: Snapshot, now: number): Decision {
  if (snapshot.tenant.metadata.deletionTimestamp !== undefined)
    return decideDeletion(snapshot, now, (objection) => decideStay(snapshot, now, objection))
  const refusal = firstOf(refusals, snapshot)
  const decision = decideLife(snapshot, now, refusal)
  // The names of one that is taken over are complete when all its claims are.
  const named =
    snapshot.adoption?.settled === false ? decision : withNames(decision, snapshot, namesWork(snapshot, now, refusal))
  return withDeletionPreview(withRehearsal(named, snapshot, now), snapshot, now)
}

/** All but the names of a tenant that has some. */
function decideLife(snapshot: Snapshot, now: number, refusal: Verdict | undefined): Decision {
  if (snapshot.tenant.status?.purge?.finishedAt !== undefined) return decidePurged(snapshot, refusal, now)
  const purges = isPurging(snapshot.tenant, now) && purgeObjection(snapshot, now) === undefined
  if (snapshot.live === undefined || !purges) return decideKept(snapshot, now, refusal)
  const purge = decidePurge(snapshot, snapshot.live, now)
  return purge.keeps === true ? keepFirst(decideKept(snapshot, now, refusal), purge) : purge
}

/** Where a deletion is refused the tenant lives on under its names; but nothing is begun, and nothing that is gone made anew. */
function decideStay(snapshot: Snapshot, now: number, objection: Verdict): Decision {
  const stays = hasData(snapshot) || (isDataLost(snapshot) && snapshot.namespace?.deleting === false)
  const begins = snapshot.adoption?.settled === false || !stays
  const ends = snapshot.tenant.status?.purge?.startedAt !== undefined
  return begins || ends ? refuse(snapshot, objection) : decideKept(snapshot, now, objection)
}

/** What was changed by hand is mended before a last dump, as one that fails may keep the tenant for long. */
function keepFirst(kept: Decision, purge: Decision): Decision {
  return kept.stages.length === 0 ? purge : { ...kept, requeueAfter: 0 }
}

/** Of one whose data stays. */
function decideKept(snapshot: Snapshot, now: number, refusal: Verdict | undefined): Decision {
  const alone = decideAlone(snapshot)
  if (alone !== undefined) return alone
  const takeover = decideTakeover(snapshot, now)
  if (takeover !== undefined) return takeover
  const beginning = decideGivingUp(snapshot)
  if (beginning !== undefined) return beginning
  const stop = namespaceForeign(snapshot) ?? (hasStarted(snapshot) ? undefined : refusal)
  if (stop !== undefined) return refuse(snapshot, refusal ?? stop)
  const effective = effectiveStateOf(snapshot, now)
  if (effective.phase !== 'Active' && !hasStarted(snapshot)) return rest(snapshot, effective, refusal)
  const unlicensed = hasStarted(snapshot) ? undefined : licenseMissing(snapshot)
  const answer = awaitingAcceptance(snapshot)
  const hold = parentDeleted(snapshot) ?? unlicensed ?? answer ?? renamesFirst(snapshot) ?? recordAway(snapshot)
  const unsent = answer !== undefined && hold === answer ? uninvited(snapshot) : undefined
  if (hold !== undefined) return waitFor(snapshot, hold, refusal ?? unsent)
  const { plan, without } = planToFollow(snapshot)
  if (plan === undefined)
    return decideWithoutPlan(snapshot, without, { effective, refusal }, now) ?? waitFor(snapshot, without, refusal)
  const placement = place(snapshot, plan)
  if (placement.wait !== undefined) return waitFor(snapshot, placement.wait, refusal)
  if (snapshot.namespace?.deleting === true) return waitFor(snapshot, terminating(snapshot), refusal)
  return provision(snapshot, { plan, server: placement.server, effective, refusal }, now)
}

/** What is wanted of a tenant that has a place. */
interface Aim {
  readonly plan: TenantPlan
  readonly server: string
  readonly effective: EffectiveState
  readonly refusal: Verdict | undefined
}

/** Claims first; then all at once, but for what needs the namespace. */
function provision(snapshot: Snapshot, aim: Aim, now: number): Decision {
  const { plan, server, effective } = aim
  const suspended = effective.phase !== 'Active'
  const size = judgeSize(snapshot, plan)
  const work = databaseWork(
    snapshot,
    plan,
    server,
    { ...size, loginAllowed: !suspended && size.closed === undefined },
    now,
  )
  const workloads = workloadActions(snapshot, suspended, now)
  const outlook = { ...outlookOf(snapshot, aim, work, now), ...(work.followsSize ? sizeOutlook(size) : {}) }
  const kube = kubeWork(snapshot, plan, suspended, suspended ? workloads : [])
  const stages = stagesOf(
    ...claiming(snapshot, server),
    lane('Claims', recordPlacement(snapshot, server)),
    lane('Tenant', work.credentialsLost ? [sayLost(snapshot, outlook, now)] : []),
    [...kube.before, ...work.lanes, ...kube.after],
    lane('Content', suspended ? [] : workloads),
    lane('Database', work.rotation === undefined ? [] : rotate(snapshot, outlook, work.rotation, now)),
  )
  const { pollInterval } = snapshot.settings
  return {
    stages,
    outlook,
    wanted: { content: kube.wanted, database: work.wanted },
    size: { server, bound: size.bound },
    ...(work.waitsFor === undefined ? {} : { waitsFor: work.waitsFor }),
    ...(isHeldUp(work, outlook, now) ? { stuck: true as const } : {}),
    ...requeue(
      changing(snapshot, plan, suspended, now) === undefined ? undefined : pollInterval,
      work.dueIn,
      ownCountsDueIn(snapshot, plan, now),
    ),
  }
}

/** What is done in Kubernetes, before and after the lanes of the database in their stage, and a digest of all that is wanted. */
function kubeWork(snapshot: Snapshot, plan: TenantPlan, suspended: boolean, workloads: readonly Action[]) {
  const namespace = namespaceWork(snapshot, plan)
  const content = childWork(snapshot, plan, suspended)
  const list = accessListWork(snapshot, plan, suspended)
  const before: Stage = [{ target: 'Namespace', name: 'namespace', actions: namespace.actions }]
  const after: Stage = [
    { target: 'Content', name: 'content', after: ['namespace'], actions: [...content.actions, ...workloads] },
    { target: 'Content', after: ['namespace', 'content'], actions: list.actions },
  ]
  return { before, after, wanted: digest([...namespace.wanted, ...content.wanted, ...list.wanted]) }
}

/** What is restored wakes the tenant; what keeps a purge that is due from being done may not. */
function isHeldUp({ problem }: DatabaseWork, { life }: Outlook, now: number): boolean {
  const isPurgeDue = life?.purgeAfter !== undefined && Date.parse(life.purgeAfter) <= now
  return (problem !== undefined && !isLoss(problem)) || isPurgeDue
}

function sayLost(snapshot: Snapshot, outlook: Outlook, now: number): Action {
  const lost: Verdict = {
    reason: 'Updating',
    message: 'The Secret with the credentials is gone; it is made again with a new password.',
  }
  // What follows from the size is not done yet.
  const { size: _size, closed: _closed, ...others } = outlook
  return say(snapshot, { ...others, database: lost }, lost, now)
}

/** That it was begun is written down first, unless it is already: then whoever comes after a crash finishes it. */
function rotate(
  snapshot: Snapshot,
  outlook: Outlook,
  { verdict, begun, actions }: NonNullable<DatabaseWork['rotation']>,
  now: number,
): readonly Action[] {
  const before = snapshot.tenant.status?.database
  const database = { ...before, ...credentialFields(begun) }
  if (digest(database) === digest(before)) return actions
  return [say(snapshot, { ...outlook, fields: { ...outlook.fields, database } }, verdict, now), ...actions]
}

/** Says in between what is under way. */
function say(snapshot: Snapshot, outlook: Outlook, verdict: Verdict, now: number): Action {
  const between: Outlook = { ...outlook, ready: { status: 'False', ...verdict }, reconciling: verdict }
  return { kind: 'WriteStatus', status: statusOf(snapshot, withContests(between, snapshot.contested), now) }
}

function outlookOf(
  snapshot: Snapshot,
  { plan, server, effective, refusal }: Aim,
  work: DatabaseWork,
  now: number,
): Outlook {
  const { problem } = work
  const stalled = refusal ?? (work.stalled ? problem : undefined)
  const suspended = effective.phase !== 'Active'
  const changes = changing(snapshot, plan, suspended, now)
  const reconciling = problem ?? licenseMissing(snapshot) ?? changes
  const trouble = stalled ?? reconciling
  const usable = isUsableWithout(snapshot, problem)
  const wasUsable = !suspended && isUsableNow(snapshot)
  const asItWas = suspended || usable || problem === undefined || isLoss(problem)
  return {
    phase: asItWas || isLeftAlone({ database: problem, wasUsable }) ? effective.phase : 'Provisioning',
    ready: trouble === undefined ? { status: 'True', ...effective.verdict } : { status: 'False', ...trouble },
    reconciling: work.stalled ? undefined : reconciling,
    stalled,
    namespace: 'Done',
    database: problem ?? 'Done',
    ...(suspended ? { off: effective.verdict } : { usable }),
    wasUsable,
    fields: fieldsOf(snapshot, {
      plan: plan.metadata.name,
      planRevision: planRevision(plan),
      server,
      directory: work.directory,
      loss: work.loss,
      target: problem === undefined,
      credentials: work.credentials,
    }),
    // Until it is revived the status tells since when it was off: that is what its workloads are woken with.
    life:
      changes?.reason === 'Reviving'
        ? lifeFieldsOf(snapshot.tenant)
        : nextLifeFields(snapshot.tenant, effective, plan, now),
    ...(suspended ? {} : { unfinished: lifeFieldsOf(snapshot.tenant) }),
  }
}

function sizeOutlook({ told, closed }: SizeVerdict): Pick<Outlook, 'size' | 'closed'> {
  return { size: told, ...(closed === undefined ? {} : { closed }) }
}

/** Nothing is being made: a person decides what becomes of it. */
function isLoss({ reason }: Verdict): boolean {
  return reason === 'DatabaseMissing'
}

function isUsableNow(snapshot: Snapshot): boolean {
  const { namespace, tenant } = snapshot
  const isThere = namespace !== undefined && !namespace.deleting && !isSecretLost(snapshot)
  return isThere && tenant.status?.phase === 'Active' && isWhole(tenant)
}

function terminating({ namespace }: Snapshot): Verdict {
  const blockers = namespace?.blockers ?? []
  const why = blockers.length === 0 ? '' : ` It is held by: ${blockers.join(' ')}`
  return {
    reason: 'NamespaceTerminating',
    message: `The namespace ${namespace?.name ?? ''} is being deleted by somebody; it is made again as soon as it is gone.${why}`,
  }
}
