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
import { databaseWork, isSecretLost } from '../database/database-actions.ts'
import type { DatabaseWork } from '../database/database-actions.ts'
import { judgeSize } from '../validation/database-size.ts'
import type { SizeVerdict } from '../validation/database-size.ts'
import { decideDeletion } from '../removal/deletion.ts'
import { withDeletionPreview } from '../removal/deletion-preview.ts'
import { digest } from '../../domain/fingerprint.ts'
import { awaitingAcceptance, parentGoing, recordAway, renamesFirst } from '../lifecycle/prerequisites.ts'
import { hasStarted } from '../model/stage.ts'
import { licenseMissing } from '../lifecycle/license.ts'
import { childWork, namespaceWork, ownCountsDueIn } from '../namespace/namespace-actions.ts'
import { credentialFields, fieldsOf } from '../status/fields.ts'
import { isUsableWithout } from '../validation/missing-reference.ts'
import { namesWork } from '../names/name-actions.ts'
import { place } from '../validation/placement.ts'
import { planRevision } from '../../domain/plan-revision.ts'
import { lane, requeue, stagesOf } from '../model/decision.ts'
import type { Plan } from '../model/decision.ts'
import { planToFollow } from '../model/tenant-plan.ts'
import { decidePurge, decidePurged } from '../removal/purge.ts'
import { purgeObjection } from '../lifecycle/purge-blockers.ts'
import { isDataLost } from '../model/provisioned.ts'
import type { Seen } from '../model/snapshot.ts'
import { withRehearsal } from '../removal/rehearsal.ts'
import { hasData } from '../removal/removal-actions.ts'
import { refuse, rest, waitFor } from './idle-decisions.ts'
import { standingOf } from '../lifecycle/effective-state.ts'
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
import type { Standing } from '../model/standing.ts'

/** `now`: milliseconds since the epoch. */
export function decide(seen: Seen, now: number): Plan {
  if (seen.tenant.metadata.deletionTimestamp !== undefined)
    return decideDeletion(seen, now, (objection) => decideStay(seen, now, objection))
  const refusal = firstOf(refusals, seen)
  const plan = decideLife(seen, now, refusal)
  // The names of one that is taken over are complete when all its claims are.
  const named = seen.adoption?.settled === false ? plan : withNames(plan, seen, namesWork(seen, now, refusal))
  return withDeletionPreview(withRehearsal(named, seen, now), seen, now)
}

/** All but the names of a tenant that has some. */
function decideLife(seen: Seen, now: number, refusal: Verdict | undefined): Plan {
  if (seen.tenant.status?.purge?.finishedAt !== undefined) return decidePurged(seen, refusal, now)
  const purges = isPurging(seen.tenant, now) && purgeObjection(seen, now) === undefined
  if (seen.live === undefined || !purges) return decideKept(seen, now, refusal)
  const purge = decidePurge(seen, seen.live, now)
  return purge.keeps === true ? keepFirst(decideKept(seen, now, refusal), purge) : purge
}

/** Where a deletion is refused the tenant lives on under its names; but nothing is begun, and nothing that is gone made anew. */
function decideStay(seen: Seen, now: number, objection: Verdict): Plan {
  const stays = hasData(seen) || (isDataLost(seen) && seen.namespace?.deleting === false)
  const begins = seen.adoption?.settled === false || !stays
  const ends = seen.tenant.status?.purge?.startedAt !== undefined
  return begins || ends ? refuse(seen, objection) : decideKept(seen, now, objection)
}

/** What was changed by hand is mended before a last dump, as one that fails may keep the tenant for long. */
function keepFirst(kept: Plan, purge: Plan): Plan {
  return kept.stages.length === 0 ? purge : { ...kept, requeueAfter: 0 }
}

/** Of one whose data stays. */
function decideKept(seen: Seen, now: number, refusal: Verdict | undefined): Plan {
  const alone = decideAlone(seen)
  if (alone !== undefined) return alone
  const takeover = decideTakeover(seen, now)
  if (takeover !== undefined) return takeover
  const beginning = decideGivingUp(seen)
  if (beginning !== undefined) return beginning
  const stop = namespaceForeign(seen) ?? (hasStarted(seen) ? undefined : refusal)
  if (stop !== undefined) return refuse(seen, refusal ?? stop)
  const standing = standingOf(seen, now)
  if (standing.phase !== 'Active' && !hasStarted(seen)) return rest(seen, standing, refusal)
  const unlicensed = hasStarted(seen) ? undefined : licenseMissing(seen)
  const answer = awaitingAcceptance(seen)
  const hold = parentGoing(seen) ?? unlicensed ?? answer ?? renamesFirst(seen) ?? recordAway(seen)
  const unsent = answer !== undefined && hold === answer ? uninvited(seen) : undefined
  if (hold !== undefined) return waitFor(seen, hold, refusal ?? unsent)
  const { plan, without } = planToFollow(seen)
  if (plan === undefined)
    return decideWithoutPlan(seen, without, { standing, refusal }, now) ?? waitFor(seen, without, refusal)
  const placement = place(seen, plan)
  if (placement.wait !== undefined) return waitFor(seen, placement.wait, refusal)
  if (seen.namespace?.deleting === true) return waitFor(seen, terminating(seen), refusal)
  return provision(seen, { plan, server: placement.server, standing, refusal }, now)
}

/** What is wanted of a tenant that has a place. */
interface Aim {
  readonly plan: TenantPlan
  readonly server: string
  readonly standing: Standing
  readonly refusal: Verdict | undefined
}

/** Claims first; then all at once, but for what needs the namespace. */
function provision(seen: Seen, aim: Aim, now: number): Plan {
  const { plan, server, standing } = aim
  const suspended = standing.phase !== 'Active'
  const size = judgeSize(seen, plan)
  const work = databaseWork(seen, plan, server, { ...size, loginAllowed: !suspended && size.closed === undefined }, now)
  const workloads = workloadActions(seen, suspended, now)
  const outlook = { ...outlookOf(seen, aim, work, now), ...(work.followsSize ? sizeOutlook(size) : {}) }
  const kube = kubeWork(seen, plan, suspended, suspended ? workloads : [])
  const stages = stagesOf(
    ...claiming(seen, server),
    lane('Claims', recordPlacement(seen, server)),
    lane('Tenant', work.credentialsLost ? [sayLost(seen, outlook, now)] : []),
    [...kube.before, ...work.lanes, ...kube.after],
    lane('Content', suspended ? [] : workloads),
    lane('Database', work.rotation === undefined ? [] : rotate(seen, outlook, work.rotation, now)),
  )
  const { haste } = seen.settings
  return {
    stages,
    outlook,
    wanted: { content: kube.wanted, database: work.wanted },
    size: { server, bound: size.bound },
    ...(work.waitsFor === undefined ? {} : { waitsFor: work.waitsFor }),
    ...(isHeldUp(work, outlook, now) ? { stuck: true as const } : {}),
    ...requeue(
      changing(seen, plan, suspended, now) === undefined ? undefined : haste,
      work.dueIn,
      ownCountsDueIn(seen, plan, now),
    ),
  }
}

/** What is done in Kubernetes, before and after the lanes of the database in their stage, and a digest of all that is wanted. */
function kubeWork(seen: Seen, plan: TenantPlan, suspended: boolean, workloads: readonly Action[]) {
  const namespace = namespaceWork(seen, plan)
  const content = childWork(seen, plan, suspended)
  const list = accessListWork(seen, plan, suspended)
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

function sayLost(seen: Seen, outlook: Outlook, now: number): Action {
  const lost: Verdict = {
    reason: 'Updating',
    message: 'The Secret with the credentials is gone; it is made again with a new password.',
  }
  // What follows from the size is not done yet.
  const { size: _size, closed: _closed, ...others } = outlook
  return say(seen, { ...others, database: lost }, lost, now)
}

/** That it was begun is written down first, unless it is already: then whoever comes after a crash finishes it. */
function rotate(
  seen: Seen,
  outlook: Outlook,
  { verdict, begun, actions }: NonNullable<DatabaseWork['rotation']>,
  now: number,
): readonly Action[] {
  const before = seen.tenant.status?.database
  const database = { ...before, ...credentialFields(begun) }
  if (digest(database) === digest(before)) return actions
  return [say(seen, { ...outlook, fields: { ...outlook.fields, database } }, verdict, now), ...actions]
}

/** Says in between what is under way. */
function say(seen: Seen, outlook: Outlook, verdict: Verdict, now: number): Action {
  const between: Outlook = { ...outlook, ready: { status: 'False', ...verdict }, reconciling: verdict }
  return { kind: 'Say', status: statusOf(seen, withContests(between, seen.contested), now) }
}

function outlookOf(seen: Seen, { plan, server, standing, refusal }: Aim, work: DatabaseWork, now: number): Outlook {
  const { problem } = work
  const stalled = refusal ?? (work.stalled ? problem : undefined)
  const suspended = standing.phase !== 'Active'
  const changes = changing(seen, plan, suspended, now)
  const reconciling = problem ?? licenseMissing(seen) ?? changes
  const trouble = stalled ?? reconciling
  const usable = isUsableWithout(seen, problem)
  const wasUsable = !suspended && isUsableNow(seen)
  const asItWas = suspended || usable || problem === undefined || isLoss(problem)
  return {
    phase: asItWas || isLeftAlone({ database: problem, wasUsable }) ? standing.phase : 'Provisioning',
    ready: trouble === undefined ? { status: 'True', ...standing.verdict } : { status: 'False', ...trouble },
    reconciling: work.stalled ? undefined : reconciling,
    stalled,
    namespace: 'Done',
    database: problem ?? 'Done',
    ...(suspended ? { off: standing.verdict } : { usable }),
    wasUsable,
    fields: fieldsOf(seen, {
      plan: plan.metadata.name,
      planRevision: planRevision(plan),
      server,
      directory: work.directory,
      loss: work.loss,
      target: problem === undefined,
      credentials: work.credentials,
    }),
    // Until it is revived the status tells since when it was off: that is what its workloads are woken with.
    life: changes?.reason === 'Reviving' ? lifeFieldsOf(seen.tenant) : nextLifeFields(seen.tenant, standing, plan, now),
    ...(suspended ? {} : { unfinished: lifeFieldsOf(seen.tenant) }),
  }
}

function sizeOutlook({ told, closed }: SizeVerdict): Pick<Outlook, 'size' | 'closed'> {
  return { size: told, ...(closed === undefined ? {} : { closed }) }
}

/** Nothing is being made: a person decides what becomes of it. */
function isLoss({ reason }: Verdict): boolean {
  return reason === 'DatabaseMissing'
}

function isUsableNow(seen: Seen): boolean {
  const { namespace, tenant } = seen
  const isThere = namespace !== undefined && !namespace.deleting && !isSecretLost(seen)
  return isThere && tenant.status?.phase === 'Active' && isWhole(tenant)
}

function terminating({ namespace }: Seen): Verdict {
  const blockers = namespace?.blockers ?? []
  const why = blockers.length === 0 ? '' : ` It is held by: ${blockers.join(' ')}`
  return {
    reason: 'NamespaceTerminating',
    message: `The namespace ${namespace?.name ?? ''} is being deleted by somebody; it is made again as soon as it is gone.${why}`,
  }
}
